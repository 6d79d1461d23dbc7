import { composed, folded } from './folding';

/** From more than this on, one looks for a name rather than through a list. */
export const MANY = 30;
/** How many are offered at once. */
const MOST = 8;

/** Those whose name holds what was typed, case ignored: the name itself first, then those that begin with it. */
export function matching<T>(all: readonly T[], typed: string, nameOf: (each: T) => string): T[] {
  const wanted = folded(typed);
  const exact = composed(typed);
  const same: T[] = [];
  const beginning: T[] = [];
  const holding: T[] = [];
  for (const each of all) {
    const name = nameOf(each);
    const place = folded(name).indexOf(wanted);
    if (place < 0) continue;
    const list = composed(name) === exact ? same : place === 0 ? beginning : holding;
    if (list.length < MOST) list.push(each);
  }
  return [...same, ...beginning, ...holding].slice(0, MOST);
}

/** Places of those whose name holds what was typed, case ignored; null for all of them. */
export function placesOf(all: readonly { name: string }[], typed: string): number[] | null {
  const wanted = folded(typed.trim());
  if (wanted === '') return null;
  const places: number[] = [];
  all.forEach(({ name }, place) => {
    if (folded(name).includes(wanted)) places.push(place);
  });
  return places;
}

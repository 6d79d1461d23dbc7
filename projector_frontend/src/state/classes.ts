import type { ClassInfo } from '../api/types';

const MOST = 8;

/** Classes whose name holds the words typed, case ignored: those that begin with them first. */
export function matching(classes: readonly ClassInfo[], typed: string): ClassInfo[] {
  const wanted = typed.toLowerCase();
  if (wanted === '') return [];
  const place = (each: ClassInfo): number => each.name.toLowerCase().indexOf(wanted);
  const found = classes.filter((each) => place(each) >= 0);
  const rank = (each: ClassInfo): number => (each.name === typed ? -1 : Math.min(1, place(each)));
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
}

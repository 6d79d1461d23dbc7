import type { Disagreement, GivenBy } from '../api/types';
import { VERIFIED } from './labels';

/** A class that an image was given, and by whom. */
export interface Choice {
  label: string;
  by: readonly GivenBy[];
}

/** The classes that an image was given, the one given most often first. */
export function choicesOf({ given }: Disagreement): Choice[] {
  const byLabel = new Map<string, GivenBy[]>();
  for (const each of given) byLabel.set(each.label, [...(byLabel.get(each.label) ?? []), each]);
  return [...byLabel]
    .map(([label, by]) => ({ label, by }))
    .sort((a, b) => b.by.length - a.by.length || a.label.localeCompare(b.label, 'en'));
}

/** Those that are not settled: whoever settles one has verified it. */
export function unsettled(rows: readonly Disagreement[], states: Uint8Array): Disagreement[] {
  return rows.filter(({ row }) => states[row] !== VERIFIED);
}

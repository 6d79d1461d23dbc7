import { BEYOND_ASCII, composed, folded } from './folding';
import type { MetadataColumn } from './metadata';

/** What means something else in a regular expression. */
const SIGNS = /[\\^$.*+?()[\]{}|/-]/g;

/** What is looked for: words, or what stands between slashes. */
export type Wanted =
  | { kind: 'text'; text: string }
  | { kind: 'pattern'; pattern: RegExp }
  | { kind: 'problem'; problem: string };

/** Tells text, which is found as it stands and in any case, from a regular expression, `/…/`. */
export function wantedBy(query: string): Wanted {
  const text = query.trim();
  const expression = /^\/(.*)\/([iu]*)$/.exec(text);
  if (!expression) return { kind: 'text', text: folded(text) };
  try {
    return { kind: 'pattern', pattern: new RegExp(composed(expression[1] ?? ''), expression[2]) };
  } catch {
    return { kind: 'problem', problem: 'Not a complete regular expression yet.' };
  }
}

/** Rows in which any column contains the text, case ignored. */
export function rowsWithText(columns: readonly MetadataColumn[], text: string): Int32Array {
  // Told without a copy of each value: only what has it in ASCII, or has more than that, can contain it.
  const likely = new RegExp(`${text.replace(SIGNS, '\\$&')}|${BEYOND_ASCII}`, 'i');
  return rowsWhere(columns, (value) => likely.test(value) && folded(value).includes(text));
}

/**
 * Rows in which any column matches.
 *
 * How long that takes is up to the pattern, and may be for ever: only for where it can be stopped.
 */
export function rowsMatching(columns: readonly MetadataColumn[], pattern: RegExp): Int32Array {
  return rowsWhere(columns, (value) => pattern.test(composed(value)));
}

function rowsWhere(columns: readonly MetadataColumn[], test: (value: string) => boolean): Int32Array {
  const isFound = new Uint8Array(columns[0]?.codes.length ?? 0);
  for (const { words, codes } of columns) {
    const matches = Uint8Array.from(words, (word) => (test(word) ? 1 : 0));
    for (let row = 0; row < isFound.length; row++) if (matches[codes[row] as number] === 1) isFound[row] = 1;
  }
  const rows: number[] = [];
  for (let row = 0; row < isFound.length; row++) if (isFound[row] === 1) rows.push(row);
  return Int32Array.from(rows);
}

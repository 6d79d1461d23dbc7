import type { MetadataColumn } from '../api/types';

export type SearchResult = { rows: Int32Array; problem: null } | { rows: null; problem: string };

/** Rows in which any column contains the text, case ignored; `/…/` is a regular expression. */
export function searchRows(columns: readonly MetadataColumn[], query: string): SearchResult {
  const test = matcher(query.trim());
  if (typeof test === 'string') return { rows: null, problem: test };
  const rows: number[] = [];
  const count = columns[0]?.values.length ?? 0;
  for (let row = 0; row < count; row++)
    if (columns.some((column) => test(column.values[row] ?? ''))) rows.push(row);
  return { rows: Int32Array.from(rows), problem: null };
}

function matcher(query: string): ((value: string) => boolean) | string {
  const expression = /^\/(.*)\/([iu]*)$/.exec(query);
  if (!expression) {
    const needle = query.toLowerCase();
    return (value) => value.toLowerCase().includes(needle);
  }
  try {
    const pattern = new RegExp(expression[1] ?? '', expression[2]);
    return (value) => pattern.test(value);
  } catch {
    return 'Not a complete regular expression yet.';
  }
}

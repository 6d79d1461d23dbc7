import type { Points } from './points';

/** Rows by how near they are to their middle in the picture, the nearest first. */
export function extremesLast(rows: readonly number[], { columns, count, dimensions }: Points): number[] {
  if (count === 0) return [...rows];
  const distances = new Float64Array(rows.length);
  for (let axis = 0; axis < dimensions; axis++) {
    const value = (row: number): number => columns[axis * count + row] ?? 0;
    const middle = rows.reduce((sum, row) => sum + value(row), 0) / Math.max(1, rows.length);
    rows.forEach((row, at) => (distances[at] = (distances[at] as number) + (value(row) - middle) ** 2));
  }
  const places = rows.map((_, at) => at);
  return places
    .sort((a, b) => (distances[a] as number) - (distances[b] as number))
    .map((at) => rows[at] as number);
}

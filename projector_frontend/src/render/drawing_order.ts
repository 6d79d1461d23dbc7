/** Up to so many points are drawn whole in every frame, in the order of their rows, and as images all of them. */
export const MANY = 5_000;

/** The order in which rows are drawn. Where there are many it is random, so that the first of them are a fair sample. */
export interface DrawingOrder {
  /** The row of each rank. */
  rows: Uint32Array;
  /** The rank of each row. */
  ranks: Uint32Array;
}

/** The same order for the same number of rows, always. */
export function drawingOrder(count: number): DrawingOrder {
  const rows = Uint32Array.from({ length: count }, (_, row) => row);
  if (count <= MANY) return { rows, ranks: rows };
  let state = 1;
  for (let last = count - 1; last > 0; last--) {
    // Marsaglia's xorshift.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (last + 1);
    const row = rows[last] as number;
    rows[last] = rows[other] as number;
    rows[other] = row;
  }
  const ranks = new Uint32Array(count);
  for (let rank = 0; rank < count; rank++) ranks[rows[rank] as number] = rank;
  return { rows, ranks };
}

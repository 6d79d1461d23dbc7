/** Positions as they arrive: all x, then all y, then (3-D) all z. */
export interface Points {
  columns: Float32Array;
  count: number;
  dimensions: 2 | 3;
}

/** Squared distances from one row to every row, into `out`. */
export function squaredDistances(points: Points, row: number, out: Float32Array): Float32Array {
  const { columns, count, dimensions } = points;
  out.fill(0, 0, count);
  for (let axis = 0; axis < dimensions; axis++) {
    const start = axis * count;
    const from = columns[start + row] ?? 0;
    for (let i = 0; i < count; i++) {
      const step = (columns[start + i] as number) - from;
      out[i] = (out[i] as number) + step * step;
    }
  }
  return out;
}

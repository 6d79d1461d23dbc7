import { squaredDistances, type Points } from './points';

let scratch = new Float32Array(0);

/**
 * The `k` rows nearest to `row` in the embedding, nearest first, `row` itself left out.
 *
 * A heap of the k best so far is walked once over all rows; equal distances keep the lower row. Exact, about a
 * millisecond for 100,000 points, so that it can follow a slider being dragged.
 */
export function nearest(points: Points, row: number, k: number): Int32Array {
  if (scratch.length < points.count) scratch = new Float32Array(points.count);
  const distances = squaredDistances(points, row, scratch);
  const size = Math.max(0, Math.min(k, points.count - 1));
  const heap = new Int32Array(size);
  if (size === 0) return heap;

  // `a` is worse than `b` where it is farther, or as far with a higher row.
  const worse = (a: number, b: number): boolean => {
    const difference = (distances[a] as number) - (distances[b] as number);
    return difference !== 0 ? difference > 0 : a > b;
  };
  const sink = (from: number, length: number): void => {
    const item = heap[from] as number;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && worse(heap[child + 1] as number, heap[child] as number)) child++;
      if (!worse(heap[child] as number, item)) break;
      heap[place] = heap[child] as number;
      place = child;
    }
    heap[place] = item;
  };

  let filled = 0;
  for (let i = 0; i < points.count; i++) {
    if (i === row) continue;
    if (filled < size) {
      heap[filled++] = i;
      if (filled === size) for (let j = (size >> 1) - 1; j >= 0; j--) sink(j, size);
    } else if (worse(heap[0] as number, i)) {
      heap[0] = i;
      sink(0, size);
    }
  }
  for (let end = size - 1; end > 0; end--) {
    const farthest = heap[0] as number;
    heap[0] = heap[end] as number;
    heap[end] = farthest;
    sink(0, end);
  }
  return heap;
}

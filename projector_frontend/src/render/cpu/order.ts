const BUCKETS = 4096;

/**
 * Indices of `keys` from the lowest to the highest, by counting: linear, and as fine as it need be to be seen.
 *
 * @param limit every key is from 0 to below this; NaN leaves an index out
 * @returns how many of `out` are filled
 */
export function byDepth(keys: Float32Array, limit: number, out: Uint32Array): number {
  const starts = new Uint32Array(BUCKETS + 1);
  const factor = BUCKETS / limit;
  const { length } = keys;
  for (let i = 0; i < length; i++) {
    const key = keys[i] as number;
    if (key === key) count(starts, ((key * factor) | 0) + 1);
  }
  for (let bucket = 0; bucket < BUCKETS; bucket++)
    starts[bucket + 1] = (starts[bucket + 1] as number) + (starts[bucket] as number);
  for (let i = 0; i < length; i++) {
    const key = keys[i] as number;
    if (key === key) out[count(starts, (key * factor) | 0)] = i;
  }
  // Each start has moved on to where its bucket ends.
  return starts[BUCKETS - 1] as number;
}

/** Counts one more, and tells how many there were. */
function count(counts: Uint32Array, at: number): number {
  const before = counts[at] as number;
  counts[at] = before + 1;
  return before;
}

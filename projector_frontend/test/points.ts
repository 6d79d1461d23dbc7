import type { Points } from '../src/state/points';

/** Repeatable numbers in [0, 1). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** A cube full of points. */
export function cloud(count: number, dimensions: 2 | 3, seed: number): Points {
  const next = numbers(seed);
  return { columns: Float32Array.from({ length: count * dimensions }, next), count, dimensions };
}

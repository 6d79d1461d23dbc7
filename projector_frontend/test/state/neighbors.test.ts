import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/state/neighbors';
import type { Points } from '../../src/state/points';
import { cloud } from '../points';

/** Sorts everything: slow, and plainly right. */
function bySorting({ columns, count, dimensions }: Points, row: number, k: number): number[] {
  const distance = (other: number): number => {
    let sum = 0;
    for (let axis = 0; axis < dimensions; axis++)
      sum = Math.fround(
        sum + Math.fround((columns[axis * count + other]! - columns[axis * count + row]!) ** 2),
      );
    return sum;
  };
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => i !== row)
    .sort((a, b) => distance(a) - distance(b) || a - b)
    .slice(0, k);
}

describe('nearest', () => {
  test.each([
    [2, 1],
    [2, 17],
    [3, 50],
    [3, 299],
  ] as const)('agrees with sorting everything in %i-D for k = %i', (dimensions, k) => {
    const points = cloud(300, dimensions, 7);
    for (const row of [0, 123, 299]) expect([...nearest(points, row, k)]).toEqual(bySorting(points, row, k));
  });

  test('leaves the focus itself out, also where others stand on the same spot', () => {
    const points: Points = { columns: new Float32Array(2 * 4), count: 4, dimensions: 2 };
    expect([...nearest(points, 2, 3)]).toEqual([0, 1, 3]);
  });

  test('gives what there is when k asks for more', () => {
    expect(nearest(cloud(5, 2, 1), 0, 500)).toHaveLength(4);
    expect(nearest(cloud(1, 3, 1), 0, 5)).toHaveLength(0);
  });
});

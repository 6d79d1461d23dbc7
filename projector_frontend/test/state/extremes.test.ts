import { expect, test } from 'vitest';
import { extremesLast } from '../../src/state/extremes';

test('the nearest to the middle come first, over all axes', () => {
  const columns = Float32Array.of(0, 1, 2, 30, 9, 0, 0, 0, 0, 9);
  expect(extremesLast([3, 0, 1, 2], { columns, count: 5, dimensions: 2 })).toEqual([2, 1, 0, 3]);
});

test('without a picture the order stays', () => {
  expect(extremesLast([3, 1], { columns: new Float32Array(0), count: 0, dimensions: 3 })).toEqual([3, 1]);
});

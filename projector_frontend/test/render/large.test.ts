import { expect, test } from 'vitest';
import { largest } from '../../src/render/large';

const x = Float32Array.of(10, 20, 30, NaN, 200);
const y = Float32Array.of(10, 20, 30, 20, 20);

test('only what is large, on screen and not hidden gets a larger picture, the largest first', () => {
  const size = Float32Array.of(50, 90, 20, 50, 99);
  const view = { width: 100, height: 100 };
  const projection = { x, y, depth: size, size };
  expect(largest(projection, view, 40, 9)).toEqual([1, 0]);
  expect(largest(projection, view, 40, 1)).toEqual([1]);
  expect(largest(projection, view, 40, 9, (at) => at === 1)).toEqual([0]);
});

import { expect, test } from 'vitest';
import { byDepth } from '../../../src/render/cpu/order';

test('rows come front to back, and those without a key not at all', () => {
  const order = new Uint32Array(5);
  const drawn = byDepth(Float32Array.of(3.5, 0.5, NaN, 2.25, 1), 4, order);
  expect([...order.slice(0, drawn)]).toEqual([1, 4, 3, 0]);
});

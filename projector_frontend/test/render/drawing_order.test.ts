import { expect, test } from 'vitest';
import { drawingOrder, MANY } from '../../src/render/drawing_order';

test('few are drawn in the order of their rows', () => {
  expect([...drawingOrder(4).rows]).toEqual([0, 1, 2, 3]);
});

test('the first of many are a fair sample of all, whatever order the rows have', () => {
  const count = 4 * MANY;
  const { rows } = drawingOrder(count);
  const classes = new Uint32Array(16);
  const quarters = new Uint32Array(4);
  for (const row of rows.subarray(0, MANY / 2)) {
    classes[row % 16]!++;
    quarters[Math.floor((4 * row) / count)]!++;
  }
  for (const found of classes) expect(Math.abs(found / (MANY / 32) - 1)).toBeLessThan(0.2);
  for (const found of quarters) expect(Math.abs(found / (MANY / 8) - 1)).toBeLessThan(0.1);
});

test('each row has one rank, the same every time', () => {
  const { rows, ranks } = drawingOrder(MANY + 1);
  expect([...new Set(rows)]).toHaveLength(MANY + 1);
  expect(rows.every((row, rank) => ranks[row] === rank)).toBe(true);
  expect(drawingOrder(MANY + 1).rows).toEqual(rows);
});

import { expect, test } from 'vitest';
import { tileRect } from '../../src/state/sprites';

test('image i stands in column i mod columns, row i div columns of the sheet', () => {
  const sprite = { pages: 1, columns: 4, tile: [48, 32] as [number, number] };
  expect(tileRect(sprite, 0)).toEqual([0, 0, 48, 32]);
  expect(tileRect(sprite, 6)).toEqual([96, 32, 48, 32]);
});

import { expect, test } from 'vitest';
import { drawingOrder } from '../../src/render/drawing_order';
import { hasColors, HIDDEN, LABELED, SELECTED, SUGGESTED, writeLooks } from '../../src/render/renderer';

test('looks tell labelled from suggested, selected and hidden', () => {
  const looks = new Uint8Array(12);
  const colors = Uint8Array.of(9, 9, 9, 255, 9, 9, 9, 128, 0, 0, 0, 0);
  writeLooks(looks, colors, [2], Uint8Array.of(0, 1, 0), drawingOrder(3));
  expect([looks[3], looks[7], looks[11]]).toEqual([LABELED, SUGGESTED | HIDDEN, SELECTED]);
});

test('looks stand in the drawing order', () => {
  const looks = new Uint8Array(12);
  const order = { rows: Uint32Array.of(2, 0, 1), ranks: Uint32Array.of(1, 2, 0) };
  const colors = Uint8Array.of(10, 0, 0, 255, 20, 0, 0, 255, 30, 0, 0, 0);
  writeLooks(looks, colors, [1], Uint8Array.of(0, 0, 1), order);
  expect([...looks]).toEqual([30, 0, 0, HIDDEN, 10, 0, 0, LABELED, 20, 0, 0, LABELED | SELECTED]);
});

test('tells whether anything has a colour', () => {
  expect(hasColors(new Uint8Array(8))).toBe(false);
  expect(hasColors(Uint8Array.of(9, 9, 9, 0, 0, 0, 0, 128))).toBe(true);
});

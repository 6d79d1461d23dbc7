import { expect, test } from 'vitest';
import { HIDDEN, LABELED, SELECTED, SUGGESTED, writeLooks } from '../../src/render/renderer';

test('looks tell labelled from suggested, selected and hidden', () => {
  const looks = new Uint8Array(12);
  const colors = Uint8Array.of(9, 9, 9, 255, 9, 9, 9, 128, 0, 0, 0, 0);
  writeLooks(looks, colors, [2], Uint8Array.of(0, 1, 0));
  expect([looks[3], looks[7], looks[11]]).toEqual([LABELED, SUGGESTED | HIDDEN, SELECTED]);
});

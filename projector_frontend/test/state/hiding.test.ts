import { expect, test } from 'vitest';
import { IGNORED, UNSURE } from '../../src/state/labels';
import { encoded } from '../../src/state/metadata';
import { hiddenRows, isolated, toggled } from '../../src/state/hiding';

const labels = Int32Array.of(1, 2, -1, 1);

test('a class is hidden by its id, and everything labelled by one switch', () => {
  expect(hiddenRows(labels, null, new Set(), false, true)).toBeNull();
  expect([...hiddenRows(labels, null, new Set(['1']), false, true)!]).toEqual([1, 0, 0, 1]);
  expect([...hiddenRows(labels, null, new Set(['-1']), true, true)!]).toEqual([1, 1, 1, 1]);
});

test('while a column colours the view, its values are what is hidden', () => {
  const column = encoded('year', ['a', 'b', 'a', 'c']);
  expect([...hiddenRows(labels, column, new Set(['a']), false, true)!]).toEqual([1, 0, 1, 0]);
});

test('what is ignored is hidden unless it is asked for, and is not counted as labelled', () => {
  const aside = Int32Array.of(1, UNSURE, IGNORED);
  expect([...hiddenRows(aside, null, new Set(), false, true)!]).toEqual([0, 0, 1]);
  expect(hiddenRows(aside, null, new Set(), false, false)).toBeNull();
  expect([...hiddenRows(aside, null, new Set([String(UNSURE)]), true, false)!]).toEqual([1, 1, 0]);
});

test('a group alone is isolated, and again brings all back', () => {
  const all = ['1', '2', '3'];
  const alone = isolated(new Set(), all, '2');
  expect([...alone]).toEqual(['1', '3']);
  expect(isolated(alone, all, '2').size).toBe(0);
  expect([...toggled(toggled(new Set(), '1'), '1')]).toEqual([]);
});

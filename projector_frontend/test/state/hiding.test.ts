import { expect, test } from 'vitest';
import { hiddenRows, isolated, toggled } from '../../src/state/hiding';

const labels = Int32Array.of(1, 2, -1, 1);

test('a class is hidden by its id, and everything labelled by one switch', () => {
  expect(hiddenRows(labels, null, new Set(), false)).toBeNull();
  expect([...hiddenRows(labels, null, new Set(['1']), false)!]).toEqual([1, 0, 0, 1]);
  expect([...hiddenRows(labels, null, new Set(['-1']), true)!]).toEqual([1, 1, 1, 1]);
});

test('while a column colours the view, its values are what is hidden', () => {
  const column = { name: 'year', values: ['a', 'b', 'a', 'c'] };
  expect([...hiddenRows(labels, column, new Set(['a']), false)!]).toEqual([1, 0, 1, 0]);
});

test('a group alone is isolated, and again brings all back', () => {
  const all = ['1', '2', '3'];
  const alone = isolated(new Set(), all, '2');
  expect([...alone]).toEqual(['1', '3']);
  expect(isolated(alone, all, '2').size).toBe(0);
  expect([...toggled(toggled(new Set(), '1'), '1')]).toEqual([]);
});

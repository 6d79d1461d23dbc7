import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../src/contract';
import { matching } from '../../src/state/classes';
import { paletteColor } from '../../src/state/colors';
import { hiddenRows, isolated, toggled } from '../../src/state/hiding';
import { chosenHow, effort, effortCurve } from '../../src/state/history';
import { addRows, dropRows, found, members, NOTHING, note } from '../../src/state/selection';
import { snippet } from '../../src/state/snippet';

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

test('classes are found by their first letters first, whatever their case', () => {
  const classes = ['neutrophil', 'Eosinophil', 'monocyte'].map((name, id) => ({
    id,
    name,
    color: '#000000',
  }));
  expect(matching(classes, 'N').map((each) => each.name)).toEqual(['neutrophil', 'Eosinophil', 'monocyte']);
  expect(matching(classes, 'phil').map((each) => each.id)).toEqual([0, 1]);
  expect(matching(classes, '')).toEqual([]);
});

test('a box adds what it holds once, and takes it out again', () => {
  const first = found('lasso', Int32Array.of(1, 2));
  const both = addRows(first, 'box', Int32Array.of(2, 3));
  expect(members(both)).toEqual([1, 2, 3]);
  expect(members(dropRows(both, Int32Array.of(1, 9)))).toEqual([2, 3]);
  expect(dropRows(both, Int32Array.of(1, 2, 3))).toBe(NOTHING);
  expect(members(addRows(dropRows(both, Int32Array.of(1)), 'box', Int32Array.of(1)))).toEqual([1, 2, 3]);
  expect(note(both, String)).toEqual({ kind: 'lasso', dropped: 0 });
});

test('the history says how images were chosen', () => {
  expect(chosenHow({ kind: 'neighbors', k: 37, dropped: 2 })).toBe(
    'Chosen by an image and its 37 nearest, 2 dropped',
  );
  expect(chosenHow({ kind: 'lasso' })).toBe('Chosen by a lasso');
  expect(chosenHow(null)).toBe('');
});

test('the curve of the meter ends where the meter stands, and what was undone is not in it', () => {
  const entry = (revision: number, count: number, undone = false): HistoryEntry => ({
    ...{
      revision,
      kind: 'apply',
      time: '',
      author: null,
      summary: '',
      class_id: 1,
      count,
      target: null,
      undone,
    },
    selection: { kind: 'neighbors', dropped: 1 },
  });
  const entries = [entry(3, 5), entry(2, 100, true), entry(1, 20)];
  expect(effortCurve(entries)).toEqual([
    [0, 0],
    [3, 20],
    [6, 25],
  ]);
  expect(effort(entries)).toEqual({ actions: 6, labels: 25 });
});

test('a hundred classes have a hundred colours', () => {
  const colors = Array.from({ length: 100 }, (_, index) => paletteColor(index));
  expect(new Set(colors).size).toBe(100);
});

test('the snippet quotes whatever a run is called', () => {
  expect(snippet('a "b"')).toContain('read_labels("LOGDIR/a \\"b\\"")');
});

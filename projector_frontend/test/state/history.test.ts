import { describe, expect, test } from 'vitest';
import type { HistoryEntry } from '../../src/api/types';
import { chosenHow, effort, lastLabel, mergeHistory, NO_EFFORT, readable } from '../../src/state/history';

const entry = (revision: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  revision,
  kind: 'apply',
  time: '2026-01-05T10:31:02Z',
  author: 'ann',
  summary: '',
  class_id: 1,
  count: 20,
  target: null,
  undone: false,
  selection: { kind: 'neighbors', k: 20, dropped: 0 },
  actions: 2,
  labels: 20,
  own: true,
  yours: 0,
  ...more,
});

describe('effort', () => {
  test('sums what the server says each entry cost, after all that is older', () => {
    const before = { actions: 10, labels: 100, curve: [[10, 100] as const] };
    const entries = [entry(8, { actions: 5, labels: 3 }), entry(7)];
    expect(effort(entries, before)).toEqual({
      actions: 17,
      labels: 123,
      curve: [
        [10, 100],
        [12, 120],
        [17, 123],
      ],
    });
  });

  test('what was undone or imported counts nothing', () => {
    const entries = [entry(1, { undone: true }), entry(2, { kind: 'import', actions: 0 })];
    expect(effort(entries, NO_EFFORT)).toEqual(NO_EFFORT);
  });

  test('looking at labels again is work, and gives none', () => {
    expect(effort([entry(1, { labels: 0, count: 5 })], NO_EFFORT)).toMatchObject({
      actions: 2,
      labels: 0,
    });
  });
});

describe('taking in fresh entries', () => {
  test('keeps the newest first and each once', () => {
    const merged = mergeHistory([entry(2), entry(1)], [entry(3), entry(2)]);
    expect(merged.map((each) => each.revision)).toEqual([3, 2, 1]);
  });

  test('marks the target of an undo that the fresh page does not reach', () => {
    const merged = mergeHistory([entry(2), entry(1)], [entry(3, { kind: 'undo', target: 1 })]);
    expect(merged.map((each) => each.undone)).toEqual([false, false, true]);
  });

  test('takes the mark back at a redo', () => {
    const merged = mergeHistory(
      [entry(2), entry(1, { undone: true })],
      [entry(3, { kind: 'redo', target: 1 })],
    );
    expect(merged.at(-1)?.undone).toBe(false);
  });

  test('believes the server where it tells of the target itself', () => {
    const fresh = [entry(3, { kind: 'undo', target: 2 }), entry(2, { undone: false })];
    expect(mergeHistory([], fresh)[1]?.undone).toBe(false);
  });
});

test('undo and redo are read off what they touched', () => {
  const entries = [entry(3, { kind: 'redo' }), entry(2, { kind: 'undo' }), entry(1)];
  expect(readable(entries).map((each) => each.revision)).toEqual([1]);
});

test('the label given last is neither a clearing nor one that was undone', () => {
  const entries = [
    entry(4, { class_id: null }),
    entry(3, { class_id: 7, undone: true }),
    entry(2, { kind: 'rename', class_id: 9 }),
    entry(1, { class_id: 5 }),
  ];
  expect(lastLabel(entries)).toBe(5);
  expect(lastLabel([])).toBeNull();
});

test('the history says how images were chosen', () => {
  expect(chosenHow({ kind: 'neighbors', k: 37, dropped: 2 })).toBe(
    'Chosen by an image and its 37 nearest, 2 dropped',
  );
  expect(chosenHow({ kind: 'lasso' })).toBe('Chosen by a lasso');
  expect(chosenHow(null)).toBe('');
});

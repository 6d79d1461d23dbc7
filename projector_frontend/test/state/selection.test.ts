import { describe, expect, test } from 'vitest';
import {
  add,
  addRows,
  around,
  drop,
  dropRows,
  found,
  members,
  NOTHING,
  note,
  only,
  shownRows,
  toggle,
  withK,
} from '../../src/state/selection';

const ranked = Int32Array.of(5, 6, 7, 8);
const group = around(1, ranked, 3);

describe('a group round a focus', () => {
  test('is the focus and its k nearest, in order', () => {
    expect(members(group)).toEqual([1, 5, 6, 7]);
  });

  test('keeps k between one and what there is', () => {
    expect(around(1, ranked, 99).k).toBe(4);
    expect(around(1, ranked, 0).k).toBe(1);
    expect(around(1, new Int32Array(0), 20).k).toBe(0);
  });

  test('keeps a dropped image in the grid, and out of the selection', () => {
    const without = drop(group, 6);
    expect(shownRows(without)).toEqual([1, 5, 6, 7]);
    expect(members(without)).toEqual([1, 5, 7]);
  });

  test('restores a dropped image in its old place', () => {
    expect(members(toggle(toggle(group, 6), 6))).toEqual([1, 5, 6, 7]);
  });

  test('keeps dropped and added images when k changes', () => {
    const changed = withK(add(drop(group, 6), 40), 4, ranked);
    expect(members(changed)).toEqual([1, 5, 7, 8, 40]);
  });

  test('does not show an image twice when a larger k reaches an added one', () => {
    expect(shownRows(withK(add(group, 8), 4, ranked))).toEqual([1, 5, 6, 7, 8]);
  });
});

test('adding to nothing selects that one image', () => {
  expect(add(NOTHING, 9)).toEqual(only(9));
});

test('dropping the last image leaves nothing selected', () => {
  expect(drop(only(3), 3)).toBe(NOTHING);
});

test('dropping an image that is not selected changes nothing', () => {
  expect(drop(group, 99)).toBe(group);
});

test('a search that finds nothing selects nothing', () => {
  expect(found('search', new Int32Array(0), 'x')).toBe(NOTHING);
});

describe('what the history keeps', () => {
  const idOf = (row: number): string => `s${row}`;

  test('is focus, k and the number dropped, for a group', () => {
    expect(note(drop(group, 6), idOf)).toEqual({ kind: 'neighbors', focus: 's1', k: 3, dropped: 1 });
  });

  test('is the words searched for, cut to a length that fits', () => {
    const long = found('search', ranked, 'x'.repeat(5000));
    expect(note(long, idOf)).toEqual({ kind: 'search', query: 'x'.repeat(200), dropped: 0 });
  });

  test('counts the images picked one by one after the first', () => {
    expect(note(add(add(only(1), 2), 3), idOf)).toEqual({ kind: 'single', k: 2, dropped: 0 });
  });
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

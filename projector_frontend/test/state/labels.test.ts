import { describe, expect, test } from 'vitest';
import type { EditAnswer } from '../../src/api/types';
import {
  labelStateFrom,
  countByClass,
  foldEdit,
  rowsOfClass,
  UNLABELED,
  withPending,
} from '../../src/state/labels';

const state = labelStateFrom({
  store: 'this',
  revision: 41,
  version: '',
  can_undo: false,
  can_redo: false,
  problem: null,
  orphans: 0,
  columns: ['label'],
  classes: [],
  labels: [1, -1, -1, 2],
});
const rowOf = new Map([
  ['a', 0],
  ['b', 1],
  ['c', 2],
  ['d', 3],
]);
const classes = [{ id: 1, name: 'x', color: '#E69F00', position: 0 }];
const result = (revision: number, changes: [string, number | null][]): EditAnswer => ({
  store: 'this',
  revision,
  repeated: false,
  kind: 'apply',
  target: null,
  class_id: null,
  can_undo: true,
  can_redo: true,
  changes,
  classes,
});

describe('taking in an edit result', () => {
  test('changes the named samples, clears those with null, and takes the classes', () => {
    const next = foldEdit(state, result(42, [['b', 1], ['d', null]]), rowOf, false); // prettier-ignore
    expect([...next.labels]).toEqual([1, 1, -1, -1]);
    expect(next).toMatchObject({ revision: 42, canUndo: true, canRedo: true, classes });
  });

  test('leaves the state it came from as it was', () => {
    foldEdit(state, result(42, [['b', 1]]), rowOf, false);
    expect([...state.labels]).toEqual([1, -1, -1, 2]);
  });

  test('skips what is known already, as an answer sent twice is', () => {
    expect(foldEdit(state, result(41, [['b', 1]]), rowOf, true)).toBe(state);
  });

  test('passes over samples this tensor does not have', () => {
    expect([...foldEdit(state, result(42, [['gone', 1]]), rowOf, false).labels]).toEqual([1, -1, -1, 2]);
  });

  test("does not step over somebody else's edit in between", () => {
    const own = foldEdit(state, result(43, [['b', 1]]), rowOf, false);
    expect(own.revision).toBe(41);
    const all = foldEdit(own, result(43, [['b', 1], ['c', 2]]), rowOf, true); // prettier-ignore
    expect(all.revision).toBe(43);
    expect([...all.labels]).toEqual([1, 1, 2, 2]);
  });
});

describe('labels waiting to be confirmed', () => {
  const pending = {
    opId: 'x',
    store: 'this',
    run: 'r',
    column: 'label',
    sampleIds: ['a', 'b'],
    classId: 2,
    onlyUnlabeled: true,
  };

  test('are shown on top of the confirmed ones, and never over a label', () => {
    expect([...withPending(state.labels, [pending], rowOf)]).toEqual([1, 2, -1, 2]);
  });

  test('replace labels where that was asked for', () => {
    expect([...withPending(state.labels, [{ ...pending, onlyUnlabeled: false }], rowOf)]).toEqual([
      2, 2, -1, 2,
    ]);
  });

  test('clear labels where the class is none', () => {
    const clear = { ...pending, classId: null, onlyUnlabeled: false };
    expect([...withPending(state.labels, [clear], rowOf)]).toEqual([UNLABELED, UNLABELED, -1, 2]);
  });

  test('leave the confirmed labels alone, so that a refusal takes them back', () => {
    withPending(state.labels, [pending], rowOf);
    expect([...withPending(state.labels, [], rowOf)]).toEqual([1, -1, -1, 2]);
  });
});

test('classes are counted, the unlabelled among them', () => {
  expect(Object.fromEntries(countByClass(state.labels))).toEqual({ 1: 1, 2: 1, [UNLABELED]: 2 });
});

test('the rows of a class come in order', () => {
  expect([...rowsOfClass(state.labels, UNLABELED)]).toEqual([1, 2]);
});

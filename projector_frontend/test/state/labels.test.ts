import { describe, expect, test } from 'vitest';
import type { EditAnswer, State } from '../../src/api/types';
import {
  labelStateFrom,
  countByClass,
  foldEdit,
  rowsOfClass,
  IGNORED,
  UNLABELED,
  UNSURE,
  withPending,
  type Pending,
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
  blind: {},
  classes: [],
  labels: [1, -1, -1, 2],
  states: [1, 0, 0, 2],
});
const rowOf = new Map([
  ['a', 0],
  ['b', 1],
  ['c', 2],
  ['d', 3],
]);
const classes = [{ id: 1, name: 'x', color: '#E69F00', position: 0 }];
const result = (revision: number, changes: [string, number | null, State?][]): EditAnswer => ({
  store: 'this',
  revision,
  repeated: false,
  stayed: [],
  kind: 'apply',
  target: null,
  class_id: null,
  can_undo: true,
  can_redo: true,
  changes: changes.map(([id, classId, after]) => [
    id,
    classId,
    after ?? (classId === null ? 'unlabeled' : 'labeled'),
  ]),
  classes,
});

describe('taking in an edit result', () => {
  test('changes the named samples, clears those with null, and takes the classes', () => {
    const next = foldEdit(state, result(42, [['b', 1], ['d', null]]), rowOf, false); // prettier-ignore
    expect([...next.labels]).toEqual([1, 1, -1, -1]);
    expect(next).toMatchObject({ revision: 42, canUndo: true, canRedo: true, classes });
  });

  test('takes the states, and no label from what was set aside', () => {
    const next = foldEdit(state, result(42, [['a', 1, 'verified'], ['d', 2, 'unsure']]), rowOf, false); // prettier-ignore
    expect([...next.labels]).toEqual([1, -1, -1, UNSURE]);
    expect([...next.states]).toEqual([3, 0, 0, 4]);
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
  const pending: Pending = {
    opId: 'x',
    store: 'this',
    run: 'r',
    column: 'label',
    sampleIds: ['a', 'b'],
    classId: 2,
    state: 'labeled',
    onlyUnlabeled: true,
  };

  const shown = (...changes: Partial<Pending>[]): [number[], number[]] => {
    const marks = withPending(state, changes.map((each) => ({ ...pending, ...each })), rowOf); // prettier-ignore
    return [[...marks.labels], [...marks.states]];
  };

  test('are shown on top of the confirmed ones, and never over a label', () => {
    expect(shown({})).toEqual([[1, 2, -1, 2], [1, 1, 0, 2]]); // prettier-ignore
  });

  test('replace labels where that was asked for', () => {
    expect(shown({ onlyUnlabeled: false, state: 'seen' })).toEqual([[2, 2, -1, 2], [2, 2, 0, 2]]); // prettier-ignore
  });

  test('clear labels where the class is none', () => {
    const clear = { classId: null, onlyUnlabeled: false };
    expect(shown(clear)).toEqual([[UNLABELED, UNLABELED, -1, 2], [0, 0, 0, 2]]); // prettier-ignore
  });

  test('never make a label less sure than it is', () => {
    const again = { sampleIds: ['d'], onlyUnlabeled: false };
    expect(shown({ ...again, state: 'labeled' })[1]).toEqual([1, 0, 0, 2]);
    expect(shown({ ...again, state: 'verified' })[1]).toEqual([1, 0, 0, 3]);
    expect(shown({ ...again, classId: 1, state: 'labeled' })[1]).toEqual([1, 0, 0, 1]);
  });

  test('take the label of what is set aside, and give it one again', () => {
    const aside = { sampleIds: ['c', 'd'], classId: null, state: 'unsure' as const, onlyUnlabeled: false };
    expect(shown(aside)).toEqual([[1, -1, UNSURE, UNSURE], [1, 0, 4, 4]]); // prettier-ignore
    expect(shown(aside, { sampleIds: ['c'] })).toEqual([[1, -1, UNSURE, UNSURE], [1, 0, 4, 4]]); // prettier-ignore
    const named = { sampleIds: ['c'], onlyUnlabeled: false };
    expect(shown(aside, named)).toEqual([[1, -1, 2, UNSURE], [1, 0, 1, 4]]); // prettier-ignore
  });

  test('are not shown where they are to be undone', () => {
    expect(shown({}, { sampleIds: ['c'], undone: true })).toEqual([[1, 2, -1, 2], [1, 1, 0, 2]]); // prettier-ignore
  });

  test('leave the confirmed labels alone, so that a refusal takes them back', () => {
    shown({});
    expect(withPending(state, [], rowOf)).toBe(state);
    expect([...state.states]).toEqual([1, 0, 0, 2]);
  });
});

test('what is set aside counts as no class, whatever it had', () => {
  const kept = foldEdit(state, result(42, [['a', 1, 'unsure'], ['b', null, 'ignored']]), rowOf, true); // prettier-ignore
  expect([...kept.labels]).toEqual([UNSURE, IGNORED, -1, 2]);
  expect(Object.fromEntries(countByClass(kept.labels))).toEqual({ 2: 1, [-1]: 1, [UNSURE]: 1, [IGNORED]: 1 });
});

test('classes are counted, the unlabelled among them', () => {
  expect(Object.fromEntries(countByClass(state.labels))).toEqual({ 1: 1, 2: 1, [UNLABELED]: 2 });
});

test('the rows of a class come in order', () => {
  expect([...rowsOfClass(state.labels, UNLABELED)]).toEqual([1, 2]);
});

import { expect, test } from 'vitest';
import {
  acceptable,
  expectedLabels,
  groupReason,
  forecastOf,
  groupsLeft,
  issueReason,
  toVerifyFrom,
  withSuggestedColors,
  type QueryCandidate,
  type Suggestions,
} from '../../src/state/guidance';
import { around, found, NOTHING } from '../../src/state/selection';

const CLASSES = [
  { id: 1, name: 'cat', color: '#FF0000', position: 0 },
  { id: 2, name: 'dog', color: '#0000FF', position: 1 },
];
const LABELS = Int32Array.of(1, -1, -1, -1, 2, -1);
const SUGGESTED: Suggestions = {
  revision: 3,
  classIds: Int32Array.of(1, 1, 1, 2, 2, -1),
  percent: Float32Array.of(99, 95, 60, 92, 99, 0),
  second: new Int32Array(0),
};
const group = (focus: number, more: Partial<QueryCandidate> = {}): QueryCandidate => ({
  focus,
  k: 3,
  members: [2, 3],
  belongs: [0.9, 0.2],
  classId: 1,
  confidence: 0.8,
  ...more,
});

test('the next group is one not seen whose focus is free; when all were seen, the best again', () => {
  const candidates = [group(0), group(1), group(5)];
  expect(groupsLeft(candidates, LABELS, new Set()).map(({ focus }) => focus)).toEqual([1, 5]);
  expect(groupsLeft(candidates, LABELS, new Set([1])).map(({ focus }) => focus)).toEqual([5]);
  expect(groupsLeft(candidates, LABELS, new Set([1, 5])).map(({ focus }) => focus)).toEqual([1, 5]);
  expect(groupsLeft([group(0)], LABELS, new Set())).toEqual([]);
});

test('a group is expected to give its focus and those that belong', () => {
  expect(expectedLabels(group(1))).toBe(2);
});

test('sure suggestions are accepted by class, and labelled images never', () => {
  expect(acceptable(SUGGESTED, LABELS, 90, null, CLASSES)).toEqual(
    new Map([
      [1, [1]],
      [2, [3]],
    ]),
  );
  expect(acceptable(SUGGESTED, LABELS, 50, [2, 4], CLASSES)).toEqual(new Map([[1, [2]]]));
});

test('suggestions for a class that was deleted meanwhile, or for another run, are left alone', () => {
  expect(acceptable(SUGGESTED, LABELS, 90, null, CLASSES.slice(1))).toEqual(new Map([[2, [3]]]));
  expect(acceptable(SUGGESTED, LABELS.slice(1), 0, null, CLASSES).size).toBe(0);
});

test('suggested colours are hollow, and only where they are sure and no label is', () => {
  const colors = withSuggestedColors(new Uint8Array(24).fill(7), LABELS, SUGGESTED, CLASSES, 90);
  expect([...colors.slice(0, 4)]).toEqual([7, 7, 7, 7]);
  expect([...colors.slice(4, 8)]).toEqual([255, 0, 0, 128]);
  expect([...colors.slice(8, 12)]).toEqual([7, 7, 7, 7]);
  expect([...colors.slice(12, 16)]).toEqual([0, 0, 255, 128]);
});

test('a proposed group is judged by its own chances', () => {
  const forecast = forecastOf(around(1, Int32Array.of(2, 3, 4), 3), LABELS, null, [group(1)], 2);
  expect(forecast?.purity).toBeCloseTo((1 + 0.9 + 0.2) / 3);
  expect(forecast?.bestK).toBe(3);
  expect(forecast?.dropChances.get(3)).toBeCloseTo(0.8);
});

test('any other group is judged by the suggestions, and its best k stops before the strangers', () => {
  const forecast = forecastOf(around(1, Int32Array.of(2, 0, 3), 3), LABELS, SUGGESTED, [], 2);
  expect(forecast?.dropChances.get(2)).toBeCloseTo(0.4);
  expect(forecast?.dropChances.get(3)).toBeCloseTo(0.92);
  expect(forecast?.purity).toBeCloseTo((1 + 0.6 + 0.08) / 3);
  const sure: Suggestions = { ...SUGGESTED, percent: SUGGESTED.percent.map(() => 99) };
  const wide = Int32Array.of(2, 0, 3);
  expect(forecastOf(around(1, wide, 3), Int32Array.of(-1, -1, -1, -1, 2, -1), sure, [], 2)?.bestK).toBe(2);
});

test('without a selection, or with nothing free in it, there is nothing to expect', () => {
  expect(forecastOf(NOTHING, LABELS, SUGGESTED, [], 2)).toBeNull();
  expect(forecastOf(found('lasso', Int32Array.of(0, 4)), LABELS, SUGGESTED, [], 2)).toBeNull();
});

test('what is to verify comes in rows: groups, and labels that either model contradicts', () => {
  const rowOf = new Map(['a', 'b', 'c', 'd', 'e', 'f'].map((id, row) => [id, row]));
  const issue = (sample_id: string, expected: number, self_confidence: number) => ({
    sample_id,
    class_id: 1,
    expected,
    self_confidence,
    n_labeled: 9,
    n_same: 1,
    n_expected: 8,
  });
  const look = (sample_id: string, confidence: number) => ({
    sample_id,
    class_id: 1,
    expected: 2,
    confidence,
  });
  const found = toVerifyFrom(
    {
      column: 'label',
      revision: 1,
      groups: [
        { class_id: 1, expected: 2, confidence: 0.1, members: ['e', 'gone', 'f'] },
        { class_id: 1, expected: 1, confidence: 0.9, members: ['c'] }, // doubtful, though nothing else is expected
      ],
      label_issues: [issue('a', 2, 0.2), issue('b', 1, 0.9), issue('gone', 2, 0)],
      second_looks: [look('a', 0.01), look('b', 0.05), look('d', 0.3), look('e', 0.4)],
    },
    rowOf,
  );
  expect(found.groups).toEqual([
    { rows: [4, 5], classId: 1, expected: 2 },
    { rows: [2], classId: 1, expected: 1 },
  ]);
  expect(found.labels.map(({ row, expected, n_labeled }) => [row, expected, n_labeled])).toEqual([
    [1, 2, 0],
    [0, 2, 9],
    [3, 2, 0],
  ]);
});

test('a doubtful group says what is expected of it, if anything else is', () => {
  const name = (id: number): string => CLASSES.find((each) => each.id === id)?.name ?? '';
  expect(groupReason({ rows: [4], classId: 1, expected: 2 }, name)).toBe('what is around them says dog');
  expect(groupReason({ rows: [4], classId: 1, expected: 1 }, name)).toBe('little around them agrees');
});

test('a label issue says what its neighbours are', () => {
  const issue = {
    row: 1,
    class_id: 1,
    expected: 2,
    self_confidence: 0,
    n_labeled: 9,
    n_same: 1,
    n_expected: 8,
  };
  const name = (id: number): string => CLASSES.find((each) => each.id === id)?.name ?? '';
  expect(issueReason(issue, name)).toBe('8 of 9 labelled neighbours are dog, 1 cat');
});

import { expect, test } from 'vitest';
import type { NextStepsAnswer } from '../../src/api/types';
import { UNSURE } from '../../src/state/labels';
import { nextStep, stepsFrom, stepWords, type NextStep } from '../../src/state/next_steps';
import { classesToReview, type Known } from '../../src/state/review';

const known = (
  labels: number[],
  percent = 90,
  states: number[] = labels.map((each) => (each > 0 ? 2 : 0)),
): Known => ({
  labels: Int32Array.from(labels),
  states: Uint8Array.from(states),
  suggestions: {
    revision: 1,
    classIds: Int32Array.from(labels, () => 1),
    percent: Float32Array.from(labels, () => percent),
    second: new Int32Array(0),
  },
});
const after = (of: Known, steps: readonly NextStep[] = [], lookedAt: number[] = []): NextStep | null =>
  nextStep(steps, of, classesToReview(of, [1]), 50, new Set(lookedAt));
const GROUP: NextStep = { kind: 'group', row: 3 };
const PAGE: NextStep = { kind: 'page', classId: 1, right: 0.96, corrections: 0 };

test('the steps of guidance come in rows, and what this page does not know is passed over', () => {
  const step = { class_id: null, sample_id: null, shown: 0, right: 0.5, n: 0 };
  const answer = (steps: NextStepsAnswer['steps']): NextStepsAnswer => ({
    number: 1,
    column: 'label',
    revision: 1,
    steps,
  });
  const steps = stepsFrom(
    answer([
      { ...step, kind: 'group', sample_id: 'b', class_id: 1 },
      { ...step, kind: 'single', sample_id: 'gone' },
      { ...step, kind: 'page', class_id: 2, right: 0.9 },
      { ...step, kind: 'check', shown: 60, n: 812 },
      { ...step, kind: 'verify', n: 5 },
      { ...step, kind: 'done' },
    ]),
    new Map([['b', 7]]),
  );
  expect(steps).toEqual([
    { kind: 'group', row: 7 },
    { kind: 'page', classId: 2, right: 0.9, corrections: 0 },
    { kind: 'check', shown: 60, population: 812 },
    { kind: 'verify', count: 5 },
  ]);
});

test('the first step that there still is something to do for comes next', () => {
  const open = known([1, -1, -1, -1]);
  expect(after(open, [GROUP, PAGE])).toEqual(GROUP);
  expect(after(known([1, -1, -1, 1]), [GROUP, PAGE])).toMatchObject({ kind: 'page', classId: 1 });
  expect(after({ ...open, suggestions: null }, [PAGE])).toEqual({ kind: 'group', row: null });
  expect(after(open)).toEqual({ kind: 'group', row: null });
  expect(after(open, [{ kind: 'verify', count: 2 }])).toEqual({ kind: 'group', row: null });
  expect(after(known([1, 1]), [{ kind: 'verify', count: 2 }])).toEqual({ kind: 'verify', count: 2 });
});

test('a page says what to expect of it', () => {
  const step = after(known([1, ...new Array<number>(100).fill(-1)], 96), [PAGE]);
  expect(step).toEqual({ ...PAGE, corrections: 2 });
  expect(stepWords(step!, () => 'daisy')).toEqual({
    words: 'about 96 % right, 2 corrections a page',
    button: 'Review daisy',
  });
});

test('at the end labels given unseen are looked through, then what was set aside; then all is seen', () => {
  expect(after(known([1, 1, 1, UNSURE], 90, [1, 1, 2, 4]))).toEqual({
    kind: 'unseen',
    count: 2,
    classId: 1,
  });
  expect(after(known([1, 1, UNSURE], 90, [2, 3, 4]))).toEqual({ kind: 'unsure', count: 1 });
  const done = after(known([1, 1], 90, [2, 3]));
  expect(done).toEqual({ kind: 'done', count: 2, unsure: 0 });
  expect(stepWords(done!, () => '')).toEqual({ words: 'All 2 seen', button: '' });
});

test('what stays unsure when it was looked at once more is not to be looked at for ever', () => {
  const set = known([1, UNSURE, UNSURE], 90, [2, 4, 4]);
  expect(after(set, [], [1])).toEqual({ kind: 'unsure', count: 2 });
  const done = after(set, [], [1, 2]);
  expect(done).toEqual({ kind: 'done', count: 3, unsure: 2 });
  expect(stepWords(done!, () => '').words).toBe('All 3 seen, 2 unsure');
});

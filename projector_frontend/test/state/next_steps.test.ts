import { expect, test } from 'vitest';
import type { QueryCandidate } from '../../src/state/guidance';
import { UNSURE } from '../../src/state/labels';
import { nextStep, stepWords, type NextStep } from '../../src/state/next_steps';
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
    percent: Uint8Array.from(labels, () => percent),
    second: null,
  },
});
const group: QueryCandidate = { focus: 3, k: 2, members: [], belongs: [], classId: null, confidence: 0 };
const after = (of: Known, actions: number, candidates = [group]): NextStep | null =>
  nextStep(of, classesToReview(of, [1]), { candidates, actions, pageSize: 50 });

test('groups come first, until enough was taught, or nearly all that is left is sure', () => {
  const open = known([1, -1, -1, -1], 70);
  expect(after(open, 3)).toEqual({ kind: 'group' });
  expect(after(open, 40)).toMatchObject({ kind: 'page', classId: 1 });
  expect(after(known([1, -1, -1, -1], 95), 3)).toMatchObject({ kind: 'page' });
  expect(after(open, 3, [])).toMatchObject({ kind: 'page' });
  expect(after({ ...open, suggestions: null }, 99)).toEqual({ kind: 'group' });
});

test('a page says what to expect of it', () => {
  const step = after(known([1, ...new Array<number>(100).fill(-1)], 96), 99);
  expect(step).toEqual({ kind: 'page', classId: 1, right: expect.closeTo(0.96) as number, corrections: 2 });
  expect(stepWords(step!, () => 'daisy')).toEqual({
    words: 'about 96 % right, 2 corrections a page',
    button: 'Review daisy',
  });
});

test('at the end labels given unseen are looked through, then what was set aside; then all is seen', () => {
  expect(after(known([1, 1, 1, UNSURE], 90, [1, 1, 2, 4]), 9)).toEqual({
    kind: 'unseen',
    count: 2,
    classId: 1,
  });
  expect(after(known([1, 1, UNSURE], 90, [2, 3, 4]), 9)).toEqual({ kind: 'unsure', count: 1 });
  const done = after(known([1, 1], 90, [2, 3]), 9);
  expect(done).toEqual({ kind: 'done', count: 2 });
  expect(stepWords(done!, () => '')).toEqual({ words: 'All 2 seen', button: '' });
});

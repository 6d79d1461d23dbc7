import type { NextStepsAnswer } from '../api/types';
import { LABELED, UNLABELED, UNSURE } from './labels';
import type { Known, ToReview } from './review';

/** Something to do next, with what to expect of it. */
export type NextStep =
  /** Round a row, or round any where guidance has not said where yet. */
  | { kind: 'group'; row: number | null }
  | { kind: 'single'; row: number }
  /** A page of a class: the share expected to be right, and how many of a page are not. */
  | { kind: 'page'; classId: number; right: number; corrections: number }
  /** So many are accepted unseen after a look at some of them. */
  | { kind: 'check'; shown: number; population: number }
  | { kind: 'verify'; count: number }
  /** What was set aside, or was given its label unseen. */
  | { kind: 'unsure'; count: number }
  | { kind: 'unseen'; count: number; classId: number }
  | { kind: 'done'; count: number; unsure: number };

/** The steps that guidance names, in rows, best first. */
export function stepsFrom(answer: NextStepsAnswer, rowOf: ReadonlyMap<string, number>): NextStep[] {
  return answer.steps.flatMap(({ kind, sample_id: id, class_id: classId, shown, right, n }): NextStep[] => {
    const row = id === null ? undefined : rowOf.get(id);
    if (kind === 'group' || kind === 'single') return row === undefined ? [] : [{ kind, row }];
    if (kind === 'page') return classId === null ? [] : [{ kind, classId, right, corrections: 0 }];
    if (kind === 'check') return [{ kind, shown, population: n }];
    return kind === 'verify' ? [{ kind, count: n }] : [];
  });
}

/**
 * The first of the steps that there still is something to do for; null while nothing is known.
 *
 * Guidance looks at the labels of a moment ago: what was answered since is passed over. When every image has a label,
 * those that nobody has seen are left, and those that were set aside.
 *
 * @param lookedAt rows set aside that were just looked at once more, and stay so
 */
export function nextStep(
  steps: readonly NextStep[],
  known: Known,
  toReview: readonly ToReview[],
  pageSize: number,
  lookedAt: ReadonlySet<number>,
): NextStep | null {
  const { labels } = known;
  if (labels.length === 0) return null;
  if (!labels.includes(UNLABELED))
    return steps.find(({ kind }) => kind === 'verify') ?? ending(known, lookedAt);
  for (const step of steps) {
    if (step.kind === 'verify') continue;
    if (step.kind === 'page') {
      const left = toReview.find(({ classId }) => classId === step.classId);
      if (left)
        return { ...step, corrections: Math.round((1 - step.right) * Math.min(pageSize, left.count)) };
    } else if (!('row' in step) || step.row === null || labels[step.row] === UNLABELED) return step;
  }
  return { kind: 'group', row: null };
}

/** What is left when every image has a label. */
function ending({ labels, states }: Known, lookedAt: ReadonlySet<number>): NextStep {
  const unseen = labels.findIndex((_, row) => states[row] === LABELED);
  if (unseen >= 0) {
    const classId = labels[unseen] as number;
    const isOne = (label: number, row: number): boolean => label === classId && states[row] === LABELED;
    return {
      kind: 'unseen',
      count: labels.reduce((sum, label, row) => sum + Number(isOne(label, row)), 0),
      classId,
    };
  }
  const unsure = [...labels.keys()].filter((row) => labels[row] === UNSURE);
  return unsure.every((row) => lookedAt.has(row))
    ? { kind: 'done', count: labels.length, unsure: unsure.length }
    : { kind: 'unsure', count: unsure.length };
}

/** A next step in words, and those of the button that does it. */
export function stepWords(
  step: NextStep,
  name: (classId: number) => string,
): { words: string; button: string } {
  const count = (value: number): string => value.toLocaleString('en-US');
  switch (step.kind) {
    case 'group':
      return { words: 'A group that would tell most', button: 'Name a group' };
    case 'single':
      return { words: 'An image that would tell most', button: 'Name an image' };
    case 'page': {
      const { corrections } = step;
      const some =
        corrections === 0
          ? 'hardly a correction'
          : `${corrections} ${corrections === 1 ? 'correction' : 'corrections'}`;
      return {
        words: `about ${Math.round(100 * step.right)} % right, ${some} a page`,
        button: `Review ${name(step.classId)}`,
      };
    }
    case 'check':
      return {
        words: 'then the rest can be accepted unseen',
        button: `Check ${step.shown} of ${count(step.population)} at random`,
      };
    case 'verify':
      return {
        words: `${count(step.count)} ${step.count === 1 ? 'group or label' : 'groups and labels'} to look at again`,
        button: 'Verify labels',
      };
    case 'unsure':
      return { words: `${count(step.count)} set aside as unsure`, button: 'Look at them once more' };
    case 'unseen':
      return {
        words: `${count(step.count)} of them were labelled unseen`,
        button: `Look through ${name(step.classId)}`,
      };
    case 'done':
      return {
        words: `All ${count(step.count)} seen${step.unsure > 0 ? `, ${count(step.unsure)} unsure` : ''}`,
        button: '',
      };
  }
}

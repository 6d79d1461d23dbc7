import type { QueryCandidate } from './guidance';
import { isSettled } from './guidance';
import { UNLABELED, UNSURE, LABELED } from './labels';
import type { Known, ToReview } from './review';

/** Something to do next, with what to expect of it. */
export type NextStep =
  | { kind: 'group' }
  | { kind: 'single'; row: number }
  /** A page of a class: the share expected to be right, and how many of a page are not. */
  | { kind: 'page'; classId: number; right: number; corrections: number }
  /** So many of a class, accepted unseen after a look at some of them. */
  | { kind: 'check'; classId: number; shown: number; population: number }
  | { kind: 'verify'; groups: number }
  /** What was set aside, or was given its label unseen. */
  | { kind: 'unsure'; count: number }
  | { kind: 'unseen'; count: number; classId: number }
  | { kind: 'done'; count: number };

/** Groups and names teach, pages harvest: after so many actions pages are worth more (docs/results.md). */
const ENOUGH_TAUGHT = 40;

interface Beside {
  candidates: readonly QueryCandidate[];
  /** What labeling cost so far. */
  actions: number;
  pageSize: number;
}

/** What to do next, worked out here while the server does not say it; null while nothing is known. */
export function nextStep(
  { labels, states, suggestions }: Known,
  toReview: readonly ToReview[],
  { candidates, actions, pageSize }: Beside,
): NextStep | null {
  if (labels.length === 0) return null;
  if (!labels.includes(UNLABELED)) {
    const unseen = labels.findIndex((_, row) => states[row] === LABELED);
    if (unseen >= 0) {
      const classId = labels[unseen] as number;
      const count = labels.reduce(
        (sum, label, row) => sum + (label === classId && states[row] === LABELED ? 1 : 0),
        0,
      );
      return { kind: 'unseen', count, classId };
    }
    const unsure = labels.reduce((sum, label) => sum + (label === UNSURE ? 1 : 0), 0);
    if (unsure > 0) return { kind: 'unsure', count: unsure };
    return { kind: 'done', count: labels.length };
  }
  const free = candidates.some(({ focus }) => labels[focus] === UNLABELED);
  const taught = actions >= ENOUGH_TAUGHT || (suggestions !== null && isSettled(suggestions, labels));
  const [best] = toReview;
  if (!best || (free && !taught)) return { kind: 'group' };
  const right = best.right / best.count;
  const corrections = Math.round((1 - right) * Math.min(pageSize, best.count));
  return { kind: 'page', classId: best.classId, right, corrections };
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
        words: `${name(step.classId)}: then the rest can be accepted unseen`,
        button: `Check ${step.shown} of ${count(step.population)} at random`,
      };
    case 'verify':
      return {
        words: 'Labels that their surroundings contradict',
        button: `Verify ${count(step.groups)} ${step.groups === 1 ? 'group' : 'groups'}`,
      };
    case 'unsure':
      return { words: `${count(step.count)} set aside as unsure`, button: 'Look at them once more' };
    case 'unseen':
      return {
        words: `${count(step.count)} of them were labelled unseen`,
        button: `Look through ${name(step.classId)}`,
      };
    case 'done':
      return { words: `All ${count(step.count)} seen`, button: '' };
  }
}

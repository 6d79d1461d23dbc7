import type { HistoryEntry } from '../api/types';
import { UNLABELED } from './labels';
import type { Known, ToReview } from './review';

/** Whoever does nothing for so long has made a break, which is no part of the pace. */
const BREAK_MS = 120_000;
/** Fewer actions than this tell nothing of a pace. */
const FEWEST_ACTIONS = 10;

/**
 * Seconds an action takes at today's pace: the time from edit to edit over the actions of the later one, breaks left
 * out.
 *
 * @param entries newest first
 * @param now in milliseconds
 * @returns null where too little was done today
 */
export function secondsAnAction(entries: readonly HistoryEntry[], now: number): number | null {
  const today = new Date(now).toDateString();
  const edits = entries
    .filter((each) => each.kind === 'apply' && each.actions > 0)
    .map((each) => ({ at: Date.parse(each.time), actions: each.actions }));
  let [time, actions] = [0, 0];
  edits.forEach((edit, place) => {
    const before = edits[place + 1];
    if (!before || new Date(before.at).toDateString() !== today) return;
    const took = edit.at - before.at;
    if (took < 0 || took > BREAK_MS) return;
    time += took;
    actions += edit.actions;
  });
  return actions < FEWEST_ACTIONS ? null : time / 1000 / actions;
}

/**
 * The actions until every image has a label that somebody saw: the pages of each class, what is to be corrected on
 * them, and an action for each image that nothing is suggested for.
 */
export function actionsToGo({ labels }: Known, toReview: readonly ToReview[], pageSize: number): number {
  const open = labels.reduce((sum, label) => sum + (label === UNLABELED ? 1 : 0), 0);
  let [actions, suggested] = [0, 0];
  for (const { count, right } of toReview) {
    actions += Math.ceil(count / Math.max(1, pageSize)) + (count - right);
    suggested += count;
  }
  return Math.round(actions + open - suggested);
}

/** A time in words that promise no more than is known. */
export function aboutTime(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 30) / 2;
  return `${hours} h`;
}

/** A share below 1 that there is at least, as per cent: rounded down, so that nothing is promised that is not known. */
export function leastWords(share: number): string {
  return `${Math.min(999, Math.floor(1000 * share + 1e-6)) / 10} %`;
}

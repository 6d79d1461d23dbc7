import { describe, expect, test } from 'vitest';
import type { HistoryEntry } from '../../src/api/types';
import { aboutTime, actionsToGo, leastWords, secondsAnAction } from '../../src/state/standing';

const NOW = new Date(2026, 4, 5, 12, 0, 0).getTime();
const ago = (seconds: number, actions: number, kind = 'apply'): HistoryEntry =>
  ({ kind, actions, time: new Date(NOW - 1000 * seconds).toISOString() }) as unknown as HistoryEntry;

describe('the pace', () => {
  test('is the time from edit to edit over what they cost', () => {
    const entries = [ago(0, 4), ago(20, 6), ago(50, 5), ago(60, 9)];
    expect(secondsAnAction(entries, NOW)).toBe(60 / 15); // what the first cost was spent before it
  });

  test('leaves out breaks, and what costs nothing', () => {
    const entries = [ago(0, 4), ago(20, 6), ago(30, 0, 'undo'), ago(50, 5), ago(3000, 9)];
    expect(secondsAnAction(entries, NOW)).toBe(50 / 10);
  });

  test('is today’s, and none where little was done', () => {
    expect(secondsAnAction([ago(0, 4)], NOW)).toBeNull();
    const yesterday = [ago(86_000, 40), ago(86_010, 40), ago(86_020, 40)];
    expect(secondsAnAction(yesterday, NOW)).toBeNull();
  });
});

test('to go are the pages, their corrections, and what nothing is suggested for', () => {
  const known = {
    labels: Int32Array.from([1, ...new Array<number>(130).fill(-1)]),
    states: new Uint8Array(131),
  };
  const toReview = [
    { classId: 1, count: 101, right: 95 },
    { classId: 2, count: 20, right: 19 },
  ];
  expect(actionsToGo({ ...known, suggestions: null }, toReview, 50)).toBe(3 + 6 + 1 + 1 + 9);
});

test.each([
  [10, '1 min'],
  [400, '7 min'],
  [5_000, '83 min'],
  [9_100, '2.5 h'],
])('%i seconds are about %s', (seconds, words) => {
  expect(aboutTime(seconds)).toBe(words);
});

test('an interval promises no more than is known', () => {
  expect(leastWords(0.98799)).toBe('98.7 %');
  expect(leastWords(0.987)).toBe('98.7 %');
  expect(leastWords(1 - 1e-9)).toBe('99.9 %');
});

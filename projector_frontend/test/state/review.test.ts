import { describe, expect, test } from 'vitest';
import { IGNORED, UNSURE } from '../../src/state/labels';
import {
  aboutPages,
  changedOn,
  classesToReview,
  makePage,
  ordered,
  ordersOf,
  progressOf,
  restOf,
  type Known,
  type Review,
  type Subject,
} from '../../src/state/review';

const known: Known = {
  labels: Int32Array.of(1, -1, -1, -1, -1, UNSURE, IGNORED, 2, -1, 1),
  states: Uint8Array.of(1, 0, 0, 0, 0, 4, 5, 3, 0, 3),
  suggestions: {
    revision: 1,
    classIds: Int32Array.of(1, 1, 1, 2, 1, 1, 1, 2, 1, 2),
    percent: Float32Array.of(90, 60, 95, 80, 95, 99, 99, 99, 70, 80),
    second: new Int32Array(0),
  },
};
const subject = (more: Partial<Subject> = {}): Subject => ({
  of: 'suggestion',
  classId: 1,
  rows: null,
  name: '',
  ...more,
});
const walk = (more: Partial<Review> = {}) =>
  ({ subject: subject(), order: 'surest', seed: 7, turned: [], look: null, ...more }) as const;

describe('a page', () => {
  test('holds what is unlabeled and suggested to be of the class, the surest first', () => {
    const page = makePage(walk(), 3, known);
    expect(page.rows).toEqual([2, 4, 8]);
    expect(page).toMatchObject({ left: 4, ahead: [1], expected: 3 });
  });

  test('begins with the least sure where that is asked for', () => {
    expect(makePage(walk({ order: 'doubtful' }), 9, known).rows).toEqual([1, 8, 2, 4]);
  });

  test('is another one once something was answered', () => {
    const labels = known.labels.slice();
    labels[2] = 1;
    labels[4] = UNSURE;
    expect(makePage(walk(), 3, { ...known, labels }).rows).toEqual([8, 1]);
  });

  test('keeps in front what stands on it already', () => {
    expect(makePage(walk(), 4, known, [1, 2]).rows).toEqual([1, 2, 4, 8]);
    expect(makePage(walk(), 1, known, [1]).rows).toEqual([1]);
  });

  test('is empty at the end', () => {
    expect(makePage(walk({ subject: subject({ classId: 9 }) }), 5, known).rows).toEqual([]);
    expect(makePage(walk(), 5, { ...known, suggestions: null }).rows).toEqual([]);
  });

  test('of labels to verify leaves out what is verified, and begins with the most doubtful', () => {
    const labels = Int32Array.of(1, 1, 1, 1, -1, -1, -1, -1, -1, 1);
    const states = Uint8Array.of(1, 2, 2, 1, 0, 0, 0, 0, 0, 3);
    const verify = walk({ subject: subject({ of: 'labeled' }), order: 'doubtful' });
    // 3 is suggested to be of another class, with 80 %.
    expect(makePage(verify, 9, { ...known, labels, states }).rows).toEqual([3, 1, 0, 2]);
  });

  test('of what was set aside shows it once', () => {
    const unsure = walk({ subject: subject({ of: 'unsure', classId: null }) });
    const page = makePage(unsure, 9, known);
    expect(page.rows).toEqual([5]);
    expect(makePage({ ...unsure, turned: [page] }, 9, known).rows).toEqual([]);
    expect(makePage(walk({ subject: subject({ of: 'ignored', classId: null }) }), 9, known).rows).toEqual([
      6,
    ]);
  });

  test('of a group begins with the least alike, and goes through it once', () => {
    const group = walk({
      subject: subject({ of: 'group', classId: null, rows: [4, 3, 1] }),
      order: 'doubtful',
    });
    const page = makePage(group, 2, known);
    expect(page.rows).toEqual([1, 3]);
    expect(page.expected).toBeNull();
    expect(makePage({ ...group, turned: [page] }, 2, known).rows).toEqual([4]);
    expect(makePage({ ...group, order: 'near' }, 2, known).rows).toEqual([4, 3]);
  });

  test('of a look is drawn from what was given, and from nothing else', () => {
    const look = { population: [1, 8, 4], found: null };
    const drawn = makePage(walk({ order: 'random', look }), 2, known);
    expect(drawn.left).toBe(3);
    expect(drawn.rows).toHaveLength(2);
    expect(new Set([...drawn.rows, ...drawn.ahead])).toEqual(new Set([1, 4, 8]));
  });
});

test('the surest are told apart far behind the point, not by their place', () => {
  const percent = Float32Array.from({ length: 10 }, (_, row) => 99.999 + row / 10_000);
  const sure = {
    revision: 1,
    classIds: new Int32Array(10).fill(1),
    percent,
    second: new Int32Array(10).fill(2),
  };
  const rows = Array.from({ length: 10 }, (_, row) => row);
  expect(ordered(rows, subject(), 'surest', 0, sure)).toEqual([...rows].reverse());
  expect(ordered(rows, subject(), 'doubtful', 0, sure)).toEqual(rows);
});

describe('the random order', () => {
  const rows = Array.from({ length: 2000 }, (_, row) => row);

  test('is the same for the same seed, and does not change for those that stay', () => {
    const all = ordered(rows, subject(), 'random', 3, null);
    const fewer = ordered(rows.filter((row) => row % 3 > 0), subject(), 'random', 3, null); // prettier-ignore
    expect(fewer).toEqual(all.filter((row) => row % 3 > 0));
    expect(ordered(rows, subject(), 'random', 4, null)).not.toEqual(all);
  });

  test('takes each row as often as any other', () => {
    const times = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++)
      for (const row of ordered(rows.slice(0, 20), subject(), 'random', seed * 7919, null).slice(0, 5))
        times[row] = (times[row] ?? 0) + 1;
    // 500 each is expected, with a deviation of 19.
    for (const count of times) expect(Math.abs(count - 500)).toBeLessThan(100);
  });
});

test('accepting acts on what nothing else was said of, and counts what was', () => {
  const page = makePage(walk(), 3, known);
  const labels = known.labels.slice();
  labels[4] = 2;
  expect(restOf(page, subject(), { ...known, labels })).toEqual([2, 8]);
  expect(changedOn(page, subject(), { ...known, labels })).toHaveLength(1);
  labels[8] = UNSURE;
  expect(changedOn(page, subject(), { ...known, labels })).toHaveLength(2);
  labels[4] = 1; // it was right after all
  expect(changedOn(page, subject(), { ...known, labels })).toHaveLength(1);
  expect(restOf(page, subject(), { ...known, labels })).toEqual([2]);
});

test('a label is verified where it is still the one that was looked at', () => {
  const verify = subject({ of: 'labeled' });
  const page = makePage(walk({ subject: verify, order: 'doubtful' }), 9, known);
  expect(page.rows).toEqual([0]);
  expect(restOf(page, verify, known)).toEqual([0]);
  const states = known.states.slice();
  states[0] = 3;
  expect(restOf(page, verify, { ...known, states })).toEqual([]);
});

test('the class with most to harvest comes first, and empty ones are left out', () => {
  expect(classesToReview(known, [1, 2, 3])).toEqual([
    expect.objectContaining({ classId: 1, count: 4, right: expect.closeTo(3.2) as number }),
    expect.objectContaining({ classId: 2, count: 1, right: expect.closeTo(0.8) as number }),
  ]);
  expect(classesToReview(known, [2]).map((each) => each.classId)).toEqual([2]);
  expect(classesToReview({ ...known, suggestions: null }, [1])).toEqual([]);
});

test('a class is as far as its labels, of those and what is expected', () => {
  expect(progressOf(1, known)).toEqual({ done: 2, about: 5 });
  expect(progressOf(3, known)).toEqual({ done: 0, about: 0 });
});

test('the number of pages counts those behind', () => {
  const page = makePage(walk(), 3, known);
  expect(aboutPages({ ...walk(), page }, 3)).toBe(2);
  expect(aboutPages({ ...walk(), page, turned: [page] }, 3)).toBe(3);
});

test('a group may be looked at in other orders than a class', () => {
  expect(ordersOf(subject())[0]).toBe('surest');
  expect(ordersOf(subject({ of: 'labeled' }))[0]).toBe('doubtful');
  expect(ordersOf(subject({ of: 'group', rows: [1] }))).toEqual(['doubtful', 'near', 'random']);
});

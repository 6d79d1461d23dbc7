import type { PageNote } from '../api/types';
import type { Part } from './bound';
import type { Suggestions } from './guidance';
import { IGNORED, UNLABELED, UNSURE, VERIFIED, type Marks } from './labels';

/** What is looked through, page by page. */
export interface Subject {
  of: PageNote['of'];
  /** The class that a page is accepted as; null while it is not known. */
  classId: number | null;
  /** The rows, those most alike first, of a set that stays as it is; null where labels and suggestions tell. */
  rows: readonly number[] | null;
  /** What it is called where it is not its class that does. */
  name: string;
}

export type Order = PageNote['order'];

/** What came of a look at images drawn at random. */
export interface Look {
  /** Those they were drawn from, the surest first. */
  population: readonly number[];
  /** How many were shown and how many of them were wrong, and what can be accepted; null until the page is turned. */
  found: { shown: number; wrong: number; part: Part | null } | null;
}

/** A page of tiles: it stays as it is until it is turned. */
export interface Page {
  rows: readonly number[];
  /** Their labels when it was made. */
  before: readonly number[];
  /** The class that it was looked through as then; null while that was not known. */
  classId: number | null;
  /** How many of them are expected to be right; null where nothing is known of it. */
  expected: number | null;
  /** How many there were to look through, these among them. */
  left: number;
  /** Those that would come next. */
  ahead: readonly number[];
  /** How many are not on it, nor come next, since others look at them. */
  without: number;
  /** The names of the edits that stored it when it was turned. */
  stored: readonly string[];
}

/** A walk through something, page by page. */
export interface Review {
  subject: Subject;
  order: Order;
  /** Of the random order, so that it stays the same from page to page. */
  seed: number;
  page: Page;
  /** The pages before it, the first first. */
  turned: readonly Page[];
  look: Look | null;
}

/** What is known when a page is made. */
export interface Known extends Marks {
  suggestions: Suggestions | null;
}

const NONE: Page = {
  rows: [],
  before: [],
  classId: null,
  expected: null,
  left: 0,
  ahead: [],
  without: 0,
  stored: [],
};
/** So many are looked at before the rest is accepted unseen: with none of them wrong, at most 5 % of the rest are. */
export const LOOK_SIZE = 60;
/** Pages that are got ready beyond the next. */
const AHEAD = 2;

/** Whether what comes on a page changes with labels and suggestions. */
export function isLive({ rows }: Subject): boolean {
  return rows === null;
}

/** Whether a class can be given to all of it after a look at some. */
export function canBeSampled({ of, rows }: Subject): boolean {
  return rows !== null && (of === 'cluster' || of === 'selection' || of === 'search');
}

/** What has no label in a set that stays as it is. */
export function unlabeledOf({ rows }: Subject, { labels }: Marks): number[] {
  return (rows ?? []).filter((row) => labels[row] === UNLABELED);
}

/** The orders that make sense, the usual one first. */
export function ordersOf({ of, rows }: Subject): readonly [Order, ...Order[]] {
  if (rows !== null) return ['doubtful', 'near', 'random'];
  return of === 'labeled' || of === 'verified'
    ? ['doubtful', 'surest', 'random']
    : ['surest', 'doubtful', 'random'];
}

/** The rows to look through, in no order of their own; `passed` were on pages that were turned. */
export function openRows(subject: Subject, known: Known, passed: ReadonlySet<number>): number[] {
  const { labels, states, suggestions } = known;
  if (subject.rows) return subject.rows.filter((row) => !passed.has(row));
  const { of, classId } = subject;
  const found: number[] = [];
  const take = (test: (row: number) => boolean): number[] => {
    for (let row = 0; row < labels.length; row++) if (test(row)) found.push(row);
    return found;
  };
  switch (of) {
    case 'suggestion':
      return suggestions?.classIds.length === labels.length
        ? take((row) => labels[row] === UNLABELED && suggestions.classIds[row] === classId)
        : [];
    case 'labeled':
      return take((row) => labels[row] === classId && (states[row] ?? 0) < VERIFIED);
    case 'verified':
      return take((row) => labels[row] === classId && states[row] === VERIFIED && !passed.has(row));
    case 'unsure':
      return take((row) => labels[row] === UNSURE && !passed.has(row));
    case 'ignored':
      return take((row) => labels[row] === IGNORED && !passed.has(row));
    default:
      return [];
  }
}

/** How likely a row is right, in per cent; 0 where nothing is known of it. */
export function likeness(row: number, classId: number | null, suggestions: Suggestions | null): number {
  const percent = suggestions?.percent[row] ?? 0;
  if (classId === null || suggestions?.classIds[row] === classId) return percent;
  return suggestions ? 100 - percent : 0;
}

/** Rows in an order. Where it is random, the rows that stay keep their places as others go. */
export function ordered(
  rows: readonly number[],
  subject: Subject,
  order: Order,
  seed: number,
  suggestions: Suggestions | null,
): number[] {
  if (order === 'random') return sortedBy(rows, (row) => scrambled(row, seed));
  if (subject.rows !== null) return order === 'doubtful' ? [...rows].reverse() : [...rows];
  const surest = order !== 'doubtful';
  return sortedBy(rows, (row) => {
    // The surest differ far behind the point.
    const millionths = Math.round(10_000 * likeness(row, subject.classId, suggestions));
    return surest ? 1_000_000 - millionths : millionths;
  });
}

/** The next page of so many tiles; with `kept`, those stay on it, in front; `others`: those that others look at. */
export function makePage(
  { subject, order, seed, turned, look }: Pick<Review, 'subject' | 'order' | 'seed' | 'turned' | 'look'>,
  size: number,
  known: Known,
  kept: readonly number[] = [],
  others: Pick<ReadonlySet<number>, 'has' | 'size'> = new Set(),
): Page {
  const passed = new Set(turned.flatMap((page) => page.rows));
  const all = look ? [...look.population] : openRows(subject, known, passed);
  // What was drawn at random stays as it was drawn: it speaks for all of them.
  const open = look || others.size === 0 ? all : all.filter((row) => !others.has(row));
  const without = all.length - open.length;
  const held = new Set(kept);
  const rest = open.filter((row) => !held.has(row));
  const inOrder = ordered(rest, subject, order, seed, known.suggestions);
  const rows = [...kept, ...inOrder].slice(0, size);
  if (rows.length === 0) return { ...NONE, without };
  const taken = Math.max(0, size - kept.length);
  return {
    rows,
    before: rows.map((row) => known.labels[row] ?? UNLABELED),
    classId: subject.classId,
    // What is labeled is suggested by its own label too: that says nothing.
    expected: subject.of === 'labeled' ? null : expectedRight(rows, subject.classId, known.suggestions),
    left: kept.length + rest.length,
    ahead: inOrder.slice(taken, taken + AHEAD * size),
    without,
    stored: [],
  };
}

/** How many of some rows are expected to be right. */
function expectedRight(
  rows: readonly number[],
  classId: number | null,
  suggestions: Suggestions | null,
): number | null {
  if (classId === null || suggestions === null) return null;
  const right = rows.reduce((sum, row) => sum + likeness(row, classId, suggestions), 0) / 100;
  return right > 0 ? Math.round(right) : null;
}

/** What accepting a page would act on: those that nothing else was said of. */
export function restOf({ rows }: Page, { of, classId }: Subject, { labels, states }: Marks): number[] {
  if (of === 'labeled') return rows.filter((row) => labels[row] === classId && (states[row] ?? 0) < VERIFIED);
  if (of === 'unsure' || of === 'ignored' || of === 'verified') return [];
  return rows.filter((row) => labels[row] === UNLABELED);
}

/** Whether what a look found still holds: of those seen, none has lost its label since. */
export function stands({ turned }: Review, { labels }: Marks): boolean {
  return turned.at(-1)?.rows.every((row) => labels[row] !== UNLABELED) ?? false;
}

/** What can be accepted unseen after a look: of a set that was chosen all of it, else the part that is right enough. */
export function restOfLook(review: Review, marks: Marks): number[] {
  const { subject, look, turned } = review;
  const { labels } = marks;
  if (!look?.found || subject.classId === null || !stands(review, marks)) return [];
  const size = canBeSampled(subject) ? look.population.length : (look.found.part?.size ?? 0);
  const shown = new Set(turned.at(-1)?.rows);
  return look.population.slice(0, size).filter((row) => labels[row] === UNLABELED && !shown.has(row));
}

/** Whether a class is still to be given to the whole: to what has none on its page. */
export function awaitsName({ subject, page }: Review, marks: Marks): boolean {
  return subject.rows !== null && subject.classId === null && restOf(page, subject, marks).length > 0;
}

/** Those on a page that were given something else than what it is looked through as. */
export function changedOn({ rows, before }: Page, { classId }: Subject, { labels }: Marks): number[] {
  return rows.filter((row, at) => labels[row] !== before[at] && labels[row] !== classId);
}

/** About how many pages there are in all, the turned ones too. */
export function aboutPages({ page, turned }: Review, size: number): number {
  return turned.length + Math.max(1, Math.ceil(page.left / Math.max(1, size)));
}

/** What remains of a class without a label. */
export interface ToReview {
  classId: number;
  count: number;
  /** How many of them are expected to be right. */
  right: number;
}

/** The classes that something unlabeled is suggested to be of, the one with most to harvest first. */
export function classesToReview({ labels, suggestions }: Known, classes: Iterable<number>): ToReview[] {
  const found = new Map<number, ToReview>();
  for (const classId of classes) found.set(classId, { classId, count: 0, right: 0 });
  if (suggestions?.classIds.length !== labels.length) return [];
  const { classIds, percent } = suggestions;
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] !== UNLABELED) continue;
    const entry = found.get(classIds[row] as number);
    if (!entry) continue;
    entry.count++;
    entry.right += (percent[row] as number) / 100;
  }
  return [...found.values()].filter(({ count }) => count > 0).sort((a, b) => b.right - a.right);
}

/** How many are labeled as a class, and about how many there are. */
export function progressOf(classId: number, known: Known): { done: number; about: number } {
  let done = 0;
  for (const label of known.labels) if (label === classId) done++;
  const left = classesToReview(known, [classId])[0]?.right ?? 0;
  return { done, about: done + Math.round(left) };
}

/** Rows by a whole number of at most 32 bits, lowest first; equal ones by their place. */
function sortedBy(rows: readonly number[], key: (row: number) => number): number[] {
  // Numbers without a comparison of ours sort ten times as fast: key and place in one, exact below 2 ** 53.
  const PLACES = 2 ** 21;
  const keys = Float64Array.from(rows, (row, at) => key(row) * PLACES + at);
  return Array.from(keys.sort(), (each) => rows[each % PLACES] as number);
}

/** A number of 32 bits that looks like chance, the same for the same row and seed (the end of MurmurHash3). */
function scrambled(row: number, seed: number): number {
  let bits = Math.imul(row + 1, 0x9e3779b1) ^ seed;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

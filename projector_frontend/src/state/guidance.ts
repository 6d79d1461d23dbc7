import type { CandidatesAnswer, ClassInfo, LabelIssueInfo, LabelIssuesAnswer } from '../api/types';
import { rgb, word } from './colors';
import { UNLABELED } from './labels';
import { shownRows, type Selection } from './selection';

/** A group worth a look, in rows. */
export interface QueryCandidate {
  focus: number;
  /** Nearest neighbours to begin with. */
  k: number;
  /** The unlabelled among them, nearest first. */
  members: readonly number[];
  /** How likely each member is of the focus' class, 0 to 1. */
  belongs: readonly number[];
  /** The class expected, or null before the first label; and its probability. */
  classId: number | null;
  confidence: number;
}

/** What the labels so far say about every row. */
export interface Suggestions {
  revision: number;
  /** Class ids in row order, -1 where there is none. */
  classIds: Int32Array;
  /** How probable each is, in per cent. */
  percent: Float32Array;
  /** The second most probable class ids, -1 where there is none. */
  second: Int32Array;
}

/** A label to verify, in rows. */
export interface LabelIssueRow extends Omit<LabelIssueInfo, 'sample_id'> {
  row: number;
}

/** Labels given together that should be verified, in rows: the most doubtful first. */
export interface GroupIssue {
  rows: readonly number[];
  classId: number;
  expected: number;
}

/** Everything to verify, the most doubtful first: groups, and labels by themselves. */
export interface ToVerify {
  groups: readonly GroupIssue[];
  labels: readonly LabelIssueRow[];
}

/** What is expected of the selected group. */
export interface Forecast {
  /** The size of the group worth most. */
  bestK: number | null;
  /** The expected share of the commonest class, 0 to 1. */
  purity: number | null;
  /** How likely each row is to be dropped, 0 to 1. */
  dropChances: ReadonlyMap<number, number>;
}

export function candidatesFrom(
  answer: CandidatesAnswer,
  rowOf: ReadonlyMap<string, number>,
): QueryCandidate[] {
  const row = (id: string): number => rowOf.get(id) ?? -1;
  return answer.candidates
    .map((each) => ({
      focus: row(each.sample_id),
      k: each.k,
      members: each.members.map(row),
      belongs: each.belongs,
      classId: each.class_id,
      confidence: each.confidence,
    }))
    .filter((each) => each.focus >= 0 && each.members.every((member) => member >= 0));
}

export function toVerifyFrom(answer: LabelIssuesAnswer, rowOf: ReadonlyMap<string, number>): ToVerify {
  const groups = answer.groups
    .map(({ members, class_id: classId, expected }) => ({
      rows: members.flatMap((id) => rowOf.get(id) ?? []),
      classId,
      expected,
    }))
    .filter(({ rows }) => rows.length > 0);
  const labels = new Map<number, LabelIssueRow>();
  for (const { sample_id: id, ...issue } of answer.label_issues) {
    const row = rowOf.get(id);
    if (row !== undefined) labels.set(row, { ...issue, row });
  }
  for (const { sample_id: id, confidence, ...look } of answer.second_looks) {
    const row = rowOf.get(id);
    const known = row === undefined ? undefined : labels.get(row);
    // Of neighbours, another model than theirs has nothing to tell.
    if (row === undefined || (known && known.expected !== known.class_id)) continue;
    labels.set(row, { ...look, row, self_confidence: confidence, n_labeled: 0, n_same: 0, n_expected: 0 });
  }
  // The labels of a doubtful group are looked at together.
  const grouped = new Set(groups.flatMap(({ rows }) => rows));
  const alone = [...labels.values()].filter(({ row }) => !grouped.has(row));
  return { groups, labels: alone.sort((a, b) => a.self_confidence - b.self_confidence) };
}

/** Labels expected of a group: those that belong, and its focus. */
export function expectedLabels({ belongs }: QueryCandidate): number {
  return Math.round(belongs.reduce((sum, chance) => sum + chance, 1));
}

/** The groups whose focus is still free, best first: those that were not looked at, where there are any. */
export function groupsLeft(
  candidates: readonly QueryCandidate[],
  labels: Int32Array,
  seen: ReadonlySet<number>,
): readonly QueryCandidate[] {
  const free = candidates.filter(({ focus }) => labels[focus] === UNLABELED);
  const fresh = free.filter(({ focus }) => !seen.has(focus));
  return fresh.length > 0 ? fresh : free;
}

/** A group's rows, its focus first. */
export function rowsOfGroup({ focus, members }: QueryCandidate): number[] {
  return [focus, ...members.filter((row) => row !== focus)];
}

/** How likely a row is of a class: its suggestion, or what the suggestion leaves for the other classes. */
function chanceOf(row: number, classId: number, suggestions: Suggestions, classes: number): number {
  const share = (suggestions.percent[row] ?? 0) / 100;
  return suggestions.classIds[row] === classId ? share : (1 - share) / Math.max(1, classes - 1);
}

/**
 * What is expected of the selection: its purity, how likely each unlabelled row is to be dropped, and, round a focus,
 * the k with the most labels for an action (one for the focus, one for the size, one for each image dropped).
 *
 * A group that guidance proposed is judged by its own numbers; any other by the suggestions, for the class expected of
 * the focus or, without one, of most rows.
 */
export function forecastOf(
  selection: Selection,
  labels: Int32Array,
  suggestions: Suggestions | null,
  candidates: readonly QueryCandidate[],
  classes: number,
): Forecast | null {
  const free = shownRows(selection).filter((row) => labels[row] === UNLABELED);
  if (selection.kind === 'none' || free.length === 0) return null;
  const proposed = candidates.find(({ focus }) => focus === selection.focus);
  const known = new Map<number, number>(
    proposed ? proposed.members.map((row, place) => [row, proposed.belongs[place] ?? 0]) : [],
  );
  const target = suggestions && likeliest(free, selection.focus, labels, suggestions);
  const chance = (row: number): number | null => {
    if (row === selection.focus) return 1;
    const own = known.get(row);
    if (own !== undefined) return own;
    return suggestions && target !== null && target >= 0 ? chanceOf(row, target, suggestions, classes) : null;
  };
  const chances = free.map(chance);
  if (chances.some((each) => each === null)) return proposed ? { ...EMPTY, bestK: proposed.k || null } : null;
  const purity = chances.reduce<number>((sum, each) => sum + (each ?? 0), 0) / free.length;
  return {
    purity,
    bestK: proposed ? proposed.k || null : bestK(selection, labels, chance),
    dropChances: new Map(free.map((row, place) => [row, 1 - (chances[place] ?? 0)])),
  };
}

const EMPTY: Forecast = { bestK: null, purity: null, dropChances: new Map() };

function likeliest(
  rows: readonly number[],
  focus: number | null,
  labels: Int32Array,
  { classIds, percent }: Suggestions,
): number {
  if (focus !== null) return labels[focus] === UNLABELED ? (classIds[focus] ?? -1) : (labels[focus] ?? -1);
  const weight = new Map<number, number>();
  for (const row of rows) {
    const id = classIds[row] ?? -1;
    weight.set(id, (weight.get(id) ?? 0) + (percent[row] ?? 0));
  }
  let [best, most] = [-1, -1];
  for (const [id, sum] of weight) if (sum > most) [best, most] = [id, sum];
  return best;
}

function bestK(
  selection: Selection,
  labels: Int32Array,
  chance: (row: number) => number | null,
): number | null {
  if (selection.focus === null || selection.kind !== 'neighbors') return null;
  let [gained, spent, best, most] = [1, 2, 0, 1];
  for (let k = 1; k <= selection.ranked.length; k++) {
    const row = selection.ranked[k - 1] as number;
    if (labels[row] === UNLABELED) {
      const share = chance(row) ?? 0;
      gained += share;
      spent += 1 - share;
    }
    if (gained / spent > most) [best, most] = [k, gained / spent];
  }
  return best || null;
}

/** RGBA like `labelColors`, where rows without a label have the colour of their suggestion, hollow (alpha 128). */
export function withSuggestedColors(
  colors: Uint8Array,
  labels: Int32Array,
  { classIds, percent }: Suggestions,
  classes: readonly ClassInfo[],
  atLeast: number,
): Uint8Array {
  if (classIds.length !== labels.length) return colors;
  const byId = new Map(classes.map((each) => [each.id, word(rgb(each.color), 128)]));
  const painted = new Uint32Array(colors.slice().buffer);
  for (let row = 0; row < painted.length; row++) {
    if (labels[row] !== UNLABELED || (percent[row] ?? 0) < atLeast) continue;
    painted[row] = byId.get(classIds[row] ?? -1) ?? (painted[row] as number);
  }
  return new Uint8Array(painted.buffer);
}

/** Rows to accept by class: unlabelled, among `rows` (null for all), and at least so probable. */
export function acceptable(
  { classIds, percent }: Suggestions,
  labels: Int32Array,
  atLeast: number,
  rows: readonly number[] | null,
  classes: readonly ClassInfo[],
): Map<number, number[]> {
  const found = new Map<number, number[]>();
  if (classIds.length !== labels.length) return found;
  const known = new Set(classes.map(({ id }) => id));
  for (const row of rows ?? labels.keys()) {
    const id = classIds[row] ?? -1;
    if (labels[row] !== UNLABELED || (percent[row] ?? 0) < atLeast || !known.has(id)) continue;
    const list = found.get(id);
    if (list) list.push(row);
    else found.set(id, [row]);
  }
  return found;
}

/** Why a group may be wrong, in words. */
export function groupReason({ classId, expected }: GroupIssue, name: (id: number) => string): string {
  return expected === classId ? 'little around them agrees' : `what is around them says ${name(expected)}`;
}

/** Why a label may be wrong, in words. */
export function issueReason(issue: LabelIssueRow, name: (id: number) => string): string {
  const { n_labeled: labeled, n_same: same, n_expected: expected } = issue;
  if (labeled === 0) return `looks like ${name(issue.expected)}`;
  return `${expected} of ${labeled} labelled neighbours are ${name(issue.expected)}, ${same} ${name(issue.class_id)}`;
}

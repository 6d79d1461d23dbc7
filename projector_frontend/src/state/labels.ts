import type { ClassInfo, EditAnswer, LabelColumn, LabelsAnswer, State } from '../api/types';

/** What stands in a class id's place: nobody decided anything; it was set aside; it takes part in nothing. */
export const UNLABELED = -1;
export const UNSURE = -2;
export const IGNORED = -3;
/** The label column that every run has. */
export const DEFAULT_COLUMN = 'label';

/** In this order states are numbers, on the wire and in arrays. */
export const STATES: readonly State[] = ['unlabeled', 'labeled', 'seen', 'verified', 'unsure', 'ignored'];
/** Where a label stands, as a number: the more, the surer. */
export const LABELED = STATES.indexOf('labeled');
export const SEEN = STATES.indexOf('seen');
export const VERIFIED = STATES.indexOf('verified');

/** What every row has. */
export interface Marks {
  /** Class ids in row order; `UNLABELED`, `UNSURE` or `IGNORED` where no class counts. */
  labels: Int32Array;
  /** `STATES`, as numbers, in row order. */
  states: Uint8Array;
}

/** The labels as the server has confirmed them. */
export interface LabelState extends Marks {
  /** The identity of the label store; empty where there is none. */
  store: string;
  revision: number;
  canUndo: boolean;
  canRedo: boolean;
  problem: string | null;
  orphans: number;
  classes: readonly ClassInfo[];
}

/** A labelling shown already and not confirmed yet. */
export interface Pending extends LabelColumn {
  opId: string;
  store: string;
  sampleIds: readonly string[];
  /** Not asked for where something is set aside. */
  classId: number | null;
  state: State;
  onlyUnlabeled: boolean;
  /** Whether it is to be undone as soon as it is stored. */
  undone?: boolean;
}

export const EMPTY_LABEL_STATE: LabelState = {
  store: '',
  revision: 0,
  canUndo: false,
  canRedo: false,
  problem: null,
  orphans: 0,
  classes: [],
  labels: new Int32Array(0),
  states: new Uint8Array(0),
};

export function labelStateFrom(answer: LabelsAnswer): LabelState {
  const states = Uint8Array.from(answer.states);
  return {
    store: answer.store,
    revision: answer.revision,
    canUndo: answer.can_undo,
    canRedo: answer.can_redo,
    problem: answer.problem,
    orphans: answer.orphans,
    classes: answer.classes,
    labels: Int32Array.from(answer.labels, (id, row) => shownLabel(id, states[row] ?? 0)),
    states,
  };
}

/**
 * Takes an edit result into the label state.
 *
 * `complete` tells that the result holds everything since the state's own revision (`labels/changes`). The answer to
 * one's own edit holds that edit only: where somebody else's came in between, the revision stays behind, so that the
 * next poll fetches theirs (and, harmlessly, one's own again).
 */
export function foldEdit(
  state: LabelState,
  result: EditAnswer,
  rowOf: ReadonlyMap<string, number>,
  complete: boolean,
): LabelState {
  if (result.store !== state.store || result.revision <= state.revision) return state;
  const marks = result.changes.length === 0 ? state : copied(state);
  for (const [sampleId, classId, after] of result.changes) {
    const row = rowOf.get(sampleId);
    if (row !== undefined) put(marks, row, classId ?? UNLABELED, STATES.indexOf(after));
  }
  const inStep = complete || result.revision === state.revision + 1;
  return {
    ...state,
    revision: inStep ? result.revision : state.revision,
    canUndo: result.can_undo,
    canRedo: result.can_redo,
    problem: null,
    classes: result.classes,
    labels: marks.labels,
    states: marks.states,
  };
}

/** The marks to show: the confirmed ones with every waiting change on top, in order. */
export function withPending(
  marks: Marks,
  pending: readonly Pending[],
  rowOf: ReadonlyMap<string, number>,
): Marks {
  const waiting = pending.filter((each) => !each.undone);
  if (waiting.length === 0) return marks;
  const shown = copied(marks);
  for (const { sampleIds, classId, state, onlyUnlabeled } of waiting) {
    const wanted = classId === null && isLabel(state) ? 0 : STATES.indexOf(state);
    for (const sampleId of sampleIds) {
      const row = rowOf.get(sampleId);
      if (row === undefined || (onlyUnlabeled && shown.labels[row] !== UNLABELED)) continue;
      // The class that a sample has already never makes its label less sure.
      const kept = classId !== null && shown.labels[row] === classId ? (shown.states[row] ?? 0) : 0;
      put(shown, row, classId ?? UNLABELED, Math.max(wanted, kept));
    }
  }
  return shown;
}

/** How many rows carry each class id, and what stands in its place. */
export function countByClass(labels: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  // Classes are numbered from 1 on, and few: counting in an array is ten times as quick for 100,000 rows.
  const least = -IGNORED;
  const numbers = new Int32Array(least + 1 + labels.reduce((most, id) => Math.max(most, id), 0));
  for (const id of labels) numbers[id + least] = (numbers[id + least] ?? 0) + 1;
  numbers.forEach((count, at) => count > 0 && counts.set(at - least, count));
  return counts;
}

/** Rows with this class id, in order. */
export function rowsOfClass(labels: Int32Array, id: number): Int32Array {
  const rows: number[] = [];
  labels.forEach((label, row) => {
    if (label === id) rows.push(row);
  });
  return Int32Array.from(rows);
}

/** Whether a state is one of a label. */
export function isLabel(state: State): boolean {
  return state === 'labeled' || state === 'seen' || state === 'verified';
}

function copied({ labels, states }: Marks): Marks {
  return { labels: labels.slice(), states: states.slice() };
}

function put({ labels, states }: Marks, row: number, classId: number, state: number): void {
  labels[row] = shownLabel(classId, state);
  states[row] = state;
}

/** What was set aside keeps the class that it had, which counts for nothing. */
function shownLabel(classId: number, state: number): number {
  if (STATES[state] === 'unsure') return UNSURE;
  if (STATES[state] === 'ignored') return IGNORED;
  return STATES[state] === 'unlabeled' ? UNLABELED : classId;
}

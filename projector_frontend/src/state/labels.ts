import type { ClassInfo, EditAnswer, LabelColumn, LabelsAnswer, State } from '../api/types';

export const UNLABELED = -1;
/** The label column that every run has. */
export const DEFAULT_COLUMN = 'label';

/** In this order states are numbers, on the wire and in arrays. */
export const STATES: readonly State[] = ['unlabeled', 'labeled', 'seen', 'verified', 'unsure', 'ignored'];

/** What every row has. */
export interface Marks {
  /** Class ids in row order, `UNLABELED` where there is no label: what was set aside has none either. */
  labels: Int32Array;
  /** What became of each row, as its place in `STATES`. */
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
  /** Null where it clears, or where what is set aside keeps what it had. */
  classId: number | null;
  state: State;
  onlyUnlabeled: boolean;
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
  return {
    store: answer.store,
    revision: answer.revision,
    canUndo: answer.can_undo,
    canRedo: answer.can_redo,
    problem: answer.problem,
    orphans: answer.orphans,
    classes: answer.classes,
    labels: Int32Array.from(answer.labels),
    states: Uint8Array.from(answer.states),
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
    if (row !== undefined) mark(marks, row, classId, after);
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
  if (pending.length === 0) return marks;
  const shown = copied(marks);
  for (const { sampleIds, classId, state, onlyUnlabeled } of pending)
    for (const sampleId of sampleIds) {
      const row = rowOf.get(sampleId);
      if (row === undefined) continue;
      const before = STATES[shown.states[row] ?? 0] ?? 'unlabeled';
      if (onlyUnlabeled && before !== 'unlabeled') continue;
      if (classId === null && isLabel(state)) mark(shown, row, null, 'unlabeled');
      else if (shown.labels[row] === classId && STATES.indexOf(before) > STATES.indexOf(state)) continue;
      else mark(shown, row, classId, state);
    }
  return shown;
}

/** Whether a state is one of a label; what has another has none. */
export function isLabel(state: State): boolean {
  return state === 'labeled' || state === 'seen' || state === 'verified';
}

function copied({ labels, states }: Marks): Marks {
  return { labels: labels.slice(), states: states.slice() };
}

function mark({ labels, states }: Marks, row: number, classId: number | null, state: State): void {
  labels[row] = isLabel(state) ? (classId ?? UNLABELED) : UNLABELED;
  states[row] = STATES.indexOf(state);
}

/** How many rows carry each class id; `UNLABELED` counts the rest. */
export function countByClass(labels: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of labels) counts.set(id, (counts.get(id) ?? 0) + 1);
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

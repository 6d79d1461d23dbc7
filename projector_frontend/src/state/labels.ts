import type { ClassInfo, EditAnswer, LabelColumn, LabelsAnswer } from '../api/types';

export const UNLABELED = -1;
/** The label column that every run has. */
export const DEFAULT_COLUMN = 'label';

/** The labels as the server has confirmed them. */
export interface LabelState {
  /** The identity of the label store; empty where there is none. */
  store: string;
  revision: number;
  canUndo: boolean;
  canRedo: boolean;
  problem: string | null;
  orphans: number;
  classes: readonly ClassInfo[];
  /** Class ids in row order, `UNLABELED` where there is none. */
  labels: Int32Array;
}

/** A labelling shown already and not confirmed yet. */
export interface Pending extends LabelColumn {
  opId: string;
  store: string;
  sampleIds: readonly string[];
  classId: number | null;
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
  const labels = result.changes.length === 0 ? state.labels : state.labels.slice();
  for (const [sampleId, classId] of result.changes) {
    const row = rowOf.get(sampleId);
    if (row !== undefined) labels[row] = classId ?? UNLABELED;
  }
  const inStep = complete || result.revision === state.revision + 1;
  return {
    ...state,
    revision: inStep ? result.revision : state.revision,
    canUndo: result.can_undo,
    canRedo: result.can_redo,
    problem: null,
    classes: result.classes,
    labels,
  };
}

/** The labels to show: the confirmed ones with every waiting change on top, in order. */
export function withPending(
  labels: Int32Array,
  pending: readonly Pending[],
  rowOf: ReadonlyMap<string, number>,
): Int32Array {
  if (pending.length === 0) return labels;
  const shown = labels.slice();
  for (const { sampleIds, classId, onlyUnlabeled } of pending)
    for (const sampleId of sampleIds) {
      const row = rowOf.get(sampleId);
      if (row !== undefined && (!onlyUnlabeled || shown[row] === UNLABELED))
        shown[row] = classId ?? UNLABELED;
    }
  return shown;
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

import type { HistoryEntry, SelectionNote } from '../api/types';

/**
 * Known entries with fresh ones taken in, newest first.
 *
 * A page of fresh entries may tell of an undo whose target is further back than the page reaches: the target is
 * marked here, in the order in which things happened.
 */
export function mergeHistory(known: readonly HistoryEntry[], fresh: readonly HistoryEntry[]): HistoryEntry[] {
  const byRevision = new Map(known.map((entry) => [entry.revision, entry]));
  const newest = known[0]?.revision ?? -1;
  for (const entry of fresh) byRevision.set(entry.revision, entry);
  const told = new Set(fresh.map((entry) => entry.revision));
  const inOrder = [...fresh].sort((a, b) => a.revision - b.revision);
  for (const entry of inOrder) {
    const reverted = entry.kind === 'undo' || entry.kind === 'redo';
    if (!reverted || entry.target === null || entry.revision <= newest || told.has(entry.target)) continue;
    const target = byRevision.get(entry.target);
    if (target) byRevision.set(entry.target, { ...target, undone: entry.kind === 'undo' });
  }
  return [...byRevision.values()].sort((a, b) => b.revision - a.revision);
}

export interface Effort {
  actions: number;
  /** Labels those actions gave. */
  labels: number;
}

/**
 * Labeling effort as in the paper's Algorithm 1: one action to label an image, one more for the size of a group,
 * one for each image taken out of it. What was undone, and what was imported, costs and counts nothing.
 */
export function effort(entries: readonly HistoryEntry[]): Effort {
  const [actions = 0, labels = 0] = effortCurve(entries).at(-1) ?? [];
  return { actions, labels };
}

function actionsOf({ selection, count }: HistoryEntry): number {
  const dropped = selection?.dropped ?? 0;
  // Images picked one by one are as many choices; the note keeps how many followed the first in `k`.
  if (selection?.kind === 'single') return 1 + (selection.k ?? 0) + dropped;
  return (count === 1 ? 1 : 2) + dropped;
}

/** The entries a reader cares about: undo and redo show as the strike-through of what they touch. */
export function readable(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries.filter((entry) => entry.kind !== 'undo' && entry.kind !== 'redo');
}

/** The class given last, so that Enter repeats it after a reload too. */
export function lastLabel(entries: readonly HistoryEntry[]): number | null {
  return (
    entries.find((entry) => entry.kind === 'apply' && !entry.undone && entry.class_id !== null)?.class_id ??
    null
  );
}

/** How the images of a change were chosen, in words; empty where it is not known. */
export function chosenHow(selection: SelectionNote | null): string {
  if (!selection) return '';
  const dropped = selection.dropped ?? 0;
  return `Chosen by ${wayOf(selection)}${dropped > 0 ? `, ${dropped} dropped` : ''}`;
}

function wayOf(selection: SelectionNote): string {
  switch (selection.kind) {
    case 'neighbors':
      return `an image and its ${selection.k ?? 0} nearest`;
    case 'box':
      return 'a box';
    case 'lasso':
      return 'a lasso';
    case 'search':
      return `search for “${selection.query ?? ''}”`;
    case 'label':
      return `all labelled ${selection.query ?? ''}`;
    case 'suggestion':
      return 'a suggestion';
    case 'single':
      return selection.k ? `${selection.k + 1} images, one by one` : 'one image';
  }
}

/** Labels given over the actions spent, action by action, oldest first: the curve of the meter. */
export function effortCurve(entries: readonly HistoryEntry[]): [actions: number, labels: number][] {
  const curve: [number, number][] = [[0, 0]];
  let actions = 0;
  let labels = 0;
  for (const entry of [...entries].reverse()) {
    if (entry.kind !== 'apply' || entry.undone) continue;
    actions += actionsOf(entry);
    if (entry.class_id !== null) labels += entry.count;
    curve.push([actions, labels]);
  }
  return curve;
}

import type { EffortAnswer, HistoryEntry, SelectionNote } from '../api/types';

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
  /** The two, edit by edit, oldest first; the last stands where labeling stands. */
  curve: readonly (readonly [actions: number, labels: number])[];
}

export const NO_EFFORT: Effort = { actions: 0, labels: 0, curve: [] };

export function effortFrom({ actions, labels }: EffortAnswer): Effort {
  const curve = actions.map((each, place) => [each, labels[place] ?? 0] as const);
  return { actions: actions.at(-1) ?? 0, labels: labels.at(-1) ?? 0, curve };
}

/**
 * What labeling cost. The server says what an entry did (`actions`, `labels`), and what all cost that is older than those known
 * here. What was undone, and what was imported, costs and counts nothing.
 */
export function effort(entries: readonly HistoryEntry[], before: Effort): Effort {
  const curve = [...before.curve];
  let { actions, labels } = before;
  for (const entry of [...entries].reverse()) {
    if (entry.kind !== 'apply' || entry.undone) continue;
    actions += entry.actions;
    labels += entry.labels;
    curve.push([actions, labels]);
  }
  return { actions, labels, curve };
}

/** The entries a reader cares about: undo and redo show as the strike-through of what they touch. */
export function readable(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries.filter((entry) => entry.kind !== 'undo' && entry.kind !== 'redo');
}

/** Who made changes, in the order of their names; what a run came with is nobody's. */
export function peopleOf(entries: readonly HistoryEntry[]): string[] {
  const names = new Set(
    entries.filter((entry) => !isFirstImport(entry) && entry.author !== '').map(({ author }) => author),
  );
  return [...names].sort((a, b) => a.localeCompare(b, 'en'));
}

/** Whether a change brought in what the run came with. */
export function isFirstImport({ kind, author }: HistoryEntry): boolean {
  return kind === 'import' && author === 'metadata';
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
  const dropped = 'dropped' in selection ? (selection.dropped ?? 0) : 0;
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
    case 'cluster':
      return 'a cluster';
    case 'suggestion':
      return 'a suggestion';
    case 'single':
      return selection.k ? `${selection.k + 1} images, one by one` : 'one image';
    case 'page':
      return `a page of ${selection.shown}${selection.changed > 0 ? `, ${selection.changed} of them named` : ''}`;
  }
}

import type { SelectionNote } from '../api/types';

export const MAX_K = 500;

/**
 * What is selected. A group round a focus keeps the order it was captured in, so that it stays the same images
 * while the picture moves on.
 */
export interface Selection {
  kind: 'none' | 'neighbors' | 'single' | 'box' | 'lasso' | 'search' | 'label' | 'suggestion' | 'cluster';
  focus: number | null;
  /** How many of `ranked` belong to the selection (`neighbors` only). */
  k: number;
  /** Rows in order: nearest first round a focus, else as found. */
  ranked: Int32Array;
  /** Rows added one by one. */
  added: readonly number[];
  /** Rows taken out one by one; they stay in the grid, to be restored. */
  dropped: ReadonlySet<number>;
  /** The words searched for (`search` only). */
  query: string;
}

export const NOTHING: Selection = {
  kind: 'none',
  focus: null,
  k: 0,
  ranked: new Int32Array(0),
  added: [],
  dropped: new Set(),
  query: '',
};

/** A focus with its `k` nearest; `ranked` may hold more, for the slider. */
export function around(focus: number, ranked: Int32Array, k: number): Selection {
  return { ...NOTHING, kind: 'neighbors', focus, ranked, k: clampK(k, ranked.length) };
}

export function only(row: number): Selection {
  return { ...NOTHING, kind: 'single', focus: row };
}

/** Every row found in some way other than round a focus. */
export function found(
  kind: Exclude<Selection['kind'], 'none' | 'neighbors' | 'single'>,
  rows: Int32Array,
  query = '',
): Selection {
  return rows.length === 0 ? NOTHING : { ...NOTHING, kind, ranked: rows, k: rows.length, query };
}

/** Another k over a fresh ranking; images dropped or added by hand stay so. */
export function withK(selection: Selection, k: number, ranked: Int32Array): Selection {
  return { ...selection, kind: 'neighbors', ranked, k: clampK(k, ranked.length) };
}

/** The rows shown in the grid, in order, dropped ones included. */
export function shownRows(selection: Selection): number[] {
  const rows = selection.focus === null ? [] : [selection.focus];
  for (let i = 0; i < selection.k; i++) rows.push(selection.ranked[i] as number);
  if (selection.added.length === 0) return rows;
  const seen = new Set(rows);
  return rows.concat(selection.added.filter((row) => !seen.has(row)));
}

/** The rows really selected, in order. */
export function members(selection: Selection): number[] {
  const rows = shownRows(selection);
  return selection.dropped.size === 0 ? rows : rows.filter((row) => !selection.dropped.has(row));
}

export function add(selection: Selection, row: number): Selection {
  if (selection.kind === 'none') return only(row);
  const dropped = without(selection.dropped, row);
  if (shownRows(selection).includes(row)) return { ...selection, dropped };
  return { ...selection, dropped, added: [...selection.added, row] };
}

export function drop(selection: Selection, row: number): Selection {
  if (!shownRows(selection).includes(row)) return selection;
  const dropped = new Set(selection.dropped).add(row);
  const next = { ...selection, dropped };
  return members(next).length === 0 ? NOTHING : next;
}

/** Adds what an outline or a cluster holds. */
export function addRows(
  selection: Selection,
  kind: 'box' | 'lasso' | 'cluster',
  rows: Int32Array,
): Selection {
  if (selection.kind === 'none') return found(kind, rows);
  const shown = new Set(shownRows(selection));
  const dropped = new Set(selection.dropped);
  for (const row of rows) dropped.delete(row);
  return {
    ...selection,
    dropped,
    added: [...selection.added, ...Array.from(rows).filter((row) => !shown.has(row))],
  };
}

/** Takes out what an outline holds. */
export function dropRows(selection: Selection, rows: Int32Array): Selection {
  const shown = new Set(shownRows(selection));
  const dropped = new Set(selection.dropped);
  for (const row of rows) if (shown.has(row)) dropped.add(row);
  const next = { ...selection, dropped };
  return members(next).length === 0 ? NOTHING : next;
}

/** Drops an image, or restores it. */
export function toggle(selection: Selection, row: number): Selection {
  return selection.dropped.has(row) ? add(selection, row) : drop(selection, row);
}

/** What the history keeps of how the samples were chosen. */
export function note(selection: Selection, idOf: (row: number) => string): SelectionNote {
  const dropped = selection.dropped.size;
  if (selection.kind === 'neighbors' && selection.focus !== null)
    return { kind: 'neighbors', focus: idOf(selection.focus), k: selection.k, dropped };
  if (selection.kind === 'search' || selection.kind === 'label')
    return { kind: selection.kind, query: selection.query.slice(0, 200), dropped };
  switch (selection.kind) {
    case 'box':
    case 'lasso':
    case 'suggestion':
    case 'cluster':
      return { kind: selection.kind, dropped };
  }
  // Several images picked one by one cost an action each, as that many single ones do.
  return { kind: 'single', k: Math.max(0, members(selection).length - 1), dropped };
}

function clampK(k: number, available: number): number {
  return Math.max(Math.min(1, available), Math.min(Math.round(k), available, MAX_K));
}

function without(set: ReadonlySet<number>, row: number): ReadonlySet<number> {
  if (!set.has(row)) return set;
  const next = new Set(set);
  next.delete(row);
  return next;
}

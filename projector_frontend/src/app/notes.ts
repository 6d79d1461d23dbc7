import { hasUnseen, markOf } from '../state/notes';
import type { Store } from '../state/store';
import { remember, remembered } from './memory';

/** Runs whose notes were seen that are kept: the browser's storage is small, and so is a person's memory. */
const MOST_RUNS = 200;

/** Opens the notes on a run where there is one that was not closed before. */
export function showNewNotes(store: Store): void {
  const { value: run } = store.run;
  const [, seen = []] = remembered().notesSeen?.find(([name]) => name === run) ?? [];
  store.notesOpen.value = hasUnseen(store.samples.value?.notes ?? [], seen) && 'unasked';
}

/** Closes the notes; they do not open by themselves again, in later visits neither. */
export function closeNotes(store: Store): void {
  const { value: run } = store.run;
  store.notesOpen.value = false;
  if (run === null) return;
  const known = remembered().notesSeen ?? [];
  const [, before = []] = known.find(([name]) => name === run) ?? [];
  const marks = [...new Set([...before, ...store.notes.value.map(markOf)])];
  remember({ notesSeen: [...known.filter(([name]) => name !== run).slice(1 - MOST_RUNS), [run, marks]] });
}

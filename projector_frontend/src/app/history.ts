import { batch } from '@preact/signals';
import type { Client } from '../api/client';
import { toldEdit } from '../state/company';
import { effortFrom, mergeHistory, NO_EFFORT } from '../state/history';
import type { Store } from '../state/store';
import { toast } from './toasts';

/** As many entries as are read at once. */
const PAGE = 100;

/** Reads the newest page of the history, and what all that is older has cost. */
export async function loadHistory(client: Client, store: Store): Promise<void> {
  await read(client, store);
}

/** Reads one more page, of what is older than all that is known. */
export async function loadOlder(client: Client, store: Store): Promise<void> {
  const oldest = store.history.value.at(-1)?.revision;
  if (oldest !== undefined) await read(client, store, oldest);
}

/** Shows the part of one person alone; null for everybody's. */
export async function showHistoryOf(client: Client, store: Store, author: string | null): Promise<void> {
  batch(() => {
    store.historyOf.value = author;
    store.theirHistory.value = { entries: [], more: false };
  });
  if (author !== null) await readTheirs(client, store, author);
}

/** Reads one more page of that part. */
export async function loadOlderOf(client: Client, store: Store, author: string): Promise<void> {
  await readTheirs(client, store, author, store.theirHistory.value.entries.at(-1)?.revision);
}

async function readTheirs(client: Client, store: Store, author: string, before?: number): Promise<void> {
  const of = store.labelColumn.value;
  const { entries, more } = await client.history(of, PAGE, before, author);
  if (store.labelColumn.value !== of || store.historyOf.value !== author) return;
  const shown = store.theirHistory.value;
  const oldest = entries.at(-1)?.revision ?? 0;
  // Without a hole: what is older stays where the newest page reaches it.
  const isNext = before !== undefined || (shown.entries[0]?.revision ?? -1) >= oldest;
  const known = isNext ? shown.entries : [];
  const isOfOlder = before === undefined && (known.at(-1)?.revision ?? oldest) < oldest;
  // What others took back of theirs is an entry of those others.
  const turns = store.history.value.filter(({ kind }) => kind === 'undo' || kind === 'redo');
  const all = mergeHistory(known, [...entries, ...turns]).filter((each) => each.author === author);
  store.theirHistory.value = { entries: all, more: isOfOlder ? shown.more : more };
}

/** Reads what is new, after a change. */
export async function refreshHistory(client: Client, store: Store): Promise<void> {
  const author = store.historyOf.peek();
  await refreshAll(client, store);
  if (author !== null) await readTheirs(client, store, author);
}

async function refreshAll(client: Client, store: Store): Promise<void> {
  const of = store.labelColumn.value;
  if (store.run.value === null) return;
  const { entries, more } = await client.history(of, PAGE);
  if (store.labelColumn.value !== of) return;
  const known = store.history.value;
  const newest = known[0]?.revision ?? 0;
  // Of what was there when the page was opened nobody is told.
  const fresh = newest > 0 ? entries.filter(({ revision }) => revision > newest) : [];
  for (const words of fresh.map(toldEdit)) if (words !== null) toast(store, words);
  if (more && (entries.at(-1)?.revision ?? 0) > newest + 1) {
    // More happened elsewhere than a page tells.
    await loadHistory(client, store);
    return;
  }
  store.history.value = mergeHistory(known, entries);
  const oldest = store.history.value.at(-1)?.revision ?? 1;
  const turned = entries.some((each) => each.revision > newest && (each.target ?? oldest) < oldest);
  // What is further back than all that is known was undone, or done again: it costs something else now.
  if (turned) await read(client, store, oldest);
}

/** Reads the newest page, or the one before a revision, and what all before that had cost; shows both at once. */
async function read(client: Client, store: Store, before?: number): Promise<void> {
  const of = store.labelColumn.value;
  if (store.run.value === null) return;
  const { entries, more } = await client.history(of, PAGE, before);
  const oldest = entries.at(-1)?.revision ?? 0;
  const effort = more ? effortFrom(await client.effort(of, oldest)) : NO_EFFORT;
  const known = store.history.value;
  if (store.labelColumn.value !== of || (before !== undefined && known.at(-1)?.revision !== before)) return;
  batch(() => {
    // Without a hole: between what is known and the newest page there may be more.
    const kept = before === undefined ? known.filter(({ revision }) => revision >= oldest) : known;
    store.history.value = mergeHistory(kept, entries);
    store.effortBefore.value = effort;
    store.hasOlder.value = more;
  });
}

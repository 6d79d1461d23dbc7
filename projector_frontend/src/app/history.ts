import type { Client } from '../api/client';
import { mergeHistory } from '../state/history';
import type { Store } from '../state/store';

const PAGE = 500;
/** The meter counts every action ever made, so all pages are read; a run with more has other worries. */
const MOST_PAGES = 40;

/** Reads the whole history once. */
export async function loadHistory(client: Client, store: Store): Promise<void> {
  const of = store.labelColumn.value;
  if (store.run.value === null) return;
  let before: number | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await client.history(of, PAGE, before);
    if (store.labelColumn.value !== of) return;
    store.history.value = mergeHistory(store.history.value, answer.entries);
    const oldest = answer.entries.at(-1);
    if (!answer.more || !oldest) return;
    before = oldest.revision;
  }
}

/** Reads what is new, after a change. */
export async function refreshHistory(client: Client, store: Store): Promise<void> {
  const of = store.labelColumn.value;
  if (store.run.value === null) return;
  const answer = await client.history(of, 50);
  if (store.labelColumn.value !== of) return;
  const known = store.history.value[0]?.revision ?? 0;
  const oldest = answer.entries.at(-1)?.revision ?? 0;
  // More happened elsewhere than one page tells: read it all again.
  if (answer.more && oldest > known + 1) await loadHistory(client, store);
  else store.history.value = mergeHistory(store.history.value, answer.entries);
}

import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { labelStateFrom } from '../state/labels';
import type { Store } from '../state/store';
import { readLabels } from './labels';
import { sentence } from './toasts';

/** Notes that a token is needed. */
export function noteToken(store: Store, error: unknown): void {
  if (error instanceof ApiError && error.signedOut) store.connection.value = 'signed-out';
}

/** Notes that nobody answered, or not the server, or that it wants a token. */
export function noteAnswer(store: Store, error: unknown): void {
  noteToken(store, error);
  if (store.connection.peek() === 'signed-out') return; // out of that leads only a token
  if (error instanceof ApiError && error.unanswered)
    store.connection.value = error.code === 'intercepted' ? 'intercepted' : 'away';
}

/** Notes why the server would not start a t-SNE; false where it may at the next try. */
export function noteRefusal(store: Store, error: unknown): boolean {
  if (!(error instanceof ApiError) || error.transient || error.code === 'no_session') return false;
  store.startProblem.value = sentence(error);
  return true;
}

/**
 * The server answers again. What it would not let this page do it may by now: it can have been started otherwise.
 *
 * @param isAnother whether the page is somebody else's by now, and is opened anew
 */
export async function askAgain(
  client: Client,
  store: Store,
  isAnother: () => Promise<boolean>,
): Promise<void> {
  store.startProblem.value = null;
  if (store.editProblem.peek() === null || (await isAnother())) return;
  const of = store.labelColumn.peek();
  const { value: tensor } = store.tensor;
  if (tensor === null) return;
  const labels = await readLabels(client, store, of, tensor);
  if (store.labelColumn.peek() === of) store.labelState.value = labelStateFrom(labels);
}

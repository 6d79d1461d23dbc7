import { ApiError } from '../api/errors';
import { short } from '../state/format';
import type { Store, Toast } from '../state/store';

const SHOWN_MS = { info: 5000, good: 5000, bad: 9000 } as const;
const MOST = 3;
let next = 1;

export function toast(store: Store, text: string, tone: Toast['tone'] = 'info'): void {
  const id = next++;
  const words = short(text);
  // The same sentence twice is one that matters still, not two.
  const others = store.toasts.value.filter((each) => each.text !== words).slice(1 - MOST);
  store.toasts.value = [...others, { id, text: words, tone }];
  setTimeout(() => dismiss(store, id), SHOWN_MS[tone]);
}

export function dismiss(store: Store, id: number): void {
  store.toasts.value = store.toasts.value.filter((each) => each.id !== id);
}

/** The server's own sentence where there is one. */
export function sentence(error: unknown): string {
  return error instanceof ApiError || error instanceof Error ? error.message : String(error);
}

/** Whether nothing can be edited at present; says why. */
export function refused(store: Store): boolean {
  const problem = store.editProblem.value;
  if (problem !== null) toast(store, problem, 'bad');
  return problem !== null;
}

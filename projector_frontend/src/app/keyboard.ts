import { lookUp, type Command } from '../state/keys';
import type { Store } from '../state/store';

const TYPED = new Set(['text', 'search', 'number', 'email', 'url', 'password', 'tel']);

/** True where keys mean characters, or choices, rather than commands. */
export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return TYPED.has(target.type);
  return (
    target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

/**
 * Asks for the keyboard: TensorBoard keeps it when one of its tabs is chosen, and keys would do nothing until the first
 * click. Somebody who types in one of TensorBoard's own fields is left alone, and so is who types in a page that
 * TensorBoard is only a part of, as a notebook's: there it is for the pointer or Tab to bring the focus.
 */
export function takeKeyboard(): void {
  const { parent, top } = window;
  try {
    if (parent !== top && !parent.document.hasFocus()) return;
    if (parent.document.activeElement?.matches('input, textarea, [contenteditable]')) return;
  } catch {
    return; // framed by another site's page, whose focus is none of our business
  }
  window.focus();
}

const MOVES = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']);

/** One that the arrows move. */
function isSlider(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement && target.type === 'range';
}

/** Sends key strokes on as commands. */
export function listenToKeys(
  store: Store,
  run: (command: Command) => void,
  digit: (which: number) => void,
  move: (key: string) => void,
): void {
  window.addEventListener('keydown', (event) => {
    // "Process" is what some browsers call a key that an input method has taken.
    if (
      store.tokenAsked.value ||
      store.signInOffer.value !== null ||
      event.defaultPrevented ||
      event.isComposing ||
      event.key === 'Process'
    )
      return;
    if (takesText(event.target)) {
      if (event.key === 'Escape') (event.target as HTMLElement).blur();
      return;
    }
    // An open dialog has the keys for itself; Escape closes it, and so does what opened it.
    const pages = store.review.value !== null;
    if (pages && MOVES.has(event.key) && store.dialog.value === null && !isSlider(event.target)) {
      event.preventDefault();
      move(event.key);
      return;
    }
    const asked = lookUp(event, store.keyMap.value, pages ? 'pages' : 'picture');
    if (store.dialog.value !== null && asked !== 'help') return;
    if (asked === null || (event.repeat && asked !== 'smallerK' && asked !== 'largerK')) return;
    // A focused button is pressed by these two, and means itself.
    const button = event.target instanceof HTMLElement && event.target.closest('button, a, summary');
    if (button && (event.key === 'Enter' || event.key === ' ')) return;
    event.preventDefault();
    if (typeof asked === 'number') digit(asked);
    else run(asked);
  });
}

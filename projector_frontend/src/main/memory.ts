import { effect } from '@preact/signals';
import type { KeyMap } from '../state/keys';
import type { PainterWanted, Store } from '../state/store';

const KEY = 'tb-tsne';

export interface Remembered {
  run?: string;
  tensor?: string;
  column?: string;
  k?: number;
  /** What draws: unless chosen, whichever is faster here. */
  painter?: PainterWanted;
  keys?: KeyMap;
  colorBy?: string;
  /** Set by hand, else it follows the number of images. */
  spriteSize?: number;
  sprites?: boolean;
}

/** What the page remembers from one visit to the next; storage may be switched off, and then it does not. */
export function remembered(): Remembered {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

export function remember(more: Remembered): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), ...more }));
  } catch {
    // Private windows and full storage: the next visit starts at the first run.
  }
}

/** Takes up the choices of last time, and keeps those made from now on. */
export function keepPreferences(store: Store): void {
  const { keys, spriteSize, painter } = remembered();
  store.painterWanted.value = painter ?? 'auto';
  if (keys) store.keyMap.value = keys;
  if (spriteSize !== undefined) {
    store.sizeChosen.value = true;
    store.spriteSize.value = spriteSize;
  }
  effect(() => remember({ keys: store.keyMap.value, painter: store.painterWanted.value }));
  effect(() => {
    if (store.sizeChosen.value) remember({ spriteSize: store.spriteSize.value });
  });
  effect(() => {
    if (store.phase.value.kind === 'ready')
      remember({ colorBy: store.colorBy.value, sprites: store.spritesWanted.value });
  });
}

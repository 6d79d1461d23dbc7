import { effect } from '@preact/signals';
import type { Command, KeyMap } from '../state/keys';
import type { RendererWanted, Store } from '../state/store';

const KEY = 'tb-tsne';
/** Commands that an earlier page kept keys for under another name. */
const RENAMED: Partial<Record<string, Command>> = { hideLabelled: 'hideLabeled' };

export interface Remembered {
  run?: string;
  tensor?: string;
  column?: string;
  k?: number;
  /** What draws: unless chosen, whichever is faster here. (The page's former name for a renderer.) */
  painter?: RendererWanted;
  keys?: KeyMap;
  colorBy?: string;
  /** Set by hand, else it follows the number of images. */
  spriteSize?: number;
  sprites?: boolean;
  /** Of the tiles on a page, where it was chosen. */
  tileEdge?: number;
  /** Runs, and marks of the notes on each that were closed. */
  notesSeen?: [run: string, marks: string[]][];
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
  const { keys, spriteSize, painter, tileEdge } = remembered();
  store.rendererWanted.value = painter ?? 'auto';
  if (keys) store.keyMap.value = asNamedNow(keys);
  if (tileEdge !== undefined) store.tileEdge.value = tileEdge;
  if (spriteSize !== undefined) {
    store.sizeChosen.value = true;
    store.spriteSize.value = spriteSize;
  }
  effect(() => remember({ keys: store.keyMap.value, painter: store.rendererWanted.value }));
  effect(() => {
    if (store.sizeChosen.value) remember({ spriteSize: store.spriteSize.value });
  });
  effect(() => {
    if (store.phase.value.kind === 'ready')
      remember({ colorBy: store.colorBy.value, sprites: store.spritesWanted.value });
  });
}

function asNamedNow(keys: KeyMap): KeyMap {
  return Object.fromEntries(Object.entries(keys).map(([name, chosen]) => [RENAMED[name] ?? name, chosen]));
}

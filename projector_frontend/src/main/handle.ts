import type { Store } from '../state/store';
import { members } from '../state/selection';
import type { Picture } from './picture';

/** A read-only look into the page, for tests and for the curious in the browser's console. */
export interface Handle {
  positions(): Float32Array;
  labels(): Int32Array;
  screenPosition(row: number): { x: number; y: number } | null;
  epoch(): number;
  dimensions(): number;
  framesDrawn(): number;
  /** Script time of the last of each, milliseconds. */
  timings(): { positions: number; draw: number; pick: number; lasso: number };
  selection(): { focus: number | null; k: number; rows: number[] };
}

declare global {
  interface Window {
    __tsne?: Handle;
  }
}

export function exposeHandle(store: Store, picture: Picture): void {
  window.__tsne = {
    positions: () => picture.points.columns.slice(),
    labels: () => store.labels.peek().slice(),
    screenPosition: (row) => picture.screenPosition(row),
    epoch: () => store.frameEpoch.peek(),
    dimensions: () => picture.points.dimensions,
    framesDrawn: () => picture.scene?.framesDrawn ?? 0,
    timings: () => ({ positions: 0, draw: 0, pick: 0, lasso: 0, ...picture.scene?.timings }),
    selection: () => {
      const selection = store.selection.peek();
      return { focus: selection.focus, k: selection.k, rows: members(selection) };
    },
  };
}

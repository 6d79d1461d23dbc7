import type { Store } from '../state/store';
import { members } from '../state/selection';
import type { Viewport } from './viewport';

/** A read-only look into the page, for tests and for the curious in the browser's console. */
export interface TestHandle {
  positions(): Float32Array;
  labels(): Int32Array;
  screenPosition(row: number): { x: number; y: number } | null;
  epoch(): number;
  dimensions(): number;
  framesDrawn(): number;
  /** Whether all points are in the picture, and nothing is under way. */
  atRest(): boolean;
  /** Script time of the last of each, milliseconds. */
  timings(): { positions: number; draw: number; pick: number; lasso: number };
  /** What every row has become: numbers in the order of the states. */
  states(): Uint8Array;
  /** The page that is looked through: its rows, and how many came before it. */
  page(): { rows: number[]; turned: number } | null;
  /** Ids of the classes that something unlabeled is suggested to be of. */
  suggested(): number[];
  /** Rows that others look at. */
  held(): number[];
  selection(): { focus: number | null; k: number; rows: number[] };
}

declare global {
  interface Window {
    __tsne?: TestHandle;
  }
}

export function exposeTestHandle(store: Store, viewport: Viewport): void {
  window.__tsne = {
    positions: () => viewport.points.columns.slice(),
    labels: () => store.labels.peek().slice(),
    screenPosition: (row) => viewport.screenPosition(row),
    epoch: () => store.frameEpoch.peek(),
    dimensions: () => viewport.points.dimensions,
    framesDrawn: () => viewport.scene?.framesDrawn ?? 0,
    atRest: () => viewport.scene?.atRest ?? true,
    timings: () => ({ positions: 0, draw: 0, pick: 0, lasso: 0, ...viewport.scene?.timings }),
    states: () => store.marks.peek().states.slice(),
    page: () => {
      const review = store.review.peek();
      return review && { rows: [...review.page.rows], turned: review.turned.length };
    },
    suggested: () => store.toReview.peek().map((each) => each.classId),
    held: () => [...store.held.peek().keys()].sort((a, b) => a - b),
    selection: () => {
      const selection = store.selection.peek();
      return { focus: selection.focus, k: selection.k, rows: members(selection) };
    },
  };
}

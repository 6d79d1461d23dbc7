import type { Store } from '../../state/store';
import { placeOfTile, tileAt } from '../../state/tiling';
import type { PagesControl } from '../actions';
import { LONG_PRESS_MS } from '../fingers';

/** A pointer that moved less than this between down and up has clicked, CSS pixels. */
const CLICK_SLACK = 5;

interface Held {
  from: number;
  x: number;
  y: number;
  touch: boolean;
  shift: boolean;
  dragged: boolean;
  /** What was picked before. */
  before: ReadonlySet<number>;
  timer: number;
}

/**
 * Turns the pointer's events on a page into what is pointed at and picked.
 *
 * A mouse points as it moves, picks by a click, a range by Shift, a rectangle by dragging. A finger picks by tapping;
 * resting, it opens the menu. Where the pointer rests is asked anew after a page was turned: what lies under it now is
 * what the next key is about.
 */
export function listenToTiles(
  room: HTMLElement,
  list: HTMLElement,
  store: Store,
  pages: PagesControl,
): () => void {
  let held: Held | null = null;
  let rests: { x: number; y: number } | null = null;

  const rows = (): readonly number[] => store.review.peek()?.page.rows ?? [];
  const placeAt = (x: number, y: number): number => {
    const box = list.getBoundingClientRect();
    return tileAt(store.tiling.peek(), rows().length, x - box.left, y - box.top);
  };
  const point = (x: number, y: number): void => {
    const row = rows()[placeAt(x, y)] ?? null;
    const hover = store.hover.peek();
    if (row === store.currentRow.peek() && (row === null) === (hover === null)) return;
    if (row === null) {
      pages.point(null);
      return;
    }
    const { edge } = store.tiling.peek();
    const { left, top } = placeOfTile(store.tiling.peek(), rows().indexOf(row));
    pages.point(row, { x: left + edge / 2, y: top + edge / 2, reach: edge / 2 + 8 });
  };
  const release = (): void => {
    if (held) clearTimeout(held.timer);
    held = null;
  };
  const menu = (row: number): void => {
    if (!store.picked.peek().has(row)) pages.pick(row, false);
    pages.openMenu(row);
  };

  const events: Partial<{ [K in keyof HTMLElementEventMap]: (event: HTMLElementEventMap[K]) => void }> = {
    pointerdown: (event) => {
      if (event.button !== 0 || inMenu(event)) return;
      const from = placeAt(event.clientX, event.clientY);
      const touch = event.pointerType === 'touch';
      const row = rows()[from];
      if (row === undefined) {
        pages.openMenu(null);
        return;
      }
      const begun: Held = {
        from,
        x: event.clientX,
        y: event.clientY,
        touch,
        shift: event.shiftKey,
        dragged: false,
        before: store.picked.peek(),
        timer: 0,
      };
      if (touch)
        begun.timer = window.setTimeout(() => {
          held = null;
          menu(row);
        }, LONG_PRESS_MS);
      held = begun;
      list.setPointerCapture(event.pointerId);
    },
    pointermove: (event) => {
      if (event.pointerType !== 'touch') rests = { x: event.clientX, y: event.clientY };
      if (!held) {
        if (event.pointerType !== 'touch' && !inMenu(event)) point(event.clientX, event.clientY);
        return;
      }
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) <= CLICK_SLACK && !held.dragged) return;
      clearTimeout(held.timer);
      held.dragged = true;
      const to = placeAt(event.clientX, event.clientY);
      pages.point(null);
      if (to >= 0) pages.pickBetween(held.from, to, held.before);
    },
    pointerup: () => {
      if (!held) return;
      const { from, dragged, shift, touch } = held;
      release();
      const row = rows()[from];
      if (row === undefined || dragged) return;
      pages.pick(row, shift);
      pages.openMenu(!touch && store.picked.peek().has(row) ? row : null);
    },
    pointercancel: release,
    pointerleave: (event) => {
      if (held || event.pointerType === 'touch') return;
      rests = null;
      pages.point(null);
    },
    contextmenu: (event) => {
      event.preventDefault();
      const row = rows()[placeAt(event.clientX, event.clientY)];
      release();
      if (row !== undefined) menu(row);
    },
  };
  const entries = Object.entries(events) as [string, EventListener][];
  for (const [name, listener] of entries) room.addEventListener(name, listener);
  let page = store.review.peek()?.page;
  const untie = store.review.subscribe((review) => {
    const turned = review?.page !== page;
    page = review?.page;
    if (turned && rests) {
      const { x, y } = rests;
      requestAnimationFrame(() => rests && point(x, y));
    }
  });
  return () => {
    release();
    untie();
    for (const [name, listener] of entries) room.removeEventListener(name, listener);
  };
}

function inMenu(event: Event): boolean {
  return event.target instanceof Element && event.target.closest('.tile-menu') !== null;
}

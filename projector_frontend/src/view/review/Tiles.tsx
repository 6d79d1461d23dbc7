import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Review } from '../../state/review';
import { placeOfTile } from '../../state/tiling';
import { useApp } from '../actions';
import { HoverCard } from '../HoverCard';
import { Crops, drawTiles } from './drawing';
import { listenToTiles } from './pointing';
import { Tile } from './Tile';
import { TileMenu } from './TileMenu';

/** Sooner, the card would lie over what is looked at next. */
const REST_MS = 350;

/**
 * The tiles of a page: one canvas with all of them, and over it an element for each, which has its words, its frame and
 * the focus.
 */
export function Tiles({ review }: { review: Review }): JSX.Element {
  const { store, actions } = useApp();
  const room = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { rows } = review.page;
  const tiling = store.tiling.value;
  const { columns, edge, gaps } = tiling;
  const sheet = store.sheet.value;
  const sprite = store.samples.value?.sprite ?? null;
  const sharp = store.sharpTiles.value;
  const crops = useMemo(() => (sheet && sprite ? new Crops(sheet, sprite) : null), [sheet, sprite]);
  const lines = Math.ceil(rows.length / columns);
  const width = Math.ceil(columns * (edge + gaps[0]) - gaps[0]);
  const height = Math.ceil(lines * (edge + gaps[1]) - gaps[1]);
  const ratio = Math.min(2, window.devicePixelRatio || 1);

  useLayoutEffect(() => {
    const { current: box } = room;
    if (!box) return;
    const measure = (): void => {
      if (box.clientWidth > 0 && box.clientHeight > 0)
        actions.pages.setRoom({ width: box.clientWidth, height: box.clientHeight });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context) drawTiles(context, rows, { tiling, ratio, sheet, sprite, crops, sharp: sharp.at });
  }, [rows, tiling, ratio, sheet, sprite, sharp]);

  useEffect(() => {
    if (room.current && list.current) return listenToTiles(room.current, list.current, store, actions.pages);
    return undefined;
  }, []);

  // The arrows lead the focus; a pointer does not.
  const current = store.currentRow.value;
  const entry = current !== null && rows.includes(current) ? current : rows[0];
  useEffect(() => {
    const element = list.current?.querySelector<HTMLElement>('[data-current]');
    if (element && store.hover.peek() === null && document.activeElement !== element && !hasField())
      element.focus({ preventScroll: true });
  }, [current]);
  useEffect(() => {
    // Whoever turns a page by the keyboard is on the next one.
    const { activeElement: focused } = document;
    if (focused === document.body || focused?.closest('.review .tiles, .stage'))
      list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  }, [rows]);

  return (
    <div class="review-room" ref={room}>
      <div
        class="tiles"
        ref={list}
        role="listbox"
        aria-multiselectable="true"
        aria-label="Images of this page"
        style={{ width: `${width}px`, height: `${height}px` }}
        data-testid="tiles"
      >
        <canvas
          ref={canvas}
          width={Math.round(width * ratio)}
          height={Math.round(height * ratio)}
          style={{ width: `${width}px`, height: `${height}px` }}
          role="presentation"
        />
        {rows.map((row, at) => {
          const { left, top } = placeOfTile(tiling, at);
          return (
            <Tile
              key={row}
              row={row}
              left={left}
              top={top}
              edge={edge}
              classId={review.subject.classId}
              before={review.page.before[at] ?? -1}
              entry={row === entry}
            />
          );
        })}
      </div>
      <TileMenu review={review} />
      {store.menuAt.value === null && <HoverCard room={store.room.value} after={REST_MS} />}
    </div>
  );
}

function hasField(): boolean {
  return document.activeElement instanceof HTMLInputElement;
}

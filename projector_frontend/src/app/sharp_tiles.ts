import { effect } from '@preact/signals';
import type { Tiles } from '../api/types';
import type { Store } from '../state/store';
import { placeOnPage, type TilePages } from './tile_pages';

/** Enlarged by more than this, a tile of the sprite sheet looks blurred. */
const BLURRED = 1.15;
/** Larger tiles kept beyond those of the page and the ones after it. */
const MOST = 600;

/** Larger pictures for the tiles of the page that is looked through, and for those that come next. */
export class SharpTiles {
  private known = new Map<number, ImageBitmap>();
  private busy = false;

  constructor(
    private readonly pages: TilePages,
    private readonly store: Store,
  ) {
    effect(() => {
      if (!pages.tiles.value) this.forget();
    });
    effect(() => {
      const wanted = store.review.value && pages.tiles.value && store.tiling.value.edge > 0;
      if (wanted && !this.busy) void this.load();
    });
  }

  private forget(): void {
    for (const bitmap of this.known.values()) bitmap.close();
    this.known = new Map();
    this.tell();
  }

  private tell(): void {
    const { sharpTiles } = this.store;
    const { known } = this;
    sharpTiles.value = { at: (row) => known.get(row), count: sharpTiles.peek().count + 1 };
  }

  /** Loads page after page of tiles, the one with most of what is in sight first, until nothing is missing. */
  private async load(): Promise<void> {
    this.busy = true;
    try {
      for (let next = this.next(); next; next = this.next()) await this.cut(next.tiles, next.page, next.rows);
    } catch {
      this.pages.tiles.value = null; // the sprite's own tiles go on serving
    } finally {
      this.busy = false;
    }
  }

  private next(): { tiles: Tiles; page: number; rows: number[] } | null {
    const { store } = this;
    const tiles = this.pages.tiles.peek();
    const review = store.review.peek();
    const own = store.samples.peek()?.sprite?.tile[0] ?? 0;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    if (!tiles || !review || own >= tiles.tile_size || store.tiling.peek().edge * ratio < BLURRED * own)
      return null;
    const missing = (rows: readonly number[]): number[] => rows.filter((row) => !this.known.has(row));
    const { page } = review;
    const { ahead } = page;
    const now = missing(page.rows);
    const wanted = now.length > 0 ? now : missing(ahead);
    const counts = new Map<number, number>();
    for (const row of wanted) {
      const at = placeOnPage(tiles, row).page;
      counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    const [best] = [...counts].sort((a, b) => b[1] - a[1]);
    if (!best) return null;
    const all = [...now, ...missing(ahead)];
    return { tiles, page: best[0], rows: all.filter((row) => placeOnPage(tiles, row).page === best[0]) };
  }

  private async cut(tiles: Tiles, page: number, rows: readonly number[]): Promise<void> {
    const bitmap = await this.pages.page(page);
    const edge = tiles.tile_size;
    const cut = await Promise.all(
      rows.map((row) => {
        const { left, top } = placeOnPage(tiles, row);
        return createImageBitmap(bitmap, left, top, edge, edge);
      }),
    );
    if (this.pages.tiles.peek() !== tiles) {
      for (const each of cut) each.close();
      return;
    }
    cut.forEach((each, at) => this.known.set(rows[at] as number, each));
    this.trim();
    this.tell();
  }

  /** The oldest go where there are too many, but none that is wanted now. */
  private trim(): void {
    const review = this.store.review.peek();
    const wanted = new Set([...(review?.page.rows ?? []), ...(review?.page.ahead ?? [])]);
    for (const [row, bitmap] of this.known) {
      if (this.known.size <= MOST + wanted.size) return;
      if (wanted.has(row)) continue;
      bitmap.close();
      this.known.delete(row);
    }
  }
}

import { effect } from '@preact/signals';
import type { Tiles } from '../api/types';
import type { Detail } from '../render/renderer';
import type { Store } from '../state/store';
import { placeOnPage, type TilePages } from './tile_pages';
import type { Viewport } from './viewport';

/** Enlarged by more than this, a tile of the sprite sheet looks blurred. */
const BLURRED = 1.15;

/** Loads larger pictures for what is large on screen, where the run has them. */
export class Details {
  private loaded = new Set<number>();
  private busy = false;

  constructor(
    private readonly pages: TilePages,
    private readonly store: Store,
    private readonly viewport: Viewport,
  ) {
    effect(() => {
      this.loaded = new Set();
      if (pages.tiles.value) this.look();
    });
    // A new sheet, or a new way of drawing, begins without any.
    effect(() => {
      if (store.sheet.value ?? store.drawnBy.value) this.loaded = new Set();
    });
  }

  /** Called when the picture has come to rest. */
  look(): void {
    const tiles = this.pages.tiles.peek();
    if (tiles && !this.busy) void this.load(tiles);
  }

  private async load(tiles: Tiles): Promise<void> {
    const tile = this.store.samples.peek()?.sprite?.tile[0] ?? 0;
    const { viewport } = this;
    const most = (viewport.scene?.mostDetails ?? 0) / 2;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    if (tile === 0 || tile >= tiles.tile_size) return;
    const wanted = viewport.scene?.largeRows((BLURRED * tile) / ratio, most) ?? [];
    const rows = wanted.filter((row) => !this.loaded.has(row));
    const first = rows[0];
    if (first === undefined) return;
    this.busy = true;
    try {
      // A page at a time: the one with the largest picture.
      const perPage = tiles.columns * tiles.rows;
      const page = Math.floor(first / perPage);
      const details = await this.cut(
        tiles,
        page,
        rows.filter((row) => Math.floor(row / perPage) === page),
      );
      if (this.pages.tiles.peek() !== tiles) return;
      // The renderer forgets the oldest where it has too many; so does this, in larger steps.
      if (this.loaded.size > most / 2) this.loaded = new Set(wanted.filter((row) => this.loaded.has(row)));
      for (const { row } of details) this.loaded.add(row);
      viewport.scene?.addDetails(details, tiles.tile_size);
    } catch {
      // The sprite's own tiles go on serving; the next rest asks again.
      this.pages.tiles.value = null;
    } finally {
      this.busy = false;
    }
  }

  private async cut(tiles: Tiles, page: number, rows: readonly number[]): Promise<Detail[]> {
    const bitmap = await this.pages.page(page);
    const edge = tiles.tile_size;
    const canvas = new OffscreenCanvas(edge, edge);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return [];
    return rows.map((row) => {
      const { left, top } = placeOnPage(tiles, row);
      context.drawImage(bitmap, left, top, edge, edge, 0, 0, edge, edge);
      return { row, pixels: context.getImageData(0, 0, edge, edge) };
    });
  }
}

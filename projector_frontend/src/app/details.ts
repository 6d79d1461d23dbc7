import { effect } from '@preact/signals';
import type { Client } from '../api/client';
import type { Tiles } from '../api/types';
import type { Detail } from '../render/renderer';
import type { Store } from '../state/store';
import type { Viewport } from './viewport';

/** Rows whose larger pictures are asked for at once; the largest on screen come first. */
const MOST = 200;
/** Enlarged by more than this, a tile of the sprite sheet looks blurred. */
const BLURRED = 1.15;
const PAGES_KEPT = 3;

/** Loads larger pictures for what is large on screen, where the run has them. */
export class Details {
  private tiles: Tiles | null = null;
  private loaded = new Set<number>();
  private pages = new Map<number, Promise<ImageBitmap>>();
  private busy = false;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly viewport: Viewport,
  ) {
    effect(() => {
      const { value: samples } = store.samples;
      this.tiles = null;
      this.forget();
      if (samples?.sprite && store.run.peek() !== null) void this.open(store.run.peek() ?? '', samples.count);
    });
    // A new sheet, or a new way of drawing, begins without any.
    effect(() => {
      if (store.sheet.value ?? store.drawnBy.value) this.forget();
    });
  }

  /** Called when the picture has come to rest. */
  look(): void {
    if (this.tiles && !this.busy) void this.load(this.tiles);
  }

  private forget(): void {
    this.loaded = new Set();
    for (const page of this.pages.values()) close(page);
    this.pages = new Map();
  }

  private async open(run: string, count: number): Promise<void> {
    // A run without larger tiles is shown with the sprite's own.
    const tiles = await this.client.tiles(run).catch(() => null);
    if (tiles?.count === count && this.store.run.peek() === run) this.tiles = tiles;
    this.look();
  }

  private async load(tiles: Tiles): Promise<void> {
    const tile = this.store.samples.peek()?.sprite?.tile[0] ?? 0;
    const { viewport } = this;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    if (tile === 0 || tile >= tiles.tile_size) return;
    const wanted = viewport.scene?.largeRows((BLURRED * tile) / ratio, MOST) ?? [];
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
      if (this.tiles !== tiles) return;
      // The renderer forgets the oldest where it has too many; so does this, in larger steps.
      if (this.loaded.size > MOST / 2) this.loaded = new Set(wanted.filter((row) => this.loaded.has(row)));
      for (const { row } of details) this.loaded.add(row);
      viewport.scene?.addDetails(details, tiles.tile_size);
    } catch {
      // The sprite's own tiles go on serving; the next rest asks again.
      this.tiles = null;
    } finally {
      this.busy = false;
    }
  }

  private async cut(tiles: Tiles, page: number, rows: readonly number[]): Promise<Detail[]> {
    const bitmap = await this.page(page);
    const edge = tiles.tile_size;
    const canvas = new OffscreenCanvas(edge, edge);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return [];
    return rows.map((row) => {
      const at = row % (tiles.columns * tiles.rows);
      const left = (at % tiles.columns) * edge;
      const top = Math.floor(at / tiles.columns) * edge;
      context.drawImage(bitmap, left, top, edge, edge, 0, 0, edge, edge);
      return { row, pixels: context.getImageData(0, 0, edge, edge) };
    });
  }

  private page(page: number): Promise<ImageBitmap> {
    const known = this.pages.get(page);
    if (known) return known;
    const loading = this.client
      .tilePage(this.store.run.peek() ?? '', page)
      .then((blob) => createImageBitmap(blob, { colorSpaceConversion: 'none' }));
    this.pages.set(page, loading);
    const oldest = this.pages.keys().next().value;
    if (this.pages.size > PAGES_KEPT && oldest !== undefined) {
      close(this.pages.get(oldest));
      this.pages.delete(oldest);
    }
    return loading;
  }
}

/** Frees a page once it is there; one that never came has nothing to free. */
function close(page: Promise<ImageBitmap> | undefined): void {
  void page?.then((bitmap) => bitmap.close()).catch(() => undefined);
}

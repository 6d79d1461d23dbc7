import { effect, signal } from '@preact/signals';
import type { Client } from '../api/client';
import type { Tiles } from '../api/types';
import type { Store } from '../state/store';

const PAGES_KEPT = 3;

/** The pages of larger tiles that a run may have, and the few of them that were asked for last. */
export class TilePages {
  /** How they are laid out; null where the run has none, or they failed. */
  readonly tiles = signal<Tiles | null>(null);
  private pages = new Map<number, Promise<ImageBitmap>>();

  constructor(
    private readonly client: Client,
    private readonly store: Store,
  ) {
    effect(() => {
      const { value: samples } = store.samples;
      this.tiles.value = null;
      for (const page of this.pages.values()) close(page);
      this.pages = new Map();
      if (samples?.sprite && store.run.peek() !== null) void this.open(store.run.peek() ?? '', samples.count);
    });
  }

  /** One page, decoded. */
  page(page: number): Promise<ImageBitmap> {
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

  private async open(run: string, count: number): Promise<void> {
    // A run without larger tiles is shown with the sprite's own.
    const tiles = await this.client.tiles(run).catch(() => null);
    if (tiles?.count === count && this.store.run.peek() === run) this.tiles.value = tiles;
  }
}

/** On which page a row stands, and where there. */
export function placeOnPage(
  { tile_size: edge, columns, rows }: Tiles,
  row: number,
): { page: number; left: number; top: number } {
  const at = row % (columns * rows);
  const page = Math.floor(row / (columns * rows));
  return { page, left: (at % columns) * edge, top: Math.floor(at / columns) * edge };
}

/** Frees a page once it is there; one that never came has nothing to free. */
function close(page: Promise<ImageBitmap> | undefined): void {
  void page?.then((bitmap) => bitmap.close()).catch(() => undefined);
}

import type { Atlas } from '../atlas';
import type { Rgb } from '../renderer';
import { DetailCache, opaque, type Level } from './sheet';

/** Tiles kept: more than are ever shown at once. */
const MOST = 2000;
/** Edges at which tiles are cut out are multiples of this, pixels, up to the largest. */
const STEP = 8;
const LARGEST = 128;

/** Single tiles of a sheet, each cut out when it is first drawn, about as large as it is drawn. */
export class Cuts {
  /** Edge of a tile in the sheet, pixels. */
  readonly tile: number;
  private readonly known = new DetailCache(MOST);
  private readonly context: CanvasRenderingContext2D | null;

  constructor(
    private readonly bitmap: ImageBitmap,
    private readonly atlas: Atlas,
  ) {
    this.tile = Math.max(1, Math.floor(bitmap.width / atlas.columns));
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = LARGEST;
    this.context = canvas.getContext('2d', { willReadFrequently: true });
    if (this.context) this.context.imageSmoothingQuality = 'high';
  }

  /** @param tone what a muted tile fades to; null for the tile as it is */
  get(row: number, size: number, tone: Rgb | null): Level | undefined {
    const known = this.known.get(row, tone);
    const edge = Math.min(LARGEST, STEP * Math.ceil(size / STEP));
    if (known && known.tile >= edge && known.tile <= 2 * edge) return known;
    const level = this.cut(row, edge);
    if (!level) return known;
    this.known.put(row, level);
    return this.known.get(row, tone);
  }

  /** For another background. */
  forgetMuted(): void {
    this.known.forgetMuted();
  }

  private cut(row: number, edge: number): Level | undefined {
    const { bitmap, context } = this;
    const { columns, rows } = this.atlas;
    const [width, height] = [bitmap.width / columns, bitmap.height / rows];
    const column = row % columns;
    // Half a pixel in, so that no neighbour shines through.
    context?.drawImage(
      bitmap,
      column * width + 0.5,
      ((row - column) / columns) * height + 0.5,
      width - 1,
      height - 1,
      0,
      0,
      edge,
      edge,
    );
    const data = context?.getImageData(0, 0, edge, edge).data;
    return data && { data: opaque(new Uint32Array(data.buffer)), width: edge, columns: 1, tile: edge };
  }
}

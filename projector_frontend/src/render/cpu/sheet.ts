import type { Atlas } from '../atlas';
import { MUTED, type Rgb } from '../renderer';

/** Square tiles in rows, one word a pixel. */
export interface Level {
  data: Uint32Array;
  /** Pixels a line. */
  width: number;
  /** Tiles a row. */
  columns: number;
  /** Edge of a tile, pixels. */
  tile: number;
}

const SMALLEST_TILE = 4;

/** A sheet with its tiles made square, then half as large, and so on. */
export function levelsOf(bitmap: ImageBitmap, { columns, rows }: Atlas): Level[] {
  const tile = Math.max(1, Math.floor(Math.min(bitmap.width / columns, 2048 / columns)));
  const levels: Level[] = [];
  for (let edge = tile; edge >= Math.min(tile, SMALLEST_TILE); edge >>= 1) {
    const canvas = document.createElement('canvas');
    canvas.width = columns * edge;
    canvas.height = rows * edge;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) break;
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    levels.push({ data: opaque(new Uint32Array(data.buffer)), width: canvas.width, columns, tile: edge });
    if (edge === 1) break;
  }
  return levels;
}

/** The level whose tiles are nearest to a size, rather too large than too small. */
export function levelFor(levels: readonly Level[], size: number): Level | undefined {
  return levels.findLast((level) => level.tile >= 0.75 * size) ?? levels[0];
}

/** What stands back while something is labelled: greyer, and paler. */
export function mute(levels: readonly Level[], background: Rgb): Level[] {
  const add = background.map((part) => 255 * part * MUTED.fade);
  const keep = 1 - MUTED.fade;
  return levels.map((level) => {
    const data = new Uint32Array(level.data.length);
    level.data.forEach((texel, at) => {
      const red = texel & 255;
      const green = (texel >> 8) & 255;
      const blue = (texel >> 16) & 255;
      const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
      const toned = (part: number, channel: number): number =>
        (part + (grey - part) * MUTED.grey) * keep + (add[channel] as number);
      data[at] = (0xff000000 | (toned(blue, 2) << 16) | (toned(green, 1) << 8) | toned(red, 0)) >>> 0;
    });
    return { ...level, data };
  });
}

/** Larger pictures of some rows, as they are and muted; the oldest go where there are too many. */
export class DetailCache {
  private readonly plain = new Map<number, Level>();
  private readonly muted = new Map<number, Level>();

  constructor(private readonly most: number) {}

  put(row: number, level: Level): void {
    this.drop(row);
    this.plain.set(row, level);
    for (const oldest of this.plain.keys()) {
      if (this.plain.size <= this.most) break;
      this.drop(oldest);
    }
  }

  /** @param background what a muted picture fades to; null for the picture as it is */
  get(row: number, background: Rgb | null): Level | undefined {
    const plain = this.plain.get(row);
    if (!plain || !background) return plain;
    let muted = this.muted.get(row);
    if (!muted) {
      [muted] = mute([plain], background) as [Level];
      this.muted.set(row, muted);
    }
    return muted;
  }

  /** For another background. */
  forgetMuted(): void {
    this.muted.clear();
  }

  clear(): void {
    this.plain.clear();
    this.muted.clear();
  }

  private drop(row: number): void {
    this.plain.delete(row);
    this.muted.delete(row);
  }
}

/** Nothing drawn may look like nothing: see `Pixels`. */
export function opaque(words: Uint32Array): Uint32Array {
  for (let at = 0; at < words.length; at++) words[at] = ((words[at] as number) | 0xff000000) >>> 0;
  return words;
}

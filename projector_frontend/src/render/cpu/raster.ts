import type { Rgb } from '../renderer';
import type { Level } from './sheet';

/** A picture: one word a pixel, red lowest; 0 where nothing is drawn yet. */
export interface Pixels {
  data: Uint32Array;
  width: number;
  height: number;
}

/** How a tile's colours become a sprite's. */
export interface Shade {
  /** Share of the tile's own colour, 0 to 1. */
  keep: number;
  /** What is added to it. */
  add: Rgb;
  /** Width of the rim, pixels, and its colour. */
  border: number;
  rim: number;
}

/** An opaque colour as a pixel. */
export function packed([red, green, blue]: Rgb): number {
  return (
    (0xff000000 | (Math.round(255 * blue) << 16) | (Math.round(255 * green) << 8) | Math.round(255 * red)) >>>
    0
  );
}

/** `from` moved towards `to` by a share. */
export function mixed(from: Rgb, to: Rgb, share: number): Rgb {
  const keep = 1 - share;
  return [from[0] * keep + to[0] * share, from[1] * keep + to[1] * share, from[2] * keep + to[2] * share];
}

/** An opaque pixel of a colour moved towards another by so many of 256 parts. */
export function blended(from: number, to: number, parts: number): number {
  const share = (parts + 0.5) | 0; // a fraction of blue would run over into red
  const keep = 256 - share;
  const redBlue = ((from & 0xff00ff) * keep + (to & 0xff00ff) * share) / 256;
  const green = ((from & 0xff00) * keep + (to & 0xff00) * share) / 256;
  return (0xff000000 | (redBlue & 0xff00ff) | (green & 0xff00)) >>> 0;
}

/** Draws a tile as a square wherever nothing is drawn yet. */
export function fillTile(
  { data, width, height }: Pixels,
  left: number,
  top: number,
  size: number,
  level: Level,
  index: number,
  { keep, add, border, rim }: Shade,
): void {
  const first = Math.max(0, -left);
  const last = Math.min(size, width - left);
  const step = ((level.tile << 16) / size) | 0;
  const source = level.data;
  const column = index % level.columns;
  const origin = (((index - column) / level.columns) * level.width + column) * level.tile;
  const share = Math.round(keep * 256);
  // Never more than 255 with the tile's share: both halves of the sum are rounded down.
  const addRedBlue = ((Math.floor(add[2] * 255) << 16) | Math.floor(add[0] * 255)) >>> 0;
  const addGreen = Math.floor(add[1] * 255) << 8;
  const inner = size - border;
  for (let y = Math.max(0, -top); y < size && top + y < height; y++) {
    let at = (top + y) * width + left + first;
    if (y < border || y >= inner) {
      for (let x = first; x < last; x++, at++) if (data[at] === 0) data[at] = rim;
      continue;
    }
    const row = origin + ((y * step + (step >> 1)) >> 16) * level.width;
    let u = first * step + (step >> 1);
    for (let x = first; x < last; x++, at++, u += step) {
      if (data[at] !== 0) continue;
      if (x < border || x >= inner) {
        data[at] = rim;
        continue;
      }
      const texel = source[row + (u >> 16)] as number;
      if (share === 256) data[at] = texel;
      else {
        const redBlue = (((texel & 0xff00ff) * share) >>> 8) & 0xff00ff;
        const green = (((texel & 0xff00) * share) >>> 8) & 0xff00;
        data[at] = (0xff000000 | (redBlue + addRedBlue) | (green + addGreen)) >>> 0;
      }
    }
  }
}

/** Draws the outline of a square, inwards from its edge. */
export function strokeSquare(
  { data, width, height }: Pixels,
  left: number,
  top: number,
  size: number,
  line: number,
  color: number,
): void {
  for (let y = Math.max(0, -top); y < size && top + y < height; y++) {
    const whole = y < line || y >= size - line;
    for (let x = Math.max(0, -left); x < size && left + x < width; x++) {
      if (!whole && x >= line && x < size - line) continue;
      const at = (top + y) * width + left + x;
      if (data[at] === 0) data[at] = color;
    }
  }
}

/** A smaller disc may fall between the middles of all pixels. */
export const SMALLEST_RADIUS = 0.71;

/** Draws a disc wherever nothing is drawn yet: one pixel at least. */
export function fillDot(
  { data, width, height }: Pixels,
  x: number,
  y: number,
  wanted: number,
  color: number,
): void {
  const radius = Math.max(SMALLEST_RADIUS, wanted);
  const bottom = Math.min(height - 1, Math.floor(y + radius));
  for (let row = Math.max(0, Math.ceil(y - radius)); row <= bottom; row++) {
    const half = Math.sqrt(Math.max(0, radius * radius - (row - y) * (row - y)));
    const end = Math.min(width - 1, Math.floor(x + half));
    for (let column = Math.max(0, Math.ceil(x - half)); column <= end; column++) {
      const at = row * width + column;
      if (data[at] === 0) data[at] = color;
    }
  }
}

import type { ViewSize } from './camera';

/** An outline in the view, CSS pixels: x, y, x, y, … of its corners, closed by itself. */
export type Outline = readonly number[];

/**
 * Which projected positions lie inside an outline, whatever is in front of them, in order.
 *
 * The outline is drawn into a mask once, a byte a pixel, and each position is looked up in it: time does not grow with
 * the number of corners. Pixels are inside by the even-odd rule, at their middle.
 *
 * @param x CSS pixels; NaN behind the eye
 * @param hides whether what stands at a place of these arrays is not to be found
 */
export function inside(
  x: Float32Array,
  y: Float32Array,
  outline: Outline,
  hides: (at: number) => boolean = () => false,
): Int32Array {
  const mask = rasterize(outline);
  const found: number[] = [];
  if (!mask) return new Int32Array(0);
  const { left, top, width, height, bytes } = mask;
  for (let at = 0; at < x.length; at++) {
    const column = Math.floor((x[at] as number) - left);
    const line = Math.floor((y[at] as number) - top);
    // NaN fails every comparison.
    if (!(column >= 0 && column < width && line >= 0 && line < height)) continue;
    if (bytes[line * width + column] === 1 && !hides(at)) found.push(at);
  }
  return Int32Array.from(found);
}

interface Mask {
  left: number;
  top: number;
  width: number;
  height: number;
  bytes: Uint8Array;
}

function rasterize(outline: Outline): Mask | null {
  const xs = outline.filter((_, at) => at % 2 === 0);
  const ys = outline.filter((_, at) => at % 2 === 1);
  if (xs.length < 3) return null;
  const left = Math.floor(Math.min(...xs));
  const top = Math.floor(Math.min(...ys));
  const width = Math.ceil(Math.max(...xs)) - left;
  const height = Math.ceil(Math.max(...ys)) - top;
  if (width < 1 || height < 1) return null;
  const bytes = new Uint8Array(width * height);
  for (let line = 0; line < height; line++) {
    const crossings = crossingsAt(xs, ys, top + line + 0.5);
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const start = Math.max(0, Math.ceil((crossings[at] as number) - left - 0.5));
      const end = Math.min(width, Math.ceil((crossings[at + 1] as number) - left - 0.5));
      if (end > start) bytes.fill(1, line * width + start, line * width + end);
    }
  }
  return { left, top, width, height, bytes };
}

/** Where the outline's edges cross a horizontal line, from left to right. */
function crossingsAt(xs: readonly number[], ys: readonly number[], y: number): number[] {
  const crossings: number[] = [];
  for (let at = 0, before = xs.length - 1; at < xs.length; before = at++) {
    const y1 = ys[before] as number;
    const y2 = ys[at] as number;
    if (y1 > y === y2 > y) continue;
    const x1 = xs[before] as number;
    crossings.push(x1 + ((y - y1) / (y2 - y1)) * ((xs[at] as number) - x1));
  }
  return crossings.sort((a, b) => a - b);
}

/** An outline cut to the view's edges, beyond which there is nothing to see. */
export function clamped(outline: Outline, view: ViewSize): number[] {
  return outline.map((value, at) => Math.max(0, Math.min(at % 2 === 0 ? view.width : view.height, value)));
}

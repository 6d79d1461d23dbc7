import { DOT_SHARE, HAZE, HIDDEN, LABELED, SELECTED, SUGGESTED } from '../renderer';
import type { Projection } from '../project';
import { hazeAt, type Scenery } from './scenery';
import { blended, type Pixels } from './raster';

/** A point counts so much more where it is near than where it fades away. */
const NEAREST = 4;
const LARGEST_DOT = 4;
/** A lonely point's share of its colour; heaps come near to all of it. */
const LONELY = 0.4;
/** Heaps so many times as high as most have all of their colour. */
const FULL = 4;
/** What is selected has this share of its colour at least. */
const SELECTED_LEAST = 0.8;
const STEPS = 1024;
const CHOSEN = 0x80000000 | 0;
const MOST_LEAD = 255;

/**
 * Where many points lie on each pixel: how many, and of which class most are (Boyer and Moore's vote, in the drawing
 * order). What has a colour goes before what has none, and what is selected before the rest.
 */
export class Density {
  /** Two words a pixel: how much lies there, negative where something is selected; and the colour ahead, with its lead highest. */
  private readonly tally: Int32Array;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    this.tally = new Int32Array(2 * width * height);
  }

  clear(): void {
    this.tally.fill(0);
  }

  /** Counts the first `count` points of a projection, whose first has the rank `first`. */
  add({ x, y, depth, size }: Projection, count: number, first: number, scenery: Scenery): void {
    const { words, scale, spatial } = scenery;
    const { tally, width, height } = this;
    const toSide = DOT_SHARE * scale;
    const toWeight = (NEAREST - 1) / (256 * HAZE);
    for (let i = 0; i < count; i++) {
      const word = words[first + i] as number;
      const bits = word >>> 24;
      if (bits & HIDDEN) continue;
      let side = Math.round(toSide * (size[i] as number));
      if (side < 1) side = 1;
      else if (side > LARGEST_DOT) side = LARGEST_DOT;
      const left = Math.round((x[i] as number) * scale - 0.5 * side);
      const top = Math.round((y[i] as number) * scale - 0.5 * side);
      // NaN fails every comparison.
      if (!(left >= 0 && top >= 0 && left + side <= width && top + side <= height)) continue;
      const weight = spatial ? Math.round(NEAREST - toWeight * hazeAt(scenery, depth[i] as number)) : NEAREST;
      // Black is a colour too.
      const color = bits & (LABELED | SUGGESTED) ? word & 0xffffff || 0x010101 : 0;
      const chosen = (bits & SELECTED) !== 0;
      for (let line = 0; line < side; line++) {
        let at = 2 * ((top + line) * width + left);
        for (const end = at + 2 * side; at < end; at += 2) {
          const before = tally[at] as number;
          tally[at] = before + weight;
          if (chosen) {
            if (before >= 0) {
              tally[at] = (before + weight) | CHOSEN;
              tally[at + 1] = 0;
            }
          } else if (before < 0) continue;
          if (color === 0) continue;
          const vote = tally[at + 1] as number;
          const lead = vote >>> 24;
          if ((vote & 0xffffff) === color) {
            const more = lead + weight;
            tally[at + 1] = color | ((more > MOST_LEAD ? MOST_LEAD : more) << 24);
          } else if (lead < weight) tally[at + 1] = color | ((weight - lead) << 24);
          else tally[at + 1] = vote - (weight << 24);
        }
      }
    }
  }

  /**
   * Fills what is still empty of a picture.
   *
   * @param share of all points that were counted
   * @param weight how far heaps are told apart by their shade: 0 where all have their colours as dots have
   */
  fill({ data }: Pixels, scenery: Scenery, share: number, weight: number): void {
    const { tally } = this;
    const { background, neutral, ink, dimming } = scenery;
    const usual = usualHeap(tally);
    if (usual === 0) return;
    const shades = shadesOf(usual, share, weight);
    const toStep = STEPS / (FULL * usual);
    const undimmed = 1 - 0.8 * dimming;
    for (let at = 0; at < data.length; at++) {
      const heap = tally[2 * at] as number;
      if (heap === 0 || data[at] !== 0) continue;
      const chosen = heap < 0;
      const step = ((heap & 0x7fffffff) * toStep) | 0;
      const shade = shades[step < STEPS ? step : STEPS - 1] as number;
      const vote = (tally[2 * at + 1] as number) & 0xffffff;
      if (chosen) data[at] = blended(vote || ink, background, 256 * (1 - Math.max(SELECTED_LEAST, shade)));
      else data[at] = blended(vote || neutral, background, 256 * (1 - shade * undimmed));
    }
  }
}

/** How much lies where an average point does. */
function usualHeap(tally: Int32Array): number {
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < tally.length; at += 2) {
    const heap = (tally[at] as number) & 0x7fffffff;
    sum += heap;
    squares += heap * heap;
  }
  return sum === 0 ? 0 : squares / sum;
}

/** The share of its colour that a heap of each height has, by steps up to `FULL` times the usual. */
function shadesOf(usual: number, share: number, weight: number): Float32Array {
  const height = (FULL * usual) / share / NEAREST;
  return Float32Array.from({ length: STEPS }, (_, step) => {
    const shade = Math.log1p((height * step) / STEPS) / Math.log1p(height);
    return 1 + weight * (LONELY + (1 - LONELY) * shade - 1);
  });
}

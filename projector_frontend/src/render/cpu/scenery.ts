import { distance } from '../camera';
import type { DrawingOrder } from '../drawing_order';
import { LABEL_LIFT } from '../project';
import { HAZE, HELD_TONE, type Shot, type ViewColors } from '../renderer';
import { mixed, packed } from './raster';

/** What all points of a picture have in common, worked out once. */
export interface Scenery {
  /** Looks, a word a rank: colour, and the bits highest. */
  words: Uint32Array;
  rows: Uint32Array;
  /** Pixels a CSS pixel. */
  scale: number;
  spatial: boolean;
  /** Distance of the target, and from where to where things fade, world units. */
  far: number;
  clear: number;
  hazy: number;
  /** How much nearer labelled images are drawn than they stand. */
  lift: number;
  /** 1 while something is selected. */
  dimming: number;
  /** The view's own, and as pixels. */
  colors: ViewColors;
  background: number;
  ink: number;
  neutral: number;
  accent: number;
  /** Of the ring round what others look at. */
  held: number;
}

export function sceneryOf(
  { camera, dimming }: Shot,
  words: Uint32Array,
  { rows }: DrawingOrder,
  scale: number,
  colors: ViewColors,
): Scenery {
  const far = distance(camera);
  return {
    words,
    rows,
    scale,
    spatial: camera.dimensions === 3,
    far,
    clear: far - 0.55 * camera.radius,
    hazy: far + 1.1 * camera.radius,
    lift: LABEL_LIFT * camera.radius,
    dimming,
    colors,
    background: packed(colors.background),
    ink: packed(colors.ink),
    neutral: packed(colors.neutral),
    accent: packed(colors.accent),
    held: packed(mixed(colors.accent, colors.background, 1 - HELD_TONE)),
  };
}

/** How far what is so far away fades into the background, of 256. */
export function hazeAt({ clear, hazy }: Scenery, away: number): number {
  if (away <= clear) return 0;
  const share = away >= hazy ? 1 : (away - clear) / (hazy - clear);
  return 256 * HAZE * share * share * (3 - 2 * share);
}

import type { ViewSize } from './camera';
import { MANY } from './drawing_order';

const SMALLEST_SPRITE = 16;
/** Where dots are shown, and each costs: 2.4 pixels across. */
const SMALLEST_DOTTED = 8;
const LARGEST_SPRITE = 40;
/** Where not all images are shown, about so many tiles would fill the view. */
const REPRESENTATIVES = 700;
const REPRESENTATIVE_EDGES = [28, 64] as const;

/** The edge at which the images of so many samples fill the view without hiding each other too much, CSS pixels. */
export function usualSize({ width, height }: ViewSize, count: number, sprites: boolean): number {
  const area = width * height;
  if (sprites && count > MANY) return within(REPRESENTATIVE_EDGES, Math.sqrt(area / REPRESENTATIVES));
  return within(
    [sprites ? SMALLEST_SPRITE : SMALLEST_DOTTED, LARGEST_SPRITE],
    Math.sqrt((1.3 * area) / count),
  );
}

function within([least, most]: readonly [number, number], edge: number): number {
  return Math.round(Math.min(most, Math.max(least, edge)));
}

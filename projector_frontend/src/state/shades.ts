import { rgb } from './colors';

type Shade = readonly [number, number, number];

/**
 * Viridis (Smith, van der Walt and Firing, 2015) at every sixteenth: equal steps look equal, to the colour-blind and in
 * print too.
 */
const VIRIDIS: readonly Shade[] = [
  ...['#440154', '#48186a', '#472d7b', '#424086', '#3b528b', '#33638d', '#2c728e', '#26828e', '#21918c'],
  ...['#1fa088', '#28ae80', '#3fbc73', '#5ec962', '#84d44b', '#addc30', '#d8e219', '#fde725'],
].map(rgb);

/** The part of it that is seen: its darkest would vanish in the dark, its lightest on white. */
const SEEN = { dark: [0.25, 1], light: [0, 0.85] } as const;

/** The colour of a share of a scale, 0 to 1. */
export function shadeAt(share: number, dark: boolean): Shade {
  const [first, last] = dark ? SEEN.dark : SEEN.light;
  const place = (first + share * (last - first)) * (VIRIDIS.length - 1);
  const before = Math.min(Math.floor(place), VIRIDIS.length - 2);
  const [from, to] = [VIRIDIS[before] as Shade, VIRIDIS[before + 1] as Shade];
  const mixed = (at: 0 | 1 | 2): number => Math.round(from[at] + (to[at] - from[at]) * (place - before));
  return [mixed(0), mixed(1), mixed(2)];
}

import type { ClassInfo } from '../contract';

/** Okabe and Ito's palette: eight colours that stay apart for colour-blind eyes too (black left out). */
export const OKABE_ITO = [
  '#E69F00',
  '#56B4E9',
  '#009E73',
  '#CC79A7',
  '#0072B2',
  '#D55E00',
  '#F0E442',
  '#8C6BB1',
] as const;

/** The colour for a new class: the first of the palette not in use, then hues by the golden angle. */
export function nextColor(classes: readonly ClassInfo[]): string {
  const used = new Set(classes.map((each) => each.color.toUpperCase()));
  return OKABE_ITO.find((color) => !used.has(color)) ?? generated(classes.length);
}

/** The `index`-th colour of an endless palette. */
export function paletteColor(index: number): string {
  return OKABE_ITO[index] ?? generated(index);
}

function generated(index: number): string {
  const hue = (index * 137.508) % 360;
  const lightness = 0.52 + 0.1 * ((index >> 3) % 3) - 0.1;
  return hslToHex(hue, 0.6, lightness);
}

export function hslToHex(hue: number, saturation: number, lightness: number): string {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number): string => {
    const k = (n + hue / 30) % 12;
    const value = lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`.toUpperCase();
}

/** `#RRGGBB` as three numbers of 0 to 255; mid-grey for anything else. */
export function rgb(hex: string): [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) return [128, 128, 128];
  return [parseInt(match[1] ?? '', 16), parseInt(match[2] ?? '', 16), parseInt(match[3] ?? '', 16)];
}

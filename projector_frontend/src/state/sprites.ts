import type { SpriteInfo } from '../api/types';

/** Left, top, width and height of an image in the sprite sheet, in the sheet's pixels. */
export function tileRect({ columns, tile }: SpriteInfo, row: number): [number, number, number, number] {
  const [width, height] = tile;
  return [(row % columns) * width, Math.floor(row / columns) * height, width, height];
}

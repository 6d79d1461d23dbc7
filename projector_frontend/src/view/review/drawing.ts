import type { SpriteInfo } from '../../api/types';
import { tileRect } from '../../state/sprites';
import { placeOfTile, type Tiling } from '../../state/tiling';

/** Exporters pad tiles that are no squares, with a grey, at two sides alike; a JPEG changes it a little. */
const PADDING = 128;
const NEAR = 24;
/** So much of a line must be of it: the picture's own colours bleed into the line beside it. */
const MOSTLY = 0.8;

/** The part of a tile that shows something, as shares of its edge: the square in the middle of its picture. */
export interface Crop {
  left: number;
  top: number;
  size: number;
}

/** Finds what of each tile is picture; looked at once. */
export class Crops {
  private readonly known = new Map<number, Crop>();
  private readonly context: OffscreenCanvasRenderingContext2D | null;

  constructor(
    private readonly sheet: ImageBitmap,
    private readonly sprite: SpriteInfo,
  ) {
    const [width, height] = sprite.tile;
    this.context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  }

  of(row: number): Crop {
    const known = this.known.get(row);
    if (known) return known;
    const found = this.look(row);
    this.known.set(row, found);
    return found;
  }

  private look(row: number): Crop {
    const [width, height] = this.sprite.tile;
    if (!this.context || width !== height) return WHOLE;
    this.context.drawImage(this.sheet, ...tileRect(this.sprite, row), 0, 0, width, height);
    return cropOf(this.context.getImageData(0, 0, width, height).data, width);
  }
}

const WHOLE: Crop = { left: 0, top: 0, size: 1 };

/** What of a square tile is picture, by its pixels: a tile is padded at its sides, or above and below. */
export function cropOf(pixels: Uint8ClampedArray, edge: number): Crop {
  const isPadding = (at: number): boolean =>
    [0, 1, 2].every((channel) => Math.abs((pixels[4 * at + channel] as number) - PADDING) <= NEAR);
  const line = (at: number, down: boolean): boolean => {
    let count = 0;
    for (let along = 0; along < edge; along++)
      if (isPadding(down ? along * edge + at : at * edge + along)) count++;
    return count >= MOSTLY * edge;
  };
  const padding = (down: boolean): number => {
    let wide = 0;
    while (2 * wide < edge - 2 && line(wide, down) && line(edge - 1 - wide, down)) wide++;
    return 2 * wide >= edge - 2 ? 0 : wide;
  };
  const above = padding(false);
  const beside = above > 0 ? 0 : padding(true);
  // A line more: what touches the padding is blurred with it.
  const wide = Math.max(above, beside);
  const cut = wide > 0 ? Math.min(wide + 1, edge / 2 - 1) / edge : 0;
  return { left: cut, top: cut, size: 1 - 2 * cut };
}

interface Look {
  tiling: Tiling;
  ratio: number;
  sheet: ImageBitmap | null;
  sprite: SpriteInfo | null;
  crops: Crops | null;
  sharp: (row: number) => ImageBitmap | undefined;
}

/** Draws tiles where a tiling has them; those of a run without pictures are left to the page's own ground. */
export function drawTiles(context: CanvasRenderingContext2D, rows: readonly number[], look: Look): void {
  const { tiling, ratio, sheet, sprite, crops, sharp } = look;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  if (!sheet || !sprite || !crops) return;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  rows.forEach((row, at) => {
    const { left, top } = placeOfTile(tiling, at);
    const crop = crops.of(row);
    const large = sharp(row);
    const [x, y, width, height] = large ? [0, 0, large.width, large.height] : tileRect(sprite, row);
    const source = [
      x + crop.left * width,
      y + crop.top * height,
      crop.size * width,
      crop.size * height,
    ] as const;
    context.drawImage(large ?? sheet, ...source, left, top, tiling.edge, tiling.edge);
  });
}

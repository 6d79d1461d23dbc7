import type { Atlas } from '../atlas';
import type { Projection } from '../project';
import {
  FRAME,
  FRAME_EDGES,
  HELD,
  HIDDEN,
  LABELED,
  SELECTED,
  SUGGESTED,
  VEIL,
  type Detail,
  type Rgb,
  type Shot,
} from '../renderer';
import { MANY } from '../drawing_order';
import { Cuts } from './cuts';
import { byDepth } from './order';
import { fillTile, mixed, packed, strokeSquare, type Pixels } from './raster';
import { hazeAt, type Scenery } from './scenery';
import { DetailCache, levelFor, levelsOf, mute, type Level } from './sheet';

/** A larger picture kept for each of so many rows. */
export const MOST_DETAILS = 400;

/** Images as square tiles, drawn front to back into a picture. */
export class Tiles {
  private plain: Level[] = [];
  private muted: Level[] | null = null;
  private readonly details = new DetailCache(MOST_DETAILS);
  /** Where there are too many tiles to have them all in several sizes. */
  private cuts: Cuts | null = null;
  private order = new Uint32Array(0);
  private layers = new Float32Array(0);

  /** Whether there is a sheet to draw from. */
  get any(): boolean {
    return this.plain.length > 0 || this.cuts !== null;
  }

  setSheet(bitmap: ImageBitmap | null, atlas: Atlas): void {
    this.details.clear();
    this.muted = null;
    const many = atlas.columns * atlas.rows > MANY;
    this.cuts = bitmap && many ? new Cuts(bitmap, atlas) : null;
    this.plain = bitmap && !many ? levelsOf(bitmap, atlas) : [];
  }

  addDetails(details: readonly Detail[], edge: number): void {
    for (const { row, pixels } of details) {
      const data = new Uint32Array(pixels.data.buffer);
      this.details.put(row, { data, width: edge, columns: 1, tile: edge });
    }
  }

  /** For another background. */
  forgetMuted(): void {
    this.muted = null;
    this.details.forgetMuted();
    this.cuts?.forgetMuted();
  }

  /**
   * Draws tiles wherever nothing is drawn yet.
   *
   * @param projection where they stand
   * @param ranks of each of them; null where they are all points, in the drawing order
   */
  paint(
    pixels: Pixels,
    shot: Shot,
    projection: Projection,
    ranks: Uint32Array | null,
    scenery: Scenery,
  ): void {
    const { words, rows, spatial, far, lift, colors } = scenery;
    const count = projection.x.length;
    if (this.order.length !== count) {
      this.order = new Uint32Array(count);
      this.layers = new Float32Array(count);
    }
    for (let at = 0; at < count; at++) {
      const rank = ranks ? (ranks[at] as number) : at;
      const row = rows[rank] as number;
      const bits = (words[rank] as number) >>> 24;
      const lifted = (projection.depth[at] as number) - (bits & LABELED ? lift : 0);
      // In front whatever its depth: hovered, focus, then what is selected. In the plane the first row lies on top.
      const layer = row === shot.hovered ? 0 : row === shot.focused ? 1 : bits & SELECTED ? 2 : 3;
      const within = spatial ? lifted / (2 * far) : (bits & LABELED ? 0 : 0.5) + (0.5 * row) / rows.length;
      this.layers[at] = bits & HIDDEN ? NaN : layer + Math.min(0.999, Math.max(0, within));
    }
    const drawn = byDepth(this.layers, 4, this.order);
    if (shot.muting > 0.5) this.muted ??= mute(this.plain, colors.background);
    for (let each = 0; each < drawn; each++) {
      const at = this.order[each] as number;
      const rank = ranks ? (ranks[at] as number) : at;
      this.tile(pixels, shot, projection, at, rank, scenery);
    }
  }

  private tile(
    pixels: Pixels,
    shot: Shot,
    { x, y, depth, size: sizes }: Projection,
    at: number,
    rank: number,
    scenery: Scenery,
  ): void {
    const { words, rows, scale, colors, spatial } = scenery;
    const row = rows[rank] as number;
    const word = words[rank] as number;
    const bits = word >>> 24;
    const front = row === shot.hovered || row === shot.focused || (bits & SELECTED) !== 0;
    const labeled = (bits & LABELED) !== 0;
    let edge = (sizes[at] as number) * scale;
    if (!labeled && !front) edge *= 1 - 0.12 * shot.muting;
    if (row === shot.hovered) edge = Math.max(1.25 * edge, 34 * scale);
    const size = Math.max(2, Math.round(edge));
    const left = Math.round((x[at] as number) * scale - size / 2);
    const top = Math.round((y[at] as number) * scale - size / 2);
    if (!(left < pixels.width && top < pixels.height && left + size > 0 && top + size > 0)) return;
    const isMuted = !labeled && !front && shot.muting > 0.5;
    const tone = isMuted ? colors.background : null;
    const own =
      size > (this.cuts?.tile ?? this.plain[0]?.tile ?? 0) ? this.details.get(row, tone) : undefined;
    const alone = own ?? this.cuts?.get(row, size, tone);
    const level = alone ?? levelFor((isMuted ? this.muted : null) ?? this.plain, size);
    if (!level) return;
    const haze = spatial ? hazeAt(scenery, depth[at] as number) / 256 : 0;
    const fade = front ? 0 : Math.max(haze, 0.8 * shot.dimming);
    const color: Rgb = [(word & 255) / 255, ((word >> 8) & 255) / 255, ((word >> 16) & 255) / 255];
    const coloured = labeled || (bits & SUGGESTED) !== 0;
    const rim = mixed(coloured ? color : mixed(colors.background, colors.ink, 0.18), colors.background, fade);
    const frame = Math.min(FRAME_EDGES[1] * scale, Math.max(FRAME_EDGES[0], FRAME * 0.5 * size));
    const border = labeled ? Math.round(frame) : coloured ? 2 : 1;
    const veil = labeled ? VEIL : 0;
    fillTile(pixels, left, top, size, level, alone ? 0 : row, {
      keep: (1 - veil) * (1 - fade),
      add: mixed([color[0] * veil, color[1] * veil, color[2] * veil], colors.background, fade),
      border: size > 7 ? Math.min(border, size >> 2) : labeled ? 1 : 0,
      rim: packed(rim),
    });
    if (row === shot.focused) {
      strokeSquare(pixels, left - 1, top - 1, size + 2, 1, scenery.background);
      strokeSquare(pixels, left - 4, top - 4, size + 8, 3, scenery.accent);
    } else if (row === shot.hovered) strokeSquare(pixels, left - 2, top - 2, size + 4, 2, scenery.ink);
    else if (bits & SELECTED) strokeSquare(pixels, left - 1, top - 1, size + 2, 1, scenery.ink);
    else if (bits & HELD) strokeSquare(pixels, left - 2, top - 2, size + 4, 2, scenery.held);
  }
}

import { DOT_SHARE, HELD, HIDDEN, LABELED, SELECTED, SUGGESTED } from '../renderer';
import type { Projection } from '../project';
import { hazeAt, type Scenery } from './scenery';
import { blended, SMALLEST_RADIUS, type Pixels } from './raster';

/** How far the ring reaches beyond a dot that is selected, or that others look at, pixels; and how far behind it lies. */
const SELECTED_RING = 1.5;
const HELD_RING = 2;
const BEHIND = 1e-4;

/** Dots, and how near each pixel's is: the nearest is seen, in whatever order they come. */
export class Dots {
  private readonly colors: Uint32Array;
  private readonly depths: Float32Array;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    this.colors = new Uint32Array(width * height);
    this.depths = new Float32Array(width * height);
  }

  clear(): void {
    this.colors.fill(0);
    this.depths.fill(Infinity);
  }

  /** Draws the first `count` points of a projection, whose first has the rank `first`. */
  add({ x, y, depth, size }: Projection, count: number, first: number, scenery: Scenery): void {
    const { words, rows, scale, far, lift, spatial, background, ink, neutral, held } = scenery;
    const { width, height } = this;
    const dimmed = 205 * scenery.dimming;
    const toKey = 0.5 / far;
    const toOrder = 0.5 / rows.length;
    const toRadius = 0.5 * DOT_SHARE * scale;
    for (let i = 0; i < count; i++) {
      const word = words[first + i] as number;
      const bits = word >>> 24;
      if (bits & HIDDEN) continue;
      const px = (x[i] as number) * scale;
      const py = (y[i] as number) * scale;
      let radius = toRadius * (size[i] as number);
      if (radius < SMALLEST_RADIUS) radius = SMALLEST_RADIUS;
      // NaN fails every comparison.
      if (!(px > -radius && py > -radius && px < width + radius && py < height + radius)) continue;
      const away = depth[i] as number;
      let key = spatial
        ? (away - (bits & LABELED ? lift : 0)) * toKey
        : (bits & LABELED ? 0 : 0.5) + (rows[first + i] as number) * toOrder;
      if (key < 0) key = 0;
      else if (key > 0.999) key = 0.999;
      const own = bits & (LABELED | SUGGESTED) ? word & 0xffffff : neutral;
      if (bits & SELECTED) {
        this.disc(px, py, radius, key, blended(own, background, 0));
        this.disc(px, py, radius + SELECTED_RING, key + BEHIND, ink);
      } else {
        const haze = spatial ? hazeAt(scenery, away) : 0;
        this.disc(px, py, radius, 1 + key, blended(own, background, haze > dimmed ? haze : dimmed));
        if (bits & HELD) this.disc(px, py, radius + HELD_RING, 1 + key + BEHIND, held);
      }
    }
  }

  /** Fills what is still empty of a picture. */
  fill({ data }: Pixels): void {
    const { colors } = this;
    for (let at = 0; at < data.length; at++) if (data[at] === 0) data[at] = colors[at] as number;
  }

  private disc(x: number, y: number, radius: number, key: number, color: number): void {
    const { colors, depths, width, height } = this;
    const bottom = Math.min(height - 1, Math.floor(y + radius));
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= bottom; row++) {
      const half = Math.sqrt(Math.max(0, radius * radius - (row - y) * (row - y)));
      const end = row * width + Math.min(width - 1, Math.floor(x + half));
      for (let at = row * width + Math.max(0, Math.ceil(x - half)); at <= end; at++) {
        if (!(key < (depths[at] as number))) continue;
        depths[at] = key;
        colors[at] = color;
      }
    }
  }
}

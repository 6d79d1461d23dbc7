import type { Atlas } from '../atlas';
import { distance } from '../camera';
import { byDepth } from './order';
import type { Motion } from '../motion';
import {
  DOT_SHARE,
  FRAME,
  HAZE,
  HELD,
  HELD_TONE,
  HIDDEN,
  LABELED,
  SELECTED,
  SUGGESTED,
  VEIL,
  type Detail,
  type Renderer,
  type ViewColors,
  type Rgb,
  type Shot,
} from '../renderer';
import { allocate, LABEL_LIFT, project, type Projection } from '../project';
import { fillDot, fillTile, mixed, packed, strokeSquare, type Pixels } from './raster';
import { DetailCache, levelFor, levelsOf, mute, type Level } from './sheet';

/** Device pixels drawn at most: a whole 4K screen would cost a tenth of a second. */
const MOST_PIXELS = 2_200_000;
const LARGEST_SHEET = 2048;
/** A larger picture kept for each of so many rows. */
const MOST_DETAILS = 400;

/**
 * Draws with the processor into a 2-D canvas: browsers without a graphics card draw WebGL in software too, and take ten
 * times as long for thousands of small images (docs/performance.md).
 *
 * Points are drawn front to back and no pixel twice, so that time grows with the picture and not with how many images
 * hide each other.
 */
export class CpuRenderer implements Renderer {
  readonly kind = 'processor';
  readonly largestSheet = LARGEST_SHEET;
  private readonly context: CanvasRenderingContext2D;
  private image = new ImageData(1, 1);
  private pixels: Pixels = { data: new Uint32Array(this.image.data.buffer), width: 1, height: 1 };
  private scale = 1;
  private motion: Motion | null = null;
  private looks: Uint8Array = new Uint8Array(0);
  private projection: Projection = allocate(0);
  private order = new Uint32Array(0);
  private layers = new Float32Array(0);
  private viewColors: ViewColors | null = null;
  private plain: Level[] = [];
  private muted: Level[] | null = null;
  private readonly details = new DetailCache(MOST_DETAILS);

  constructor(private readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser has no 2-D canvas.');
    this.context = context;
  }

  allocate(motion: Motion): void {
    this.motion = motion;
    this.projection = allocate(motion.count);
    this.order = new Uint32Array(motion.count);
    this.layers = new Float32Array(motion.count);
    this.looks = new Uint8Array(4 * motion.count);
  }

  moved(): void {
    // The buffers are read afresh for every picture.
  }

  setLooks(looks: Uint8Array): void {
    this.looks = looks;
  }

  setSheet(bitmap: ImageBitmap | null, atlas: Atlas): void {
    this.details.clear();
    this.muted = null;
    this.plain = bitmap ? levelsOf(bitmap, atlas) : [];
  }

  addDetails(details: readonly Detail[], edge: number): void {
    for (const { row, pixels } of details) {
      const data = new Uint32Array(pixels.data.buffer);
      this.details.put(row, { data, width: edge, columns: 1, tile: edge });
    }
  }

  setViewColors(viewColors: ViewColors): void {
    this.viewColors = viewColors;
    this.muted = null;
    this.details.forgetMuted();
  }

  resize(width: number, height: number, ratio: number): void {
    this.scale = Math.min(ratio, 1, Math.sqrt(MOST_PIXELS / (width * height)));
    const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * this.scale)));
    this.canvas.width = w as number;
    this.canvas.height = h as number;
    this.image = new ImageData(w as number, h as number);
    this.pixels = { data: new Uint32Array(this.image.data.buffer), width: w as number, height: h as number };
  }

  draw(shot: Shot): void {
    // Empty pixels stay transparent: the page behind has the view's colour.
    this.pixels.data.fill(0);
    if (this.motion && this.viewColors && this.motion.count > 0)
      this.paintPoints(shot, this.motion, this.viewColors);
    this.context.putImageData(this.image, 0, 0);
  }

  dispose(): void {
    this.plain = [];
    this.muted = null;
    this.details.clear();
  }

  private paintPoints(shot: Shot, motion: Motion, viewColors: ViewColors): void {
    const { camera, view } = shot;
    const { projection, looks } = this;
    const { from, to } = motion;
    project({ from, to, mix: shot.mix }, camera, view, { base: shot.size }, projection);
    const lift = LABEL_LIFT * camera.radius;
    const far = distance(camera);
    const spatial = camera.dimensions === 3;
    for (let row = 0; row < motion.count; row++) {
      const bits = looks[4 * row + 3] as number;
      const lifted = (projection.depth[row] as number) - (bits & LABELED ? lift : 0);
      // In front whatever its depth: hovered, focus, then what is selected. In the plane the first row lies on top.
      const layer = row === shot.hovered ? 0 : row === shot.focused ? 1 : bits & SELECTED ? 2 : 3;
      const within = spatial ? lifted / (2 * far) : (bits & LABELED ? 0 : 0.5) + (0.5 * row) / motion.count;
      this.layers[row] = bits & HIDDEN ? NaN : layer + Math.min(0.999, Math.max(0, within));
    }
    const drawn = byDepth(this.layers, 4, this.order);
    const sprites = shot.sprites && this.plain.length > 0;
    if (sprites && shot.muting > 0.5) this.muted ??= mute(this.plain, viewColors.background);
    const tone = tones(viewColors);
    for (let at = 0; at < drawn; at++) {
      const row = this.order[at] as number;
      const depth = projection.depth[row] as number;
      const haze = spatial
        ? HAZE * smoothstep(far - 0.55 * camera.radius, far + 1.1 * camera.radius, depth)
        : 0;
      if (sprites) this.sprite(shot, row, haze, viewColors, tone);
      else this.dot(shot, row, haze, viewColors, tone);
    }
  }

  private sprite(shot: Shot, row: number, haze: number, viewColors: ViewColors, tone: Tones): void {
    const { projection, pixels, scale, looks } = this;
    const bits = looks[4 * row + 3] as number;
    const front = row === shot.hovered || row === shot.focused || (bits & SELECTED) !== 0;
    const labeled = (bits & LABELED) !== 0;
    let edge = (projection.size[row] as number) * scale;
    if (!labeled && !front) edge *= 1 - 0.12 * shot.muting;
    if (row === shot.hovered) edge = Math.max(1.25 * edge, 34 * scale);
    const size = Math.max(2, Math.round(edge));
    const left = Math.round((projection.x[row] as number) * scale - size / 2);
    const top = Math.round((projection.y[row] as number) * scale - size / 2);
    if (!(left < pixels.width && top < pixels.height && left + size > 0 && top + size > 0)) return;
    const muted = !labeled && !front && shot.muting > 0.5 ? this.muted : null;
    const levels = muted ?? this.plain;
    const detail =
      size > (levels[0]?.tile ?? 0) ? this.details.get(row, muted ? viewColors.background : null) : undefined;
    const level = detail ?? levelFor(levels, size);
    if (!level) return;
    const fade = front ? 0 : Math.max(haze, 0.8 * shot.dimming);
    const color: Rgb = [
      (looks[4 * row] as number) / 255,
      (looks[4 * row + 1] as number) / 255,
      (looks[4 * row + 2] as number) / 255,
    ];
    const coloured = labeled || (bits & SUGGESTED) !== 0;
    const rim = mixed(
      coloured ? color : mixed(viewColors.background, viewColors.ink, 0.18),
      viewColors.background,
      fade,
    );
    const border = labeled ? Math.max(2, Math.round(FRAME * 0.5 * size)) : coloured ? 2 : 1;
    const veil = labeled ? VEIL : 0;
    fillTile(pixels, left, top, size, level, level === detail ? 0 : row, {
      keep: (1 - veil) * (1 - fade),
      add: mixed([color[0] * veil, color[1] * veil, color[2] * veil], viewColors.background, fade),
      border: size > 7 ? Math.min(border, size >> 2) : labeled ? 1 : 0,
      rim: packed(rim),
    });
    this.ring(shot, row, bits, left, top, size, tone);
  }

  private ring(
    shot: Shot,
    row: number,
    bits: number,
    left: number,
    top: number,
    size: number,
    tone: Tones,
  ): void {
    if (row === shot.focused) {
      strokeSquare(this.pixels, left - 1, top - 1, size + 2, 1, tone.background);
      strokeSquare(this.pixels, left - 4, top - 4, size + 8, 3, tone.accent);
    } else if (row === shot.hovered) strokeSquare(this.pixels, left - 2, top - 2, size + 4, 2, tone.ink);
    else if (bits & SELECTED) strokeSquare(this.pixels, left - 1, top - 1, size + 2, 1, tone.ink);
    else if (bits & HELD) strokeSquare(this.pixels, left - 2, top - 2, size + 4, 2, tone.held);
  }

  private dot(shot: Shot, row: number, haze: number, viewColors: ViewColors, tone: Tones): void {
    const { projection, pixels, scale, looks } = this;
    const bits = looks[4 * row + 3] as number;
    const front = row === shot.hovered || row === shot.focused || (bits & SELECTED) !== 0;
    const coloured = (bits & (LABELED | SUGGESTED)) !== 0;
    let radius = 0.5 * DOT_SHARE * (projection.size[row] as number) * scale;
    if (row === shot.hovered) radius = Math.max(1.25 * radius, 4.5 * scale);
    const x = (projection.x[row] as number) * scale;
    const y = (projection.y[row] as number) * scale;
    if (!(x > -20 && y > -20 && x < pixels.width + 20 && y < pixels.height + 20)) return;
    const own: Rgb = coloured
      ? [
          (looks[4 * row] as number) / 255,
          (looks[4 * row + 1] as number) / 255,
          (looks[4 * row + 2] as number) / 255,
        ]
      : viewColors.neutral;
    const fade = front ? 0 : Math.max(haze, 0.8 * shot.dimming);
    fillDot(pixels, x, y, radius, packed(mixed(own, viewColors.background, fade)));
    if (row === shot.focused) fillDot(pixels, x, y, radius + 4, tone.accent);
    else if (front) fillDot(pixels, x, y, radius + 1.5, tone.ink);
    else if (bits & HELD) fillDot(pixels, x, y, radius + 2, tone.held);
  }
}

interface Tones {
  background: number;
  ink: number;
  accent: number;
  held: number;
}

function tones({ background, ink, accent }: ViewColors): Tones {
  return {
    background: packed(background),
    ink: packed(ink),
    accent: packed(accent),
    held: packed(mixed(accent, background, 1 - HELD_TONE)),
  };
}

function smoothstep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

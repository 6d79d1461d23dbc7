import type { Atlas } from '../atlas';
import { crowding } from '../crowding';
import { MANY } from '../drawing_order';
import type { Motion } from '../motion';
import { allocate, project, taken, type Moving, type Projection } from '../project';
import {
  DOT_SHARE,
  HIDDEN,
  LABELED,
  SUGGESTED,
  wordsOf,
  type Chosen,
  type Detail,
  type Renderer,
  type Shot,
  type ViewColors,
} from '../renderer';
import { Density } from './density';
import { Dots } from './dots';
import { blended, fillDot, type Pixels } from './raster';
import { sceneryOf, type Scenery } from './scenery';
import { MOST_DETAILS, Tiles } from './tiles';

/** Device pixels drawn at most: a whole 4K screen would cost a tenth of a second. */
const MOST_PIXELS = 2_200_000;
const LARGEST_SHEET = 2048;
/** Points are projected so many at a time: their places stay in the processor's cache. */
const CHUNK = 4096;
/** Where so many dots lie over each other, density begins to be shown; and where it is all that is. */
const CROWDED = [2, 6] as const;

/**
 * Draws with the processor into a 2-D canvas: browsers without a graphics card draw WebGL in software too, and take ten
 * times as long for thousands of small images (docs/performance.md).
 *
 * Images are drawn front to back and no pixel twice, so that time grows with the picture and not with how many hide each
 * other. Dots come in the drawing order, with a depth for each pixel; where very many lie over each other, they are
 * counted.
 */
export class CpuRenderer implements Renderer {
  readonly kind = 'processor';
  readonly adds = true;
  readonly mostDetails = MOST_DETAILS;
  private readonly context: CanvasRenderingContext2D;
  private image = new ImageData(1, 1);
  private pixels: Pixels = { data: new Uint32Array(this.image.data.buffer), width: 1, height: 1 };
  private scale = 1;
  private motion: Motion | null = null;
  private words: Uint32Array = new Uint32Array(0);
  private viewColors: ViewColors | null = null;
  private readonly tiles = new Tiles();
  /** Where all tiles stand. */
  private projection: Projection = allocate(0);
  private readonly chunk = allocate(CHUNK);
  private dots = new Dots(1, 1);
  private density = new Density(1, 1);
  /** How far the picture shows density instead of dots, 0 to 1; and how many points it has. */
  private crowded = 0;
  private added = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser has no 2-D canvas.');
    this.context = context;
  }

  /** Of many tiles only some are drawn, and each is cut out when it is: the sheet can be as large as it is. */
  largestSheet(tiles: number): number {
    return tiles > MANY ? Infinity : LARGEST_SHEET;
  }

  allocate(motion: Motion): void {
    this.motion = motion;
    this.projection = allocate(0);
    this.words = new Uint32Array(motion.count);
  }

  moved(): void {
    // The buffers are read afresh for every picture.
  }

  setLooks(looks: Uint8Array): void {
    this.words = wordsOf(looks);
  }

  setSheet(bitmap: ImageBitmap | null, atlas: Atlas): void {
    this.tiles.setSheet(bitmap, atlas);
  }

  addDetails(details: readonly Detail[], edge: number): void {
    this.tiles.addDetails(details, edge);
  }

  setViewColors(viewColors: ViewColors): void {
    this.viewColors = viewColors;
    this.tiles.forgetMuted();
  }

  resize(width: number, height: number, ratio: number): void {
    this.scale = Math.min(ratio, 1, Math.sqrt(MOST_PIXELS / (width * height)));
    const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * this.scale))) as [
      number,
      number,
    ];
    this.canvas.width = w;
    this.canvas.height = h;
    this.image = new ImageData(w, h);
    this.pixels = { data: new Uint32Array(this.image.data.buffer), width: w, height: h };
    this.dots = new Dots(w, h);
    this.density = new Density(w, h);
  }

  add(shot: Shot, from: number, to: number): void {
    const { motion, viewColors, chunk } = this;
    if (!motion || !viewColors || this.allTiles(shot)) return;
    const { camera, view } = shot;
    const moving = { from: motion.from, to: motion.to, mix: shot.mix };
    const rule = { base: shot.size };
    if (from === 0) {
      const heaped = motion.count > MANY ? crowding(moving, camera, view, rule) : 0;
      this.crowded = between(Math.log(CROWDED[0]), Math.log(CROWDED[1]), Math.log(heaped));
      if (this.crowded > 0) this.density.clear();
      else this.dots.clear();
    }
    const layer = this.crowded > 0 ? this.density : this.dots;
    const scenery = sceneryOf(shot, this.words, motion.order, this.scale, viewColors);
    for (let first = from; first < to; first += CHUNK) {
      project(moving, camera, view, rule, chunk, first);
      layer.add(chunk, Math.min(CHUNK, to - first), first, scenery);
    }
    this.added = to;
  }

  show(shot: Shot): void {
    const { motion, viewColors, pixels } = this;
    // Empty pixels stay transparent: the page behind has the view's colour.
    pixels.data.fill(0);
    if (motion && viewColors && motion.count > 0) {
      const moving = { from: motion.from, to: motion.to, mix: shot.mix };
      const scenery = sceneryOf(shot, this.words, motion.order, this.scale, viewColors);
      if (this.allTiles(shot)) this.paintTiles(shot, moving, scenery);
      else {
        if (shot.chosen && this.tiles.any) this.paintChosen(shot, shot.chosen, moving, scenery);
        else this.paintFront(shot, moving, scenery);
        if (this.crowded > 0) this.density.fill(pixels, scenery, this.added / motion.count, this.crowded);
        else this.dots.fill(pixels);
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }

  dispose(): void {
    this.tiles.setSheet(null, { columns: 1, rows: 1 });
  }

  private allTiles({ sprites }: Shot): boolean {
    return sprites && this.tiles.any;
  }

  private paintTiles(shot: Shot, moving: Moving, scenery: Scenery): void {
    const { length } = this.words;
    if (this.projection.x.length !== length) this.projection = allocate(length);
    project(moving, shot.camera, shot.view, { base: shot.size }, this.projection);
    this.tiles.paint(this.pixels, shot, this.projection, null, scenery);
  }

  private paintChosen(shot: Shot, { ranks, size }: Chosen, moving: Moving, scenery: Scenery): void {
    const { camera, view } = shot;
    const places = project(taken(moving, ranks), camera, view, size, allocate(ranks.length));
    this.tiles.paint(this.pixels, shot, places, ranks, scenery);
  }

  /** What lies over all dots: the one under the pointer, and the focus. */
  private paintFront(shot: Shot, moving: Moving, scenery: Scenery): void {
    const { pixels, words, motion } = this;
    const { scale, background, neutral, ink, accent } = scenery;
    for (const row of [shot.hovered, shot.focused]) {
      const rank = motion?.order.ranks[row];
      const word = rank === undefined ? HIDDEN << 24 : (words[rank] as number);
      if (rank === undefined || (word >>> 24) & HIDDEN) continue;
      const { camera, view, size } = shot;
      const place = project(taken(moving, [rank]), camera, view, { base: size }, allocate(1));
      const x = (place.x[0] as number) * scale;
      const y = (place.y[0] as number) * scale;
      if (Number.isNaN(x)) continue;
      let radius = 0.5 * DOT_SHARE * (place.size[0] as number) * scale;
      if (row === shot.hovered) radius = Math.max(1.25 * radius, 4.5 * scale);
      const coloured = ((word >>> 24) & (LABELED | SUGGESTED)) !== 0;
      fillDot(pixels, x, y, radius, blended(coloured ? word & 0xffffff : neutral, background, 0));
      if (row === shot.focused) fillDot(pixels, x, y, radius + 4, accent);
      else fillDot(pixels, x, y, radius + 1.5, ink);
    }
  }
}

/** How far a value is from one to another, 0 to 1. */
function between(low: number, high: number, value: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

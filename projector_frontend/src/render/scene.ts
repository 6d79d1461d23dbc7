import type { Atlas } from './atlas';
import { newCamera, orbit, pan, zoomAt, type Camera, type ViewSize } from './camera';
import { extentOf, follow } from './extent';
import { largest } from './large';
import { clamped, inside, type Outline } from './lasso';
import { Motion } from './motion';
import { DOT_SHARE, writeLooks, type Detail, type Renderer, type ViewColors } from './renderer';
import { pickMoving } from './pick';
import { allocate, LABEL_LIFT, project, type Moving, type Projection } from './project';

const LONGEST_GLIDE_MS = 280;
const BLEND_MS = 140;

export interface Style {
  sprites: boolean;
  /** Edge of a sprite at the target, CSS pixels. */
  size: number;
}

/** The picture. Gets arrays, returns pixels and picks; whoever owns it deals with the DOM's events. */
export class Scene {
  framesDrawn = 0;
  /** Script time of the last of each, milliseconds. */
  readonly timings = { positions: 0, draw: 0, pick: 0, lasso: 0 };
  /** Called when the view starts or stops following the extent of the picture. */
  onFollow: (following: boolean) => void = () => undefined;
  /** Called when a picture has come to rest. */
  onRest: () => void = () => undefined;

  private readonly motion = new Motion();
  private camera: Camera = newCamera(3);
  private view: ViewSize = { width: 1, height: 1 };
  private style: Style = { sprites: false, size: 28 };
  private projection: Projection = allocate(0);
  private projected = false;
  private following = true;
  private extent = 1;
  private lastFrameAt = 0;
  private interval = LONGEST_GLIDE_MS;
  private colors: Uint8Array = new Uint8Array(0);
  private looks: Uint8Array = new Uint8Array(0);
  private hidden: Uint8Array | null = null;
  private hovered = -1;
  private selected: ReadonlySet<number> = new Set();
  private held: ReadonlySet<number> = new Set();
  private focus = -1;
  private blends = { muting: { now: 0, goal: 0 }, dimming: { now: 0, goal: 0 } };
  private request = 0;
  private lastDraw = 0;
  private visible = true;

  constructor(
    private readonly renderer: Renderer,
    private readonly calm: boolean,
  ) {}

  get largestSheet(): number {
    return this.renderer.largestSheet;
  }

  setPositions(columns: Float32Array, count: number, dimensions: 2 | 3): void {
    const now = performance.now();
    if (count !== this.motion.count || dimensions !== this.camera.dimensions) {
      this.camera = { ...newCamera(dimensions), radius: extentOf(columns, count, dimensions) };
      this.setFollowing(true);
      this.motion.finish();
    }
    // Glide for about as long as the next frame takes to come, so that motion neither stops nor lags.
    this.interval += 0.3 * (Math.min(LONGEST_GLIDE_MS, now - this.lastFrameAt) - this.interval);
    this.lastFrameAt = now;
    const glide = this.calm || !this.visible ? 0 : this.interval;
    if (this.motion.aim(columns, count, dimensions, now, glide)) {
      this.renderer.allocate(this.motion);
      this.projection = allocate(count);
      this.looks = new Uint8Array(4 * count);
      this.restyle();
    }
    this.renderer.moved();
    this.extent = extentOf(columns, count, dimensions);
    this.timings.positions = performance.now() - now;
    this.invalidate();
  }

  /** RGBA per row; alpha 0 where a row has no colour of its own. */
  setColors(colors: Uint8Array): void {
    this.colors = colors;
    this.blends.muting.goal = colors.some((value, at) => at % 4 === 3 && value > 0) ? 1 : 0;
    this.restyle();
  }

  setSelected(selected: ReadonlySet<number>, focus: number): void {
    this.selected = selected;
    this.focus = focus;
    this.blends.dimming.goal = selected.size > 0 ? 1 : 0;
    this.restyle();
  }

  /** Rows that others look at. */
  setHeld(held: ReadonlySet<number>): void {
    if (held.size === 0 && this.held.size === 0) return;
    this.held = held;
    this.restyle();
  }

  /** Rows that are not drawn, nor picked: 1 where hidden. */
  setHidden(hidden: Uint8Array | null): void {
    this.hidden = hidden;
    this.restyle();
  }

  setHovered(row: number): void {
    if (row === this.hovered) return;
    this.hovered = row;
    this.invalidate();
  }

  setSheet(bitmap: ImageBitmap | null, atlas: Atlas): void {
    this.renderer.setSheet(bitmap, atlas);
    this.invalidate();
  }

  addDetails(details: readonly Detail[], edge: number): void {
    this.renderer.addDetails(details, edge);
    this.invalidate();
  }

  setStyle(style: Style): void {
    this.style = style;
    this.invalidate();
  }

  setViewColors(viewColors: ViewColors): void {
    this.renderer.setViewColors(viewColors);
    this.invalidate();
  }

  resize(width: number, height: number, ratio: number): void {
    if (width < 1 || height < 1) return;
    this.view = { width, height };
    this.renderer.resize(width, height, ratio);
    // A resized canvas is empty until drawn: now, rather than a frame later, so that it does not flash.
    this.draw();
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    if (visible) this.invalidate();
    else {
      cancelAnimationFrame(this.request);
      this.request = 0;
    }
  }

  orbit(dx: number, dy: number): void {
    this.camera = orbit(this.camera, dx, dy, this.view);
    this.invalidate();
  }

  pan(dx: number, dy: number): void {
    this.camera = pan(this.camera, dx, dy, this.view);
    this.setFollowing(false);
    this.invalidate();
  }

  /** Zooms about a point of the view (CSS pixels from its left and top). */
  zoom(factor: number, x: number, y: number): void {
    const { width, height } = this.view;
    this.camera = zoomAt(this.camera, factor, x - width / 2, y - height / 2, this.view);
    this.setFollowing(false);
    this.invalidate();
  }

  fit(): void {
    // Keep what is on screen for the first moment and let the radius glide: zoom becomes part of it.
    this.camera = {
      ...this.camera,
      radius: this.camera.radius / this.camera.zoom,
      zoom: 1,
      target: [0, 0, 0],
    };
    this.setFollowing(true);
    this.invalidate();
  }

  pick(x: number, y: number): number {
    const began = performance.now();
    const layer = (row: number): number =>
      this.hidden?.[row] ? -1 : row === this.focus ? 2 : this.selected.has(row) ? 1 : 0;
    const height = LABEL_LIFT * this.camera.radius;
    const lift = (row: number): number => (this.colors[4 * row + 3] ? height : 0);
    const rule = { sprites: this.style.sprites, dotShare: DOT_SHARE, layer, lift };
    const row = pickMoving(this.moving(), this.camera, this.view, { base: this.style.size }, x, y, rule);
    this.timings.pick = performance.now() - began;
    return row;
  }

  /** The rows inside an outline (CSS pixels in the view), whatever hides them; hidden ones left out. */
  within(outline: Outline): Int32Array {
    const began = performance.now();
    const { x, y } = this.project();
    const rows = inside(x, y, clamped(outline, this.view), this.hidden);
    this.timings.lasso = performance.now() - began;
    return rows;
  }

  /** Up to `most` rows drawn larger than `edge` CSS pixels, the largest first; none while images are not shown. */
  largeRows(edge: number, most: number): number[] {
    return this.style.sprites ? largest(this.project(), this.view, edge, most, this.hidden) : [];
  }

  screenPosition(row: number): { x: number; y: number } | null {
    const { x, y } = this.project();
    const px = x[row];
    return px === undefined || Number.isNaN(px) ? null : { x: px, y: y[row] as number };
  }

  dispose(): void {
    cancelAnimationFrame(this.request);
    this.renderer.dispose();
  }

  private project(): Projection {
    const moving = this.moving();
    if (!this.projected || moving.mix < 1) {
      project(moving, this.camera, this.view, { base: this.style.size }, this.projection);
      this.projected = true;
    }
    return this.projection;
  }

  private moving(): Moving {
    const { from, to } = this.motion;
    return { from, to, mix: this.motion.mix(performance.now()) };
  }

  private restyle(): void {
    if (this.motion.count > 0 && this.colors.length === this.looks.length) {
      writeLooks(this.looks, this.colors, this.selected, this.hidden, this.held);
      this.renderer.setLooks(this.looks);
    }
    this.invalidate();
  }

  private setFollowing(following: boolean): void {
    if (this.following === following) return;
    this.following = following;
    this.onFollow(following);
  }

  /** Asks for a picture: nothing is drawn unless something has changed. */
  invalidate(): void {
    this.projected = false;
    if (!this.request && this.visible) this.request = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const now = performance.now();
    cancelAnimationFrame(this.request);
    this.request = 0;
    if (this.motion.count > 0 || this.framesDrawn === 0) this.render(now);
    if (this.animate(now)) this.invalidate();
    else this.onRest();
  }

  /** Draws at once, for whoever reads the canvas in the same task. */
  drawNow(): void {
    this.draw();
  }

  private render(now: number): void {
    this.renderer.draw({
      camera: this.camera,
      view: this.view,
      mix: this.motion.mix(now),
      size: this.style.size,
      sprites: this.style.sprites,
      muting: this.blends.muting.now,
      dimming: this.blends.dimming.now,
      hovered: this.hovered,
      focused: this.focus,
    });
    this.framesDrawn++;
    this.timings.draw = performance.now() - now;
  }

  /** Moves on whatever is under way; true while something is. */
  private animate(now: number): boolean {
    const elapsed = Math.min(100, now - this.lastDraw);
    this.lastDraw = now;
    let busy = this.motion.mix(now) < 1;
    for (const blend of Object.values(this.blends)) {
      const step = this.calm ? 1 : elapsed / BLEND_MS;
      if (blend.now !== blend.goal) busy = true;
      blend.now += Math.max(-step, Math.min(step, blend.goal - blend.now));
    }
    if (this.following && this.camera.radius !== this.extent) {
      this.camera = {
        ...this.camera,
        radius: follow(this.camera.radius, this.extent, this.calm ? 1000 : elapsed),
      };
      busy = true;
    }
    return busy;
  }
}

import type { Atlas } from './atlas';
import { newCamera, orbit, pan, zoomAt, type Camera, type ViewSize } from './camera';
import { MANY } from './drawing_order';
import { extentOf, follow } from './extent';
import { largest } from './large';
import { clamped, inside, type Outline } from './lasso';
import { Motion } from './motion';
import { Pace } from './pace';
import { pick, pickMoving, type PickRule } from './pick';
import { allocate, LABEL_LIFT, project, taken, type Moving, type Projection, type SizeRule } from './project';
import { Representatives } from './representatives';
import {
  DOT_SHARE,
  hasColors,
  HIDDEN,
  writeLooks,
  type Chosen,
  type Detail,
  type Renderer,
  type Shot,
  type ViewColors,
} from './renderer';

const LONGEST_GLIDE_MS = 280;
const BLEND_MS = 140;
/** Where not all images are shown they grow so far when one goes in: the others need room. */
const LARGEST_CHOSEN = 3;
/** Of the selected so many are shown as images before all others, where they have room. */
const MOST_FIRST = 2000;

export interface Style {
  sprites: boolean;
  /** Edge of a sprite at the target, CSS pixels. */
  size: number;
  /** The same where dots stand between images. */
  dotted: number;
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
  private style: Style = { sprites: false, size: 28, dotted: 28 };
  /** Of too many images those that are shown as such. */
  private readonly representatives = new Representatives();
  /** The ranks that are shown as images before all others; worked out when they are asked for. */
  private preferred: Uint32Array | null = null;
  /** In the drawing order; made when it is first asked for. */
  private projection: Projection = allocate(0);
  private projected = false;
  private readonly pace = new Pace();
  /** How many points are in the picture so far, and whether it is shown before it is whole. */
  private drawn = 0;
  private moves = false;
  /** How many points were added last. */
  private added = 0;
  private following = true;
  private extent = 1;
  private lastFrameAt = 0;
  private interval = LONGEST_GLIDE_MS;
  private colors: Uint8Array = new Uint8Array(0);
  private looks: Uint8Array = new Uint8Array(0);
  private restyled = false;
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

  /** Whether all points are in the picture, and nothing is under way. */
  get atRest(): boolean {
    return this.request === 0 && this.drawn === this.motion.count;
  }

  largestSheet(tiles: number): number {
    return this.renderer.largestSheet(tiles);
  }

  /** Of how many rows larger pictures are kept. */
  get mostDetails(): number {
    return this.renderer.mostDetails;
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
      this.representatives.forget();
      this.preferred = null;
      this.looks = new Uint8Array(4 * count);
      this.restyle();
    }
    this.renderer.moved();
    this.extent = extentOf(columns, count, dimensions);
    this.timings.positions = performance.now() - now;
    this.move();
  }

  /** RGBA per row; alpha 0 where a row has no colour of its own. */
  setColors(colors: Uint8Array): void {
    this.colors = colors;
    this.blends.muting.goal = hasColors(colors) ? 1 : 0;
    this.restyle();
  }

  setSelected(selected: ReadonlySet<number>, focus: number): void {
    this.selected = selected;
    this.focus = focus;
    this.preferred = null;
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
    this.ask();
  }

  setSheet(bitmap: ImageBitmap | null, atlas: Atlas): void {
    this.renderer.setSheet(bitmap, atlas);
    this.invalidate();
  }

  addDetails(details: readonly Detail[], edge: number): void {
    this.renderer.addDetails(details, edge);
    this.ask();
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
    this.move();
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
    this.move();
  }

  pan(dx: number, dy: number): void {
    this.camera = pan(this.camera, dx, dy, this.view);
    this.setFollowing(false);
    this.move();
  }

  /** Zooms about a point of the view (CSS pixels from its left and top). */
  zoom(factor: number, x: number, y: number): void {
    const { width, height } = this.view;
    this.camera = zoomAt(this.camera, factor, x - width / 2, y - height / 2, this.view);
    this.setFollowing(false);
    this.move();
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
    this.move();
  }

  pick(x: number, y: number): number {
    const began = performance.now();
    this.dress();
    const { rows } = this.motion.order;
    const layer = (rank: number): number => {
      const row = rows[rank] as number;
      if (this.isHidden(rank)) return -1;
      return row === this.focus ? 2 : this.selected.has(row) ? 1 : 0;
    };
    const height = LABEL_LIFT * this.camera.radius;
    const lift = (rank: number): number => (this.colors[4 * (rows[rank] as number) + 3] ? height : 0);
    const rule = { sprites: this.style.sprites && !this.represents, dotShare: DOT_SHARE, layer, lift };
    const base = this.represents ? this.style.dotted : this.style.size;
    const tile = this.represents ? this.pickTile(x, y, rule) : -1;
    const rank = tile >= 0 ? tile : pickMoving(this.moving(), this.camera, this.view, { base }, x, y, rule);
    this.timings.pick = performance.now() - began;
    return rows[rank] ?? -1;
  }

  /** The rank of the image under a point, where only some of them are shown, or -1. */
  private pickTile(x: number, y: number, rule: PickRule): number {
    const { ranks } = this.representatives;
    const rankAt = (at: number): number => ranks[at] as number;
    const layer = (at: number): number => rule.layer(rankAt(at));
    const lift = (at: number): number => rule.lift(rankAt(at));
    return (
      ranks[pick(this.projectSome(ranks), x, y, { ...rule, sprites: true, reach: 0, layer, lift })] ?? -1
    );
  }

  /** The rows inside an outline (CSS pixels in the view), whatever hides them; hidden ones left out. */
  within(outline: Outline): Int32Array {
    const began = performance.now();
    this.dress();
    const { x, y } = this.project();
    const { rows } = this.motion.order;
    const ranks = inside(x, y, clamped(outline, this.view), (rank) => this.isHidden(rank));
    const found = ranks.map((rank) => rows[rank] as number).sort();
    this.timings.lasso = performance.now() - began;
    return found;
  }

  /** Up to `most` rows drawn larger than `edge` CSS pixels, the largest first; none while images are not shown. */
  largeRows(edge: number, most: number): number[] {
    if (!this.style.sprites) return [];
    const { rows } = this.motion.order;
    if (!this.represents) {
      const ranks = largest(this.project(), this.view, edge, most, (rank) => this.isHidden(rank));
      return ranks.map((rank) => rows[rank] as number);
    }
    const { ranks } = this.representatives;
    const found = largest(this.projectSome(ranks), this.view, edge, most);
    return found.map((at) => rows[ranks[at] as number] as number);
  }

  screenPosition(row: number): { x: number; y: number } | null {
    const { x, y } = this.project();
    const rank = this.motion.order.ranks[row] ?? -1;
    const px = x[rank];
    return px === undefined || Number.isNaN(px) ? null : { x: px, y: y[rank] as number };
  }

  dispose(): void {
    cancelAnimationFrame(this.request);
    this.renderer.dispose();
  }

  private project(): Projection {
    const moving = this.moving();
    if (this.projection.x.length !== this.motion.count) this.projection = allocate(this.motion.count);
    if (!this.projected || moving.mix < 1) {
      project(moving, this.camera, this.view, { base: this.style.size }, this.projection);
      this.projected = true;
    }
    return this.projection;
  }

  /** Images of these ranks only. */
  private projectSome(ranks: Uint32Array): Projection {
    return project(taken(this.moving(), ranks), this.camera, this.view, this.size, allocate(ranks.length));
  }

  /** Of an image. */
  private get size(): SizeRule {
    const { size } = this.style;
    return this.represents ? { base: size, most: LARGEST_CHOSEN * size } : { base: size };
  }

  /** Whether images are wanted and too many to show all. */
  private get represents(): boolean {
    return this.style.sprites && this.motion.count > MANY;
  }

  private isHidden(rank: number): boolean {
    return ((this.looks[4 * rank + 3] as number) & HIDDEN) !== 0;
  }

  private moving(): Moving {
    const { from, to } = this.motion;
    return { from, to, mix: this.motion.mix(performance.now()) };
  }

  private restyle(): void {
    this.restyled = true;
    this.invalidate();
  }

  /** Colours, selection and what is hidden change together: all of it is written once, when it is needed. */
  private dress(): void {
    if (!this.restyled || this.motion.count === 0 || this.colors.length !== this.looks.length) return;
    this.restyled = false;
    writeLooks(this.looks, this.colors, this.selected, this.hidden, this.motion.order, this.held);
    this.renderer.setLooks(this.looks);
  }

  private setFollowing(following: boolean): void {
    if (this.following === following) return;
    this.following = following;
    this.onFollow(following);
  }

  /** Asks for a new picture: nothing is drawn unless something has changed. */
  invalidate(): void {
    this.projected = false;
    this.drawn = 0;
    this.ask();
  }

  /** The same where points stand elsewhere now: the first share of them is shown at once, and all when they rest. */
  private move(): void {
    this.moves = true;
    this.invalidate();
  }

  private ask(): void {
    if (!this.request && this.visible) this.request = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const now = performance.now();
    cancelAnimationFrame(this.request);
    this.request = 0;
    const { count } = this.motion;
    this.time(now);
    if (count > 0 || this.framesDrawn === 0) this.render(now, this.pace.points);
    if (this.animate(now)) this.move();
    else if (this.drawn < count) this.ask();
    else this.onRest();
  }

  /** Learns from when the next frame can begin how much fits into one. */
  private time(now: number): void {
    if (this.motion.count > MANY)
      requestAnimationFrame(() => this.pace.learn(this.added, performance.now() - now));
  }

  /** Draws all of it at once, for whoever reads the canvas in the same task. */
  drawNow(): void {
    this.invalidate();
    this.render(performance.now(), this.motion.count);
  }

  /** Adds up to `most` points to the picture, and shows it if it is whole or moves. */
  private render(now: number, most: number): void {
    const { count } = this.motion;
    this.dress();
    const shot = this.shot(now);
    const first = this.drawn;
    this.drawn = this.renderer.adds || first === 0 ? Math.min(count, first + most) : count;
    this.added = this.drawn - first;
    if (this.added > 0) this.renderer.add(shot, first, this.drawn);
    if (this.added > 0 && this.represents) this.represent(first, this.drawn);
    if (this.moves || this.drawn === count) {
      this.renderer.show({ ...shot, chosen: this.represents ? this.chosen() : null });
      this.framesDrawn++;
    }
    this.moves = false;
    this.timings.draw = performance.now() - now;
  }

  /** Points that have come into the picture, for those of them to be shown as images that have room. */
  private represent(from: number, to: number): void {
    const { camera, view, size } = this;
    const hides = (rank: number): boolean => this.isHidden(rank);
    const outlook = { moving: this.moving(), camera, view, size, hides };
    this.preferred ??= this.selectedRanks();
    if (from === 0) this.representatives.begin(outlook, this.preferred);
    this.representatives.offer(outlook, from, to);
  }

  /** The focus, and what is selected: of very many the first of the drawing order. */
  private selectedRanks(): Uint32Array {
    const { ranks } = this.motion.order;
    const known = Uint32Array.from(this.selected, (row) => ranks[row] as number).sort();
    const focus = ranks[this.focus];
    return Uint32Array.of(...(focus === undefined ? [] : [focus]), ...known.subarray(0, MOST_FIRST));
  }

  /** Those that have room, and those that lie over all others. */
  private chosen(): Chosen {
    this.representatives.settle();
    const { ranks } = this.motion.order;
    const all = new Set(this.representatives.ranks);
    for (const row of [this.hovered, this.focus]) {
      const rank = ranks[row];
      if (rank !== undefined && !this.isHidden(rank)) all.add(rank);
    }
    return { ranks: Uint32Array.from(all), size: this.size };
  }

  private shot(now: number): Shot {
    return {
      camera: this.camera,
      view: this.view,
      mix: this.motion.mix(now),
      size: this.represents ? this.style.dotted : this.style.size,
      sprites: this.style.sprites && !this.represents,
      chosen: null,
      muting: this.blends.muting.now,
      dimming: this.blends.dimming.now,
      hovered: this.hovered,
      focused: this.focus,
    };
  }

  /** Moves on whatever is under way; true while something is. */
  private animate(now: number): boolean {
    const elapsed = Math.min(100, now - this.lastDraw);
    this.lastDraw = now;
    let busy = this.motion.mix(now) < 1;
    for (const blend of Object.values(this.blends)) {
      const step = this.calm || this.motion.count > MANY ? 1 : elapsed / BLEND_MS;
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

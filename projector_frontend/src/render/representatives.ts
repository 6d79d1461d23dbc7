import { distance, type Camera, type ViewSize } from './camera';
import { Occupancy } from './occupancy';
import { allocate, project, taken, type Moving, type Projection, type SizeRule } from './project';

/** So many tiles at most: more are no overview. */
export const MOST_REPRESENTATIVES = 1000;
/** A tile that was shown before gives way where others come nearer than this share of its edge: tiles do not flicker. */
const KEPT = 0.7;
/** What stands so far behind the target gets the places that all before it leave; a share of the radius. */
const BEHIND = 0.15;
/** So many of those behind are remembered until then. */
const MOST_BEHIND = 16_384;
/** Points are projected so many at a time: their places stay in the processor's cache. */
const CHUNK = 4096;

/** What is seen, from where, and how large tiles are. */
export interface Outlook {
  moving: Moving;
  camera: Camera;
  view: ViewSize;
  size: SizeRule;
  /** Whether a rank is not to be seen. */
  hides: (rank: number) => boolean;
}

/**
 * Which of very many points are shown as images: one for each place that has room, so that no two lie over each other.
 *
 * Points are offered in the drawing order, which is random and always the same: who comes first has the place. What was
 * shown before is offered before all others, and keeps its place although others come a little too near.
 */
export class Representatives {
  /** The ranks that are shown, in the order in which they got their places. */
  ranks = new Uint32Array(0);
  private readonly occupancy = new Occupancy();
  private readonly placed = new Uint32Array(MOST_REPRESENTATIVES);
  private count = 0;
  private readonly chunk = allocate(CHUNK);
  private readonly behind = { ranks: new Uint32Array(MOST_BEHIND), ...allocate(MOST_BEHIND) };
  /** What is farther from the eye is behind, world units. */
  private limit = Infinity;
  private waiting = 0;
  /** The first so many of those behind were shown before. */
  private waitingAgain = 0;

  /** For other points: nothing was shown before. */
  forget(): void {
    this.ranks = new Uint32Array(0);
  }

  /** For a new picture: offers what goes before all others, and then what was shown before. */
  begin(outlook: Outlook, preferred: Uint32Array): void {
    const { moving, camera, view, size } = outlook;
    this.occupancy.clear(view);
    this.count = 0;
    this.waiting = 0;
    this.limit = camera.dimensions === 2 ? Infinity : distance(camera) + BEHIND * camera.radius;
    for (const [ranks, again] of [
      [preferred, false],
      [this.ranks, true],
    ] as const) {
      const projection = project(taken(moving, ranks), camera, view, size, allocate(ranks.length));
      for (let at = 0; at < ranks.length; at++)
        this.consider(projection, at, ranks[at] as number, again, outlook);
    }
    this.waitingAgain = this.waiting;
  }

  /** Offers the points from one rank up to another. */
  offer(outlook: Outlook, from: number, to: number): void {
    const { moving, camera, view, size } = outlook;
    for (let first = from; first < to; first += CHUNK) {
      project(moving, camera, view, size, this.chunk, first);
      const count = Math.min(CHUNK, to - first);
      for (let at = 0; at < count; at++) this.consider(this.chunk, at, first + at, false, outlook);
    }
  }

  /** Those behind get what is left. More can be offered after it. */
  settle(): void {
    const { ranks, x, y, size } = this.behind;
    for (let at = 0; at < this.waiting; at++) {
      const [px, py, edge] = [x[at] as number, y[at] as number, size[at] as number];
      this.place(ranks[at] as number, px, py, edge, at < this.waitingAgain);
    }
    this.waiting = 0;
    this.waitingAgain = 0;
    this.ranks = this.placed.slice(0, this.count);
  }

  private consider(
    { x, y, depth, size }: Projection,
    at: number,
    rank: number,
    again: boolean,
    { view, hides }: Outlook,
  ): void {
    const px = x[at] as number;
    const py = y[at] as number;
    // NaN fails every comparison.
    if (!(px >= 0 && py >= 0 && px < view.width && py < view.height)) return;
    if ((!again && this.occupancy.has(px, py)) || hides(rank)) return;
    if ((depth[at] as number) <= this.limit) this.place(rank, px, py, size[at] as number, again);
    else if (this.waiting < MOST_BEHIND) {
      const { behind } = this;
      behind.ranks[this.waiting] = rank;
      behind.x[this.waiting] = px;
      behind.y[this.waiting] = py;
      behind.size[this.waiting] = size[at] as number;
      this.waiting++;
    }
  }

  private place(rank: number, x: number, y: number, edge: number, again: boolean): void {
    if (this.count < MOST_REPRESENTATIVES && this.occupancy.take(x, y, edge, again ? KEPT : 1))
      this.placed[this.count++] = rank;
  }
}

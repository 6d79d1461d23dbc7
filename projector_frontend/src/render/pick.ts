import type { Camera, ViewSize } from './camera';
import { allocate, project, ranksNear, taken, type Moving, type Projection, type SizeRule } from './project';

/** How near a miss still counts, CSS pixels. */
const REACH = 9;

export interface PickRule {
  /** Square tiles, or round dots of this share of a tile's edge. */
  sprites: boolean;
  dotShare: number;
  /** How near a miss still counts, CSS pixels, where it is not as usual. */
  reach?: number;
  /** 0 for the rest, higher for what is drawn in front whatever its depth (selected, focus). */
  layer: (rank: number) => number;
  /** How much nearer a point is drawn than it stands, world units. */
  lift: (rank: number) => number;
}

/** The rank drawn front-most under a point of the view, else the nearest one within reach, else -1. */
export function pick({ x, y, depth, size }: Projection, px: number, py: number, rule: PickRule): number {
  const reach = rule.reach ?? REACH;
  let best = -1;
  let bestLayer = -1;
  let bestDepth = Infinity;
  let close = -1;
  let closeSquare = reach * reach;
  for (let i = 0; i < x.length; i++) {
    const dx = Math.abs((x[i] as number) - px);
    const dy = Math.abs((y[i] as number) - py);
    const half = ((size[i] as number) / 2) * (rule.sprites ? 1 : rule.dotShare);
    if (!(dx <= half + reach && dy <= half + reach)) continue;
    const square = dx * dx + dy * dy;
    if (rule.sprites ? dx <= half && dy <= half : square <= (half + 1) * (half + 1)) {
      const layer = rule.layer(i);
      const near = (depth[i] as number) - rule.lift(i);
      if (layer > bestLayer || (layer === bestLayer && near < bestDepth)) {
        best = i;
        bestLayer = layer;
        bestDepth = near;
      }
    } else if (square < closeSquare) {
      close = i;
      closeSquare = square;
    }
  }
  return best >= 0 ? best : close;
}

/** The same for points on their way; only what is near the pointer is projected. */
export function pickMoving(
  moving: Moving,
  camera: Camera,
  view: ViewSize,
  size: SizeRule,
  px: number,
  py: number,
  rule: PickRule,
): number {
  const ranks = ranksNear(moving, camera, view, size, [px, py], REACH);
  const near = project(taken(moving, ranks), camera, view, size, allocate(ranks.length));
  const rankAt = (at: number): number => ranks[at] as number;
  const layer = (at: number): number => rule.layer(rankAt(at));
  const lift = (at: number): number => rule.lift(rankAt(at));
  return ranks[pick(near, px, py, { ...rule, layer, lift })] ?? -1;
}

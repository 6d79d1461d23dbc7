import { distance, FOCAL, pixelsPerUnit, type Camera, type ViewSize } from './camera';

/** Where points stand on the screen; arrays are reused from one projection to the next. */
export interface Projection {
  /** CSS pixels from the view's left and top; NaN behind the eye. */
  x: Float32Array;
  y: Float32Array;
  /** Distance from the eye, in world units. */
  depth: Float32Array;
  /** Edge of the sprite, CSS pixels. */
  size: Float32Array;
}

export interface SizeRule {
  /** Edge of a sprite at the target at zoom 1, CSS pixels. */
  base: number;
  /** However near, none is larger. */
  most?: number;
}

/** Labelled images are drawn as if they were nearer by this share of the radius, so that colours are not buried. */
export const LABEL_LIFT = 0.14;
/** Nearer things are larger and farther ones smaller, within these bounds. */
export const ATTENUATION = [0.45, 2.4] as const;
/** Sprites grow more slowly than the picture when zooming, so that zooming takes them apart. */
export const GROWTH = 0.4;
/** Nothing nearer to the eye than this share of the distance is drawn. */
export const NEAR = 0.08;

export function allocate(count: number): Projection {
  const column = (): Float32Array => new Float32Array(count);
  return { x: column(), y: column(), depth: column(), size: column() };
}

/** Edge of a sprite at the target, for the camera's zoom. */
export function sizeAtTarget(camera: Camera, rule: SizeRule): number {
  return rule.base * Math.pow(Math.max(camera.zoom, 0.3), GROWTH);
}

/** Two interleaved buffers of x, y, z, and how far the points are from the first to the second, 0 to 1. */
export interface Moving {
  from: Float32Array;
  to: Float32Array;
  mix: number;
}

/** What a projection needs of the camera, worked out once. */
function lensOf(camera: Camera, view: ViewSize, rule: SizeRule) {
  const far = distance(camera);
  const most = rule.most ?? Infinity;
  const edge = Math.min(most, sizeAtTarget(camera, rule));
  return {
    rotation: Array.from(camera.rotation) as [
      number, number, number, number, number, number, number, number, number,
    ], // prettier-ignore
    target: camera.target,
    spatial: camera.dimensions === 3,
    far,
    nearest: NEAR * far,
    flat: pixelsPerUnit(camera, view),
    focal: (FOCAL * Math.min(view.width, view.height)) / 2,
    centerX: view.width / 2,
    centerY: view.height / 2,
    edge,
    smallest: edge * ATTENUATION[0],
    largest: Math.min(most, edge * ATTENUATION[1]),
  };
}

/**
 * Projects points from one rank on, as many as there is room for: the vertex shader's arithmetic.
 *
 * Its first lines stand in `ranksNear` once more: a function that both called would make each take twice as long.
 */
export function project(
  { from, to, mix }: Moving,
  camera: Camera,
  view: ViewSize,
  rule: SizeRule,
  out: Projection,
  first = 0,
): Projection {
  const lens = lensOf(camera, view, rule);
  const { rotation, target, spatial, far, nearest, flat, focal, centerX, centerY } = lens;
  const { edge, smallest, largest } = lens;
  const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = rotation;
  const [tx, ty, tz] = target;
  const { x, y, depth, size } = out;
  const count = Math.min(x.length, from.length / 3 - first);
  for (let i = 0, at = 3 * first; i < count; i++, at += 3) {
    const fx = from[at] as number;
    const fy = from[at + 1] as number;
    const fz = from[at + 2] as number;
    const px = fx + ((to[at] as number) - fx) * mix - tx;
    const py = fy + ((to[at + 1] as number) - fy) * mix - ty;
    const pz = fz + ((to[at + 2] as number) - fz) * mix - tz;
    const eyeX = r0 * px + r1 * py + r2 * pz;
    const eyeY = r3 * px + r4 * py + r5 * pz;
    let scale = flat;
    let away = far;
    let side = edge;
    if (spatial) {
      away = far - (r6 * px + r7 * py + r8 * pz);
      const nearness = 1 / away;
      scale = away > nearest ? focal * nearness : NaN;
      side = edge * far * nearness;
      if (side < smallest) side = smallest;
      else if (side > largest) side = largest;
    }
    x[i] = centerX + eyeX * scale;
    y[i] = centerY - eyeY * scale;
    depth[i] = away;
    size[i] = side;
  }
  return out;
}

/**
 * Ranks of which any tile could reach a point of the view, in order: what is far from the pointer need not be projected.
 *
 * @param reach how far beyond its tile a rank still counts, CSS pixels
 */
export function ranksNear(
  { from, to, mix }: Moving,
  camera: Camera,
  view: ViewSize,
  rule: SizeRule,
  [left, top]: readonly [number, number],
  reach: number,
): number[] {
  const { rotation, target, spatial, far, flat, focal, centerX, centerY, edge, largest } = lensOf(
    camera,
    view,
    rule,
  );
  const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = rotation;
  const [tx, ty, tz] = target;
  const dx = left - centerX;
  const dy = centerY - top;
  const scale = spatial ? focal : flat * far;
  const limit = (spatial ? largest : edge) / 2 + reach;
  const ranks: number[] = [];
  for (let i = 0, at = 0; at < from.length; i++, at += 3) {
    const fx = from[at] as number;
    const fy = from[at + 1] as number;
    const fz = from[at + 2] as number;
    const px = fx + ((to[at] as number) - fx) * mix - tx;
    const py = fy + ((to[at + 1] as number) - fy) * mix - ty;
    const pz = fz + ((to[at + 2] as number) - fz) * mix - tz;
    const away = spatial ? far - (r6 * px + r7 * py + r8 * pz) : far;
    // Both sides of the comparison times the distance: no division, and nothing behind the eye passes.
    const most = limit * away;
    if (Math.abs((r0 * px + r1 * py + r2 * pz) * scale - dx * away) <= most)
      if (Math.abs((r3 * px + r4 * py + r5 * pz) * scale - dy * away) <= most) ranks.push(i);
  }
  return ranks;
}

/** The same points, but only these of them. */
export function taken({ from, to, mix }: Moving, ranks: ArrayLike<number>): Moving {
  const of = (buffer: Float32Array): Float32Array => {
    const found = new Float32Array(3 * ranks.length);
    for (let at = 0; at < found.length; at++)
      found[at] = buffer[3 * (ranks[(at / 3) | 0] as number) + (at % 3)] as number;
    return found;
  };
  return { from: of(from), to: of(to), mix };
}

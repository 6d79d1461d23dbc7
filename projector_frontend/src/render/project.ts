import { distance, FOCAL, pixelsPerUnit, type Camera, type Viewport } from './camera';

/** Where every point stands on the screen; arrays are reused from one projection to the next. */
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

/** Projects every point of two interleaved buffers mixed: the vertex shader's arithmetic. */
export function project(
  from: Float32Array,
  to: Float32Array,
  mix: number,
  camera: Camera,
  view: Viewport,
  rule: SizeRule,
  out: Projection,
): Projection {
  const r = camera.rotation as unknown as readonly number[] & { length: 9 };
  const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = r as unknown as [
    number, number, number, number, number, number, number, number, number,
  ]; // prettier-ignore
  const [tx, ty, tz] = camera.target;
  const far = distance(camera);
  const flat = pixelsPerUnit(camera, view);
  const half = Math.min(view.width, view.height) / 2;
  const edge = sizeAtTarget(camera, rule);
  const count = out.x.length;
  for (let i = 0, at = 0; i < count; i++, at += 3) {
    const fx = from[at] as number;
    const fy = from[at + 1] as number;
    const fz = from[at + 2] as number;
    const px = fx + ((to[at] as number) - fx) * mix - tx;
    const py = fy + ((to[at + 1] as number) - fy) * mix - ty;
    const pz = fz + ((to[at + 2] as number) - fz) * mix - tz;
    const eyeX = r0 * px + r1 * py + r2 * pz;
    const eyeY = r3 * px + r4 * py + r5 * pz;
    let scale = flat;
    let depth = far;
    let attenuation = 1;
    if (camera.dimensions === 3) {
      depth = far - (r6 * px + r7 * py + r8 * pz);
      scale = depth > NEAR * far ? (FOCAL * half) / depth : NaN;
      attenuation = Math.min(ATTENUATION[1], Math.max(ATTENUATION[0], far / depth));
    }
    out.x[i] = view.width / 2 + eyeX * scale;
    out.y[i] = view.height / 2 - eyeY * scale;
    out.depth[i] = depth;
    out.size[i] = edge * attenuation;
  }
  return out;
}

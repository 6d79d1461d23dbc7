/**
 * The camera: a rotation, a point looked at, and how much of the world fits. The same few formulas run in the vertex
 * shader and here, so that what is picked is what is seen.
 */
export interface Camera {
  dimensions: 2 | 3;
  /** Rows of the rotation from world to eye; the eye looks along -z. */
  rotation: Float64Array;
  target: [number, number, number];
  /** World radius that fills the view at zoom 1. */
  radius: number;
  zoom: number;
}

export interface ViewSize {
  /** CSS pixels. */
  width: number;
  height: number;
}

/** 1 / tan(half the field of view), about 30 degrees: little distortion at the rim. */
export const FOCAL = 3.7;
/** Room left at the rim of a fitted view. */
export const MARGIN = 1.12;
export const ZOOM_RANGE = [0.2, 400] as const;

export function newCamera(dimensions: 2 | 3): Camera {
  const rotation =
    dimensions === 2 ? identity() : multiply(turn('x', -0.35), multiply(turn('y', 0.5), identity()));
  return { dimensions, rotation, target: [0, 0, 0], radius: 1, zoom: 1 };
}

/** Distance from the eye to the target, in world units. */
export function distance(camera: Camera): number {
  return (camera.radius * MARGIN * FOCAL) / camera.zoom;
}

/** CSS pixels for one world unit at the target. */
export function pixelsPerUnit(camera: Camera, view: ViewSize): number {
  return ((Math.min(view.width, view.height) / 2) * camera.zoom) / (camera.radius * MARGIN);
}

/** Turns the world under the pointer; dragging across the view is about a half turn. */
export function orbit(camera: Camera, dx: number, dy: number, view: ViewSize): Camera {
  if (camera.dimensions === 2) return camera;
  const step = Math.PI / Math.max(1, Math.min(view.width, view.height));
  const turned = multiply(turn('x', dy * step), multiply(turn('y', dx * step), camera.rotation));
  return { ...camera, rotation: orthonormal(turned) };
}

/** Moves the picture with the pointer. */
export function pan(camera: Camera, dx: number, dy: number, view: ViewSize): Camera {
  const unit = 1 / pixelsPerUnit(camera, view);
  return { ...camera, target: shifted(camera, -dx * unit, dy * unit) };
}

/** Zooms so that what is under the pointer (relative to the middle, CSS pixels) stays there. */
export function zoomAt(camera: Camera, factor: number, x: number, y: number, view: ViewSize): Camera {
  const zoom = Math.min(ZOOM_RANGE[1], Math.max(ZOOM_RANGE[0], camera.zoom * factor));
  const unit = 1 / pixelsPerUnit(camera, view);
  const keep = 1 - camera.zoom / zoom;
  return { ...camera, zoom, target: shifted(camera, x * unit * keep, -y * unit * keep) };
}

function shifted({ target, rotation: r }: Camera, right: number, up: number): [number, number, number] {
  const along = (axis: number): number =>
    (target[axis] as number) + (r[axis] as number) * right + (r[3 + axis] as number) * up;
  return [along(0), along(1), along(2)];
}

export function identity(): Float64Array {
  return Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
}

function turn(axis: 'x' | 'y', angle: number): Float64Array {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return axis === 'x'
    ? Float64Array.of(1, 0, 0, 0, c, -s, 0, s, c)
    : Float64Array.of(c, 0, s, 0, 1, 0, -s, 0, c);
}

function multiply(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(9);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      for (let k = 0; k < 3; k++)
        out[3 * row + column] =
          (out[3 * row + column] as number) + (a[3 * row + k] as number) * (b[3 * k + column] as number);
  return out;
}

/** Many small turns add up to a skewed matrix: Gram-Schmidt on its rows. */
function orthonormal(m: Float64Array): Float64Array {
  const [a, b, c, d, e, f] = m as unknown as [number, number, number, number, number, number];
  const first = unit(a, b, c);
  const dot = d * first[0] + e * first[1] + f * first[2];
  const second = unit(d - dot * first[0], e - dot * first[1], f - dot * first[2]);
  return Float64Array.of(
    ...first,
    ...second,
    first[1] * second[2] - first[2] * second[1],
    first[2] * second[0] - first[0] * second[2],
    first[0] * second[1] - first[1] * second[0],
  );
}

function unit(x: number, y: number, z: number): [number, number, number] {
  const length = Math.hypot(x, y, z) || 1;
  return [x / length, y / length, z / length];
}

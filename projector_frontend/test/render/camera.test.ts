import { describe, expect, test } from 'vitest';
import { distance, newCamera, orbit, pan, pixelsPerUnit, zoomAt, type Camera } from '../../src/render/camera';
import { allocate, LABEL_LIFT, project, ranksNear } from '../../src/render/project';
import { pick, pickMoving, type PickRule } from '../../src/render/pick';
import { numbers } from '../points';

const view = { width: 800, height: 600 };
const rule = { base: 20 };

const still = (positions: Float32Array) => ({ from: positions, to: positions, mix: 1 });

function place(camera: Camera, ...points: [number, number, number][]) {
  const positions = Float32Array.from(points.flat());
  return project(still(positions), camera, view, rule, allocate(points.length));
}

describe('the camera', () => {
  test.each([2, 3] as const)('puts the target in the middle, in %i-D', (dimensions) => {
    const { x, y, size } = place(newCamera(dimensions), [0, 0, 0]);
    expect([x[0], y[0], size[0]]).toEqual([400, 300, 20]);
  });

  test('shows the whole radius, with a margin, in the shorter direction', () => {
    const camera = { ...newCamera(2), radius: 50 };
    const { y } = place(camera, [0, 50, 0]);
    expect(y[0]).toBeGreaterThan(10);
    expect(y[0]).toBeLessThan(50);
  });

  test('is the same at any scale of the embedding', () => {
    const small = place({ ...newCamera(3), radius: 1e-4 }, [1e-4, 0, 5e-5]);
    const large = place({ ...newCamera(3), radius: 10 }, [10, 0, 5]);
    expect(small.x[0]).toBeCloseTo(large.x[0]!, 2);
    expect(small.size[0]).toBeCloseTo(large.size[0]!, 3);
  });

  test('draws what is nearer larger', () => {
    const camera = { ...newCamera(3), rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
    const { size, depth } = place(camera, [0, 0, 0.8], [0, 0, -0.8]);
    expect(size[0]).toBeGreaterThan(size[1]!);
    expect(depth[0]).toBeLessThan(depth[1]!);
  });

  test('does not place what is behind the eye', () => {
    const camera = { ...newCamera(3), rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
    expect(place(camera, [0, 0, 2 * distance(camera)]).x[0]).toBeNaN();
  });

  test('moves the picture with the pointer', () => {
    const turned = orbit(newCamera(3), 120, -60, view);
    const { x, y } = place(pan(turned, 30, -20, view), [0, 0, 0]);
    expect(x[0]).toBeCloseTo(430, 3);
    expect(y[0]).toBeCloseTo(280, 3);
  });

  test.each([2, 3] as const)('zooms about the pointer, in %i-D', (dimensions) => {
    const camera = newCamera(dimensions);
    const unit = pixelsPerUnit(camera, view);
    // A world point in the plane of the target, 100 px right of and 50 px below the middle.
    const r = camera.rotation;
    const at = [0, 1, 2].map((axis) => (100 * r[axis]! - 50 * r[3 + axis]!) / unit) as [
      number,
      number,
      number,
    ];
    const { x, y } = place(zoomAt(camera, 3, 100, 50, view), at);
    expect(x[0]).toBeCloseTo(500, 2);
    expect(y[0]).toBeCloseTo(350, 2);
  });

  test('turns towards where the pointer goes', () => {
    const front = { ...newCamera(3), rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
    const { x } = place(orbit(front, 50, 0, view), [0, 0, 0.5]);
    expect(x[0]).toBeGreaterThan(400);
    const { y } = place(orbit(front, 0, 50, view), [0, 0, 0.5]);
    expect(y[0]).toBeGreaterThan(300);
  });

  test('stays a rotation after ten thousand small turns', () => {
    let camera = newCamera(3);
    for (let i = 0; i < 10_000; i++) camera = orbit(camera, 3, 2, view);
    const r = camera.rotation;
    const dot = (a: number, b: number): number => r[3 * a]! * r[3 * b]! + r[3 * a + 1]! * r[3 * b + 1]! + r[3 * a + 2]! * r[3 * b + 2]!; // prettier-ignore
    expect(dot(0, 0)).toBeCloseTo(1, 10);
    expect(dot(2, 2)).toBeCloseTo(1, 10);
    expect(dot(0, 2)).toBeCloseTo(0, 10);
  });

  test('does not turn a flat picture', () => {
    const flat = newCamera(2);
    expect(orbit(flat, 50, 50, view)).toBe(flat);
  });

  test('does not zoom without end', () => {
    let camera = newCamera(2);
    for (let i = 0; i < 100; i++) camera = zoomAt(camera, 2, 0, 0, view);
    expect(camera.zoom).toBeLessThanOrEqual(400);
  });
});

test('half-way between two frames is half-way on the screen of a flat picture', () => {
  const out = allocate(1);
  const moving = { from: Float32Array.of(0, 0, 0), to: Float32Array.of(1, 0, 0), mix: 0.5 };
  project(moving, newCamera(2), view, rule, out);
  const { x } = place(newCamera(2), [0.5, 0, 0]);
  expect(out.x[0]).toBe(x[0]);
});

describe('picking', () => {
  const front = { ...newCamera(3), rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
  const plain: PickRule = { sprites: true, dotShare: 0.3, layer: () => 0, lift: () => 0 };
  const projection = place(front, [0, 0, -0.1], [0, 0, 0.1], [0.9, 0, 0]);

  test('takes the nearer of two that lie over each other', () => {
    expect(pick(projection, 400, 300, plain)).toBe(1);
  });

  test('takes a selected one through what hides it', () => {
    expect(pick(projection, 400, 300, { ...plain, layer: (row) => (row === 0 ? 1 : 0) })).toBe(0);
  });

  test('takes a labelled one that is lifted in front', () => {
    expect(pick(projection, 400, 300, { ...plain, lift: (row) => (row === 0 ? 2 * LABEL_LIFT : 0) })).toBe(0);
  });

  test('takes squares where images are shown and discs where dots are', () => {
    expect(pick(projection, 409, 309, plain)).toBe(1);
    const far = { ...plain, sprites: false };
    expect(pick(projection, 400 + 2, 300 + 2, far)).toBe(1);
  });

  test('reaches a little beside a point, and no farther', () => {
    const dots = { ...plain, sprites: false };
    expect(pick(projection, 408, 300, dots)).not.toBe(-1);
    expect(pick(projection, 430, 300, dots)).toBe(-1);
  });

  test.each([2, 3] as const)('needs to look only at what is near the pointer, in %i-D', (dimensions) => {
    const next = numbers(7);
    const buffer = (): Float32Array => Float32Array.from({ length: 3 * 2000 }, () => 3 * next() - 1.5);
    const moving = { from: buffer(), to: buffer(), mix: 0.3 };
    const camera = zoomAt(orbit(newCamera(dimensions), 200, 90, view), 1.7, 40, -30, view);
    const all = project(moving, camera, view, rule, allocate(2000));
    for (let i = 0; i < 300; i++) {
      const [x, y] = [900 * next() - 50, 700 * next() - 50] as [number, number];
      expect(pickMoving(moving, camera, view, rule, x, y, plain)).toBe(pick(all, x, y, plain));
      expect(ranksNear(moving, camera, view, rule, [x, y], 9).length).toBeLessThan(400);
    }
  });

  test('finds nothing in an empty view', () => {
    expect(pick(allocate(0), 10, 10, plain)).toBe(-1);
  });
});

import { describe, expect, test } from 'vitest';
import { distance, newCamera, orbit, zoomAt, type Camera } from '../../src/render/camera';
import { allocate, project, taken } from '../../src/render/project';
import { Representatives, type Outlook } from '../../src/render/representatives';
import { numbers } from '../points';

const view = { width: 800, height: 600 };
const size = { base: 30 };
const NONE = new Uint32Array(0);
const COUNT = 20_000;

/** A cube full of points. */
function cube(seed = 3) {
  const next = numbers(seed);
  const buffer = Float32Array.from({ length: 3 * COUNT }, () => 2 * next() - 1);
  return { from: buffer, to: buffer, mix: 1 };
}

function outlook(camera: Camera, hides: (rank: number) => boolean = () => false): Outlook {
  return { moving: cube(), camera, view, size, hides };
}

function shown(seen: Outlook, preferred = NONE, representatives = new Representatives()): number[] {
  representatives.begin(seen, preferred);
  representatives.offer(seen, 0, COUNT);
  representatives.settle();
  return [...representatives.ranks];
}

/** How far two of these tiles lie over each other at most, as a share of the smaller one's edge. */
function overlap({ moving, camera }: Outlook, ranks: readonly number[]): number {
  const { x, y, size: edges } = project(taken(moving, ranks), camera, view, size, allocate(ranks.length));
  let most = 0;
  for (let one = 0; one < ranks.length; one++)
    for (let other = 0; other < one; other++) {
      const apart = Math.max(Math.abs(x[one]! - x[other]!), Math.abs(y[one]! - y[other]!));
      const least = (edges[one]! + edges[other]!) / 2;
      most = Math.max(most, (least - apart) / Math.min(edges[one]!, edges[other]!));
    }
  return most;
}

describe.each([2, 3] as const)('in %i dimensions', (dimensions) => {
  const camera = newCamera(dimensions);

  test('no two images lie over each other, and each place that has room has one', () => {
    const seen = outlook(camera);
    const ranks = shown(seen);
    expect(overlap(seen, ranks)).toBeLessThanOrEqual(0);
    const without = new Set(ranks);
    const left = Array.from({ length: COUNT }, (_, rank) => rank).filter((rank) => !without.has(rank));
    // Fields are told apart to 4 pixels: an image 8 pixels wider than it is has no room anywhere.
    const {
      x,
      y,
      size: edges,
    } = project(taken(seen.moving, ranks), camera, view, size, allocate(ranks.length));
    const others = project(taken(seen.moving, left), camera, view, size, allocate(left.length));
    const inView = (at: number): boolean =>
      others.x[at]! >= 0 && others.y[at]! >= 0 && others.x[at]! < view.width && others.y[at]! < view.height;
    const free = left.filter(
      (_, at) =>
        inView(at) &&
        ranks.every((_rank, one) => {
          const apart = Math.max(Math.abs(x[one]! - others.x[at]!), Math.abs(y[one]! - others.y[at]!));
          return apart > (edges[one]! + others.size[at]!) / 2 + 3 + 8;
        }),
    );
    expect(free).toEqual([]);
  });

  test('the same picture shows the same images', () => {
    expect(shown(outlook(camera))).toEqual(shown(outlook(camera)));
  });

  test('hidden images take no place', () => {
    const first = shown(outlook(camera))[0];
    const others = shown(outlook(camera, (rank) => rank === first));
    expect(others).not.toContain(first);
    expect(others.length).toBeGreaterThan(50);
  });
});

test('a small turn changes few images, and none lies far over another', () => {
  const representatives = new Representatives();
  let camera = newCamera(3);
  let before = shown(outlook(camera), NONE, representatives);
  for (let step = 0; step < 20; step++) {
    camera = orbit(camera, 3, 1, view);
    const seen = outlook(camera);
    const ranks = shown(seen, NONE, representatives);
    const kept = before.filter((rank) => ranks.includes(rank)).length;
    expect(kept / before.length).toBeGreaterThan(0.85);
    expect(overlap(seen, ranks)).toBeLessThan(0.25);
    before = ranks;
  }
});

test('whoever is in front has the place of whoever is behind', () => {
  const seen = outlook(newCamera(3));
  const { depth } = project(seen.moving, seen.camera, view, size, allocate(COUNT));
  const ranks = shown(seen);
  const behind = (rank: number): boolean => depth[rank]! > distance(seen.camera) + 0.15;
  expect(depth.filter((_, rank) => behind(rank)).length).toBeGreaterThan(0.3 * COUNT);
  expect(ranks.filter(behind).length).toBeLessThan(0.15 * ranks.length);
});

test('what is preferred is shown before all others', () => {
  const seen = outlook(newCamera(2));
  const last = Uint32Array.of(COUNT - 1, COUNT - 2);
  expect(shown(seen, last)[0]).toBe(COUNT - 1);
  expect(shown(seen)[0]).not.toBe(COUNT - 1);
});

test('more can be offered to a picture, which gets the places that are left', () => {
  const seen = outlook(zoomAt(newCamera(2), 20, 0, 0, view));
  const representatives = new Representatives();
  representatives.begin(seen, NONE);
  representatives.offer(seen, 0, COUNT / 8);
  representatives.settle();
  const some = [...representatives.ranks];
  representatives.offer(seen, COUNT / 8, COUNT);
  representatives.settle();
  expect([...representatives.ranks].slice(0, some.length)).toEqual(some);
  expect([...representatives.ranks]).toEqual(shown(seen));
  expect(representatives.ranks.length).toBeGreaterThan(some.length);
});

test('what was shown of other points is forgotten', () => {
  const seen = outlook(newCamera(2));
  const representatives = new Representatives();
  shown(seen, Uint32Array.of(COUNT - 1), representatives);
  representatives.forget();
  expect(shown(seen, NONE, representatives)).toEqual(shown(seen));
});

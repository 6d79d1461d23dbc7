import { describe, expect, test } from 'vitest';
import { atlasOf, fitted } from '../../src/render/atlas';
import { extentOf, follow } from '../../src/render/extent';
import { Motion } from '../../src/render/motion';
import { cloud } from '../points';

describe('the sprite sheet', () => {
  test('has as many rows as fit into its height', () => {
    expect(atlasOf(4, 96, 48)).toEqual({ columns: 4, rows: 2 });
    // A sheet of one row, and one whose last row was cut by rounding.
    expect(atlasOf(4, 48, 48).rows).toBe(1);
    expect(atlasOf(4, 95, 48).rows).toBe(2);
  });

  test('is shrunk, in proportion, only where it is too large for a texture', () => {
    expect(fitted(8192, 4096, 4096)).toEqual({ width: 4096, height: 2048 });
    expect(fitted(2000, 1000, 4096)).toEqual({ width: 2000, height: 1000 });
  });
});

describe('the extent', () => {
  test('is that of nearly all points: a stray does not shrink the picture', () => {
    const { columns, count } = cloud(1000, 2, 5);
    const before = extentOf(columns, count, 2);
    columns[3] = 1e6;
    expect(extentOf(columns, count, 2)).toBeCloseTo(before, 1);
  });

  test('is in the embedding’s own units', () => {
    expect(extentOf(Float32Array.of(3, 3, 3, 4, 4, 4), 3, 2)).toBeCloseTo(5, 5);
  });

  test('is something to divide by, for no points and for points on one spot', () => {
    expect(extentOf(new Float32Array(0), 0, 3)).toBe(1);
    expect(extentOf(new Float32Array(30), 10, 3)).toBe(1);
    expect(extentOf(Float32Array.of(Infinity, Infinity), 1, 2)).toBe(1);
  });

  test('is followed smoothly, and reached', () => {
    let radius = 1;
    const steps: number[] = [];
    for (let i = 0; i < 100; i++) steps.push((radius = follow(radius, 1.5, 16)));
    expect(steps[0]).toBeGreaterThan(1);
    expect(steps[0]).toBeLessThan(1.2);
    expect(steps.at(-1)).toBe(1.5);
  });

  test('is never left far behind, as in the first epochs', () => {
    expect(follow(1e-4, 30, 16)).toBeGreaterThanOrEqual(15);
    expect(follow(30, 1e-4, 16)).toBeLessThanOrEqual(2e-4);
  });
});

describe('motion between frames', () => {
  const at = (motion: Motion, now: number): number => {
    const mix = motion.mix(now);
    return motion.from[0]! + (motion.to[0]! - motion.from[0]!) * mix;
  };

  test('starts at the first frame without moving', () => {
    const motion = new Motion();
    expect(motion.aim(Float32Array.of(5, 6, 7), 1, 3, 0, 100)).toBe(true);
    expect([...motion.to]).toEqual([5, 6, 7]);
    expect(at(motion, 0)).toBe(5);
  });

  test('goes from one frame to the next in the given time', () => {
    const motion = new Motion();
    motion.aim(Float32Array.of(0, 0, 0), 1, 3, 0, 100);
    motion.aim(Float32Array.of(10, 0, 0), 1, 3, 1000, 100);
    expect([1000, 1050, 1100, 2000].map((now) => at(motion, now))).toEqual([0, 5, 10, 10]);
  });

  test('does not jump when a frame comes in the middle of the way', () => {
    const motion = new Motion();
    motion.aim(Float32Array.of(0, 0, 0), 1, 3, 0, 100);
    motion.aim(Float32Array.of(10, 0, 0), 1, 3, 0, 100);
    motion.aim(Float32Array.of(0, 0, 0), 1, 3, 50, 100);
    expect(at(motion, 50)).toBe(5);
    expect(at(motion, 150)).toBe(0);
  });

  test('keeps its buffers while the number of points stays', () => {
    const motion = new Motion();
    motion.aim(new Float32Array(6), 2, 3, 0, 100);
    const { from, to } = motion;
    expect(motion.aim(new Float32Array(4), 2, 2, 10, 100)).toBe(false);
    expect(motion.from).toBe(from);
    expect(motion.to).toBe(to);
    motion.aim(new Float32Array(9), 3, 3, 20, 100);
    expect(motion.to).toHaveLength(9);
  });

  test('lays a flat embedding into the plane', () => {
    const motion = new Motion();
    motion.aim(Float32Array.of(1, 2, 3, 4), 2, 2, 0, 0);
    expect([...motion.to]).toEqual([1, 3, 0, 2, 4, 0]);
  });
});

import { describe, expect, test } from 'vitest';
import { extentOf, follow } from '../../src/render/extent';
import { cloud } from '../points';

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

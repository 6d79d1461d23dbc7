import { describe, expect, test } from 'vitest';
import { clamped, inside } from '../../src/render/lasso';

const x = Float32Array.of(10, 20, 30, NaN, 200);
const y = Float32Array.of(10, 20, 30, 20, 20);
const box = [5, 5, 25, 5, 25, 25, 5, 25];

describe('an outline', () => {
  test('holds what is projected into it, however many lie on top of each other', () => {
    const stacked = new Float32Array(500).fill(12);
    expect(inside(stacked, stacked, box)).toHaveLength(500);
    expect([...inside(x, y, box)]).toEqual([0, 1]);
  });

  test('does not hold what is hidden', () => {
    expect([...inside(x, y, box, (at) => at === 0)]).toEqual([1]);
  });

  test('may be drawn either way round, and be concave', () => {
    expect([...inside(x, y, [5, 25, 25, 25, 25, 5, 5, 5])]).toEqual([0, 1]);
    // An arrow head: its notch holds the second point.
    expect([...inside(x, y, [0, 0, 40, 0, 14, 14, 0, 40])]).toEqual([0]);
  });

  test('agrees with the crossing test at random points and corners', () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
    const corners = Array.from({ length: 24 }, () => Math.floor(100 * random()));
    // Pixels are in or out as a whole: points in their middles are what both can agree on.
    const px = Float32Array.from({ length: 400 }, () => Math.floor(100 * random()) + 0.5);
    const py = Float32Array.from({ length: 400 }, () => Math.floor(100 * random()) + 0.5);
    const expected: number[] = [];
    for (let row = 0; row < px.length; row++) {
      let odd = false;
      for (let at = 0, before = corners.length - 2; at < corners.length; before = at, at += 2) {
        const [x1, y1, x2, y2] = [corners[before]!, corners[before + 1]!, corners[at]!, corners[at + 1]!];
        if (y1 > py[row]! !== y2 > py[row]! && px[row]! < x1 + ((py[row]! - y1) / (y2 - y1)) * (x2 - x1))
          odd = !odd;
      }
      if (odd) expected.push(row);
    }
    expect(expected.length).toBeGreaterThan(20);
    expect([...inside(px, py, corners)]).toEqual(expected);
  });

  test('of fewer than three corners, or without an area, holds nothing', () => {
    expect(inside(x, y, [1, 1, 50, 50])).toHaveLength(0);
    expect(inside(x, y, [1, 1, 50, 1, 20, 1])).toHaveLength(0);
  });

  test('ends at the view, wherever the pointer went', () => {
    expect(clamped([-50, 5, 1e6, 1e6], { width: 100, height: 80 })).toEqual([0, 5, 100, 80]);
  });
});

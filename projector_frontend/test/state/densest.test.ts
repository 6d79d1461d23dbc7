import { describe, expect, test } from 'vitest';
import { densestUnlabeled } from '../../src/state/densest';
import type { Points } from '../../src/state/points';
import { numbers } from '../points';

/** Blobs of 30 points on a line, each tighter than the one before. */
function blobs(spreads: number[], size = 30): Points {
  const next = numbers(3);
  const count = spreads.length * size;
  const columns = new Float32Array(2 * count);
  spreads.forEach((spread, blob) => {
    for (let i = 0; i < size; i++) {
      columns[blob * size + i] = 100 * blob + spread * (next() - 0.5);
      columns[count + blob * size + i] = spread * (next() - 0.5);
    }
  });
  return { columns, count, dimensions: 2 };
}

const free = (count: number): Int32Array => new Int32Array(count).fill(-1);

describe('the densest unlabelled group', () => {
  const points = blobs([20, 10, 2, 30]);

  test('lies in the tightest blob', () => {
    const row = densestUnlabeled(points, free(points.count), 10);
    expect(Math.floor(row / 30)).toBe(2);
  });

  test('is elsewhere once that one is labelled', () => {
    const labels = free(points.count).fill(1, 60, 90);
    expect(Math.floor(densestUnlabeled(points, labels, 10) / 30)).toBe(1);
  });

  test('is never a labelled sample, even in a blob that is mostly labelled', () => {
    const labels = free(points.count).fill(1);
    labels[65] = -1;
    expect(densestUnlabeled(points, labels, 10)).toBe(65);
  });

  test('goes on past groups already seen', () => {
    const seen = new Set(Array.from({ length: 30 }, (_, i) => 60 + i));
    expect(Math.floor(densestUnlabeled(points, free(points.count), 10, seen) / 30)).toBe(1);
  });

  test('is none when everything is labelled', () => {
    expect(densestUnlabeled(points, free(points.count).fill(0), 10)).toBe(-1);
  });

  test('is the only sample there is', () => {
    expect(densestUnlabeled({ columns: new Float32Array(3), count: 1, dimensions: 3 }, free(1), 20)).toBe(0);
  });

  test('is found among many samples too, where only the fullest cells are looked at', () => {
    const many = blobs([80, 80, 1, 80], 5000);
    expect(Math.floor(densestUnlabeled(many, free(many.count), 30) / 5000)).toBe(2);
  });
});

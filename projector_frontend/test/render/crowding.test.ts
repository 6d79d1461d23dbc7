import { expect, test } from 'vitest';
import { newCamera, zoomAt } from '../../src/render/camera';
import { crowding } from '../../src/render/crowding';
import { numbers } from '../points';

const view = { width: 800, height: 600 };
const rule = { base: 10 };

/** Points within a square of this half edge, in the plane. */
function square(count: number, half: number) {
  const next = numbers(3);
  const buffer = new Float32Array(3 * count);
  for (let at = 0; at < 3 * count; at++) if (at % 3 < 2) buffer[at] = half * (2 * next() - 1);
  return { from: buffer, to: buffer, mix: 1 };
}

test('tells how many dots lie over each other', () => {
  const camera = newCamera(2);
  // A dot of 3 pixels across covers 7 of them; a square of 0.5 takes 268 x 268.
  expect(crowding(square(40_000, 0.5), camera, view, rule)).toBeCloseTo((40_000 * 7.07) / 268 ** 2, 0);
  expect(crowding(square(4_000, 0.5), camera, view, rule)).toBeLessThan(0.6);
  expect(crowding(square(40_000, 0.05), camera, view, rule)).toBeGreaterThan(200);
});

test('going in takes heaps apart', () => {
  const moving = square(200_000, 0.5);
  const at = (zoom: number): number => crowding(moving, zoomAt(newCamera(2), zoom, 0, 0, view), view, rule);
  expect(at(4)).toBeLessThan(at(1));
  expect(at(40)).toBeLessThan(1);
});

test('where nothing is, nothing is crowded', () => {
  expect(crowding(square(0, 1), newCamera(2), view, rule)).toBe(0);
});

import { describe, expect, test } from 'vitest';
import { fillDot, fillTile, mixed, packed, strokeSquare, type Pixels } from '../../../src/render/cpu/raster';
import { DetailCache, levelFor, mute, type Level } from '../../../src/render/cpu/sheet';

const picture = (width: number, height: number): Pixels => ({
  data: new Uint32Array(width * height),
  width,
  height,
});
const RED = packed([1, 0, 0]);
const BLUE = packed([0, 0, 1]);
const plain = { keep: 1, add: [0, 0, 0] as const, border: 0, rim: BLUE };
/** Two tiles side by side, 2 x 2 pixels each: all red, and all blue. */
const sheet: Level = {
  data: Uint32Array.of(RED, RED, BLUE, BLUE, RED, RED, BLUE, BLUE),
  width: 4,
  columns: 2,
  tile: 2,
};

describe('drawing without a graphics card', () => {
  test('what is drawn first stays in front', () => {
    const pixels = picture(4, 4);
    fillTile(pixels, 0, 0, 3, sheet, 0, plain);
    fillTile(pixels, 1, 1, 3, sheet, 1, plain);
    expect([...pixels.data]).toEqual([
      ...[RED, RED, RED, 0],
      ...[RED, RED, RED, BLUE],
      ...[RED, RED, RED, BLUE],
      ...[0, BLUE, BLUE, BLUE],
    ]);
  });

  test('tiles beyond the edge are cut off, not wrapped round', () => {
    const pixels = picture(4, 4);
    fillTile(pixels, -2, -2, 4, sheet, 0, plain);
    fillTile(pixels, 3, 3, 4, sheet, 1, plain);
    expect(pixels.data.filter((each) => each === RED)).toHaveLength(4);
    expect(pixels.data.filter((each) => each === BLUE)).toHaveLength(1);
  });

  test('a rim runs round the tile', () => {
    const pixels = picture(3, 3);
    fillTile(pixels, 0, 0, 3, sheet, 0, { ...plain, border: 1 });
    expect([...pixels.data]).toEqual([BLUE, BLUE, BLUE, BLUE, RED, BLUE, BLUE, BLUE, BLUE]);
  });

  test('a shade mixes without running over', () => {
    const white: Level = { data: Uint32Array.of(packed([1, 1, 1])), width: 1, columns: 1, tile: 1 };
    for (let share = 0; share <= 1; share += 0.01) {
      const pixels = picture(1, 1);
      const add = mixed([0, 0, 0], [1, 1, 1], share);
      fillTile(pixels, 0, 0, 1, white, 0, { ...plain, keep: 1 - share, add });
      const [red, green, blue, alpha] = new Uint8Array(pixels.data.buffer);
      expect(Math.min(red!, green!, blue!)).toBeGreaterThanOrEqual(253);
      expect(alpha).toBe(255);
    }
  });

  test('a dot is round, and never nothing', () => {
    const pixels = picture(9, 9);
    fillDot(pixels, 4, 4, 3, RED);
    expect(pixels.data.filter((each) => each !== 0).length).toBeCloseTo(Math.PI * 9, -1);
    const small = picture(9, 9);
    fillDot(small, 4.5, 4.5, 0.1, RED);
    expect(small.data.filter((each) => each !== 0).length).toBeGreaterThan(0);
  });

  test('an outline leaves its inside free', () => {
    const pixels = picture(4, 4);
    strokeSquare(pixels, 0, 0, 4, 1, RED);
    expect(pixels.data.filter((each) => each !== 0)).toHaveLength(12);
  });

  test('muted tiles are greyer and paler, and as opaque', () => {
    const [level] = mute([sheet], [1, 1, 1]);
    const [red, green, , alpha] = new Uint8Array(level!.data.buffer);
    expect(red! - green!).toBeLessThan(60);
    expect(green!).toBeGreaterThan(100);
    expect(alpha).toBe(255);
  });

  test('a larger picture is there as it is and muted, until newer ones take its place', () => {
    const details = new DetailCache(2);
    details.put(7, sheet);
    expect(details.get(7, null)).toBe(sheet);
    const muted = details.get(7, [1, 1, 1]);
    expect(muted?.data).toEqual(mute([sheet], [1, 1, 1])[0]?.data);
    expect(details.get(7, [1, 1, 1])).toBe(muted);
    details.forgetMuted();
    expect(details.get(7, [0, 0, 0])?.data).not.toEqual(muted?.data);
    details.put(8, sheet);
    details.put(9, sheet);
    expect([7, 8, 9].map((row) => details.get(row, [1, 1, 1]) !== undefined)).toEqual([false, true, true]);
  });

  test('the sheet’s level fits the size it is drawn at', () => {
    const levels = [64, 32, 16, 8].map((tile) => ({ ...sheet, tile }));
    expect([100, 64, 40, 20, 10, 2].map((size) => levelFor(levels, size)?.tile)).toEqual([
      64, 64, 32, 16, 8, 8,
    ]);
  });
});

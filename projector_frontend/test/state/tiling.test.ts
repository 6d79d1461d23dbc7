import { describe, expect, test } from 'vitest';
import {
  FEWEST_TILES,
  MOST_TILES,
  placeOfTile,
  tileAt,
  tilesBetween,
  tilingFor,
  largestTiles,
  usualEdge,
  type Room,
} from '../../src/state/tiling';

const ROOMS: Room[] = [
  { width: 984, height: 560 },
  { width: 1144, height: 656 },
  { width: 2150, height: 1240 },
  { width: 3430, height: 1980 },
  { width: 420, height: 560 },
];

describe.each(ROOMS)('a room of $width x $height', (room) => {
  test.each([40, 64, 100, usualEdge(room), 200, 320])('is filled by tiles of about %i', (wanted) => {
    const { columns, rows, edge, gaps } = tilingFor(room, wanted);
    expect(columns * rows).toBeGreaterThanOrEqual(FEWEST_TILES);
    expect(columns * rows).toBeLessThanOrEqual(MOST_TILES);
    const across = columns * edge + (columns - 1) * gaps[0];
    const down = rows * edge + (rows - 1) * gaps[1];
    expect(across).toBeLessThanOrEqual(room.width + 0.01);
    expect(down).toBeLessThanOrEqual(room.height + 0.01);
    expect(room.width - across).toBeLessThan(0.35 * edge);
    expect(room.height - down).toBeLessThan(0.35 * edge);
    for (const gap of gaps) expect(gap).toBeLessThanOrEqual(12);
  });

  test('takes more tiles where they are smaller', () => {
    const count = (edge: number): number => tilingFor(room, edge).columns * tilingFor(room, edge).rows;
    expect(count(60)).toBeGreaterThanOrEqual(count(120));
    expect(count(120)).toBeGreaterThanOrEqual(count(240));
  });

  test('holds a number of tiles as large as they can be', () => {
    const { columns, rows, edge } = largestTiles(60, room);
    expect(columns * rows).toBeGreaterThanOrEqual(60);
    if (edge === 240) return; // larger ones show no more
    const larger = edge + 1;
    const fit = (length: number): number => Math.floor((length + 4) / (larger + 4));
    expect(fit(room.width) * fit(room.height)).toBeLessThan(60);
  });
});

describe('tiles', () => {
  const tiling = { columns: 3, rows: 2, edge: 10, gaps: [5, 4] as const };

  test('lie row after row', () => {
    expect(placeOfTile(tiling, 4)).toEqual({ left: 15, top: 14 });
  });

  test('are found by a point, and nothing is in the gaps or beyond the last', () => {
    expect(tileAt(tiling, 5, 16, 15)).toBe(4);
    expect(tileAt(tiling, 5, 12, 5)).toBe(-1);
    expect(tileAt(tiling, 5, 5, 12)).toBe(-1);
    expect(tileAt(tiling, 5, 31, 15)).toBe(-1);
    expect(tileAt(tiling, 5, -1, 5)).toBe(-1);
    expect(tileAt(tiling, 5, 46, 5)).toBe(-1);
  });

  test('between two are those of their rectangle', () => {
    expect(tilesBetween(tiling, 6, 1, 5)).toEqual([1, 2, 4, 5]);
    expect(tilesBetween(tiling, 5, 5, 1)).toEqual([1, 2, 4]);
    expect(tilesBetween(tiling, 6, 3, 2)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

import { describe, expect, test } from 'vitest';
import { fitted, isWhole, moved, showing, zoomed, zoomedTo } from '../../src/state/picture_view';

const SIZE = { width: 400, height: 100 };
const ROOM = { width: 200, height: 200 };

test('a picture fills its room in one direction and is centred in the other', () => {
  expect(fitted(SIZE, ROOM)).toEqual({ scale: 0.5, x: 0, y: 75 });
  expect(fitted({ width: 10, height: 10 }, ROOM)).toEqual({ scale: 8, x: 60, y: 60 });
});

test('what is under the pointer stays there', () => {
  const view = zoomed(
    zoomed(fitted(SIZE, ROOM), 4, { x: 50, y: 100 }, SIZE, ROOM),
    1.5,
    { x: 120, y: 90 },
    SIZE,
    ROOM,
  );
  const before = zoomed(fitted(SIZE, ROOM), 4, { x: 50, y: 100 }, SIZE, ROOM);
  expect((120 - view.x) / view.scale).toBeCloseTo((120 - before.x) / before.scale);
  expect((50 - before.x) / before.scale).toBeCloseTo(100);
});

describe('bounds', () => {
  test('nothing is smaller than the whole, and nothing comes too near', () => {
    const whole = fitted(SIZE, ROOM);
    expect(zoomed(whole, 0.01, { x: 0, y: 0 }, SIZE, ROOM)).toEqual(whole);
    expect(zoomed(whole, 1e9, { x: 0, y: 0 }, SIZE, ROOM).scale).toBe(8);
    expect(isWhole(whole, SIZE, ROOM)).toBe(true);
    expect(isWhole(zoomed(whole, 1.1, { x: 0, y: 0 }, SIZE, ROOM), SIZE, ROOM)).toBe(false);
  });

  test('a picture does not leave its room', () => {
    const near = zoomed(fitted(SIZE, ROOM), 8, { x: 100, y: 100 }, SIZE, ROOM);
    expect(moved(near, 1e6, 1e6, SIZE, ROOM)).toEqual({ ...near, x: 0, y: 0 });
    expect(moved(near, -1e6, -1e6, SIZE, ROOM)).toEqual({ ...near, x: -1400, y: -200 });
    expect(moved(fitted(SIZE, ROOM), 30, 30, SIZE, ROOM)).toEqual(fitted(SIZE, ROOM));
  });
});

test('a box out of sight is brought to the middle, and one in sight moves nothing', () => {
  const near = moved(zoomed(fitted(SIZE, ROOM), 8, { x: 0, y: 0 }, SIZE, ROOM), 1e6, 1e6, SIZE, ROOM);
  expect(showing(near, [0, 0, 10, 10], SIZE, ROOM)).toBe(near);
  const there = showing(near, [200, 40, 10, 10], SIZE, ROOM);
  expect(there.x + there.scale * 205).toBeCloseTo(100);
  expect(there.y + there.scale * 45).toBeCloseTo(100);
});

test('without a pointer one zooms to the box that is looked at, as long as it is in sight', () => {
  const whole = fitted(SIZE, ROOM);
  const near = zoomedTo(whole, 8, [0, 0, 40, 20], SIZE, ROOM);
  expect(near).toEqual({ scale: 4, x: 0, y: 0 });
  const other = zoomedTo(near, 2, [360, 0, 40, 20], SIZE, ROOM);
  expect((100 - other.x) / other.scale).toBeCloseTo((100 - near.x) / near.scale);
});

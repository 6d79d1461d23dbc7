import { describe, expect, test } from 'vitest';
import { MANY } from '../../src/render/drawing_order';
import { Motion } from '../../src/render/motion';

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

test('many points are kept in the drawing order', () => {
  const motion = new Motion();
  const count = MANY + 1;
  motion.aim(
    Float32Array.from({ length: 2 * count }, (_, at) => at),
    count,
    2,
    0,
    0,
  );
  const { rows } = motion.order;
  for (const rank of [0, 1, MANY])
    expect([...motion.to.subarray(3 * rank, 3 * rank + 3)]).toEqual([rows[rank], count + rows[rank]!, 0]);
});

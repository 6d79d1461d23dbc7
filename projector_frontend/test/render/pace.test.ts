import { expect, test } from 'vitest';
import { Pace } from '../../src/render/pace';

/** What is learned on a machine that draws so many points a millisecond. */
function learned(speed: number, frames = 60): number {
  const pace = new Pace();
  for (let frame = 0; frame < frames; frame++) pace.learn(pace.points, pace.points / speed);
  return pace.points;
}

test('a frame gets as many points as fit into a forty-fifth of a second', () => {
  for (const speed of [2_000, 20_000, 200_000]) {
    expect(learned(speed) / speed).toBeGreaterThan(14);
    expect(learned(speed) / speed).toBeLessThan(26);
  }
});

test('some are always drawn', () => {
  expect(learned(1)).toBeGreaterThanOrEqual(20_000);
});

test('nothing is learned from pictures that have few points, or had to wait', () => {
  const pace = new Pace();
  const { points } = pace;
  pace.learn(points / 2, 10);
  pace.learn(points, 5_000);
  expect(pace.points).toBe(points);
});

import { describe, expect, test } from 'vitest';
import { mostWrong, surestPart } from '../../src/state/bound';

// By scipy.stats.hypergeom: max(K for which cdf(wrong, population, K, shown) > 0.05) - wrong.
test.each([
  [812, 60, 0, 38],
  [812, 60, 1, 59],
  [812, 60, 3, 95],
  [812, 60, 12, 231],
  [100_000, 60, 0, 4868],
  [50_000, 200, 0, 741],
  [3000, 200, 5, 147],
  [100, 60, 2, 5],
])(
  'of %i with %i seen and %i wrong, at most %i of the others are wrong',
  (population, shown, wrong, most) => {
    expect(mostWrong(population, shown, wrong)).toBe(most);
  },
);

test('where everything was seen nothing else is wrong, and where all were wrong everything may be', () => {
  expect(mostWrong(60, 60, 0)).toBe(0);
  expect(mostWrong(812, 60, 60)).toBe(752);
});

test('the surer one wants to be, the less is promised', () => {
  expect(mostWrong(812, 60, 1, 0.99)).toBeGreaterThan(mostWrong(812, 60, 1, 0.95));
});

describe('the surest part', () => {
  const surestFirst = Array.from({ length: 300 }, (_, at) => 1000 - at);
  const every = (step: number): Set<number> => new Set(surestFirst.filter((_, at) => at % step === 0));
  const at = (...places: number[]): Set<number> => new Set(places.map((place) => 1000 - place));

  // By `guidance/looks.py`.
  test('is all of it where hardly anything is wrong', () => {
    expect(surestPart(surestFirst, every(5), at())).toEqual({ size: 300, shown: 60, wrong: 0, most: 13 });
    expect(surestPart(surestFirst, every(5), at(150))).toEqual({ size: 300, shown: 60, wrong: 1, most: 20 });
  });

  test('ends where mistakes begin', () => {
    const wrong = new Set([...every(3)].filter((row) => row <= 760));
    const part = surestPart(surestFirst, every(3), wrong);
    expect(part).toEqual({ size: 246, shown: 82, wrong: 2, most: 14 });
  });

  test('is nothing where mistakes are everywhere, or where all was seen', () => {
    expect(surestPart(surestFirst, every(5), at(40, 110, 240, 255, 290))).toBeNull();
    expect(surestPart(surestFirst, new Set(surestFirst), at())).toBeNull();
  });
});

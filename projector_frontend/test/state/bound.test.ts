import { expect, test } from 'vitest';
import { mostWrong } from '../../src/state/bound';

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

/** With less of them right, images are not accepted unseen. */
export const LEAST_RIGHT = 0.9;
export const SURE = 0.95;

/**
 * At most how many of those that were not looked at are wrong, with the chance `sure`.
 *
 * `shown` of `population` were drawn at random and `wrong` of them were. The bound is exact (Clopper and Pearson's, for
 * draws without replacement): the largest number of wrong ones in the population with which so few would still be found
 * with a chance above 1 - `sure`, less those that were found.
 */
export function mostWrong(population: number, shown: number, wrong: number, sure = SURE): number {
  let [low, high] = [wrong, population - shown + wrong];
  // The more are wrong, the less likely it is to find so few.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (chanceOfAtMost(wrong, population, middle, shown) > 1 - sure) low = middle;
    else high = middle - 1;
  }
  return low - wrong;
}

/** The surest of what would be accepted unseen, and what was found among them. */
export interface Part {
  size: number;
  shown: number;
  wrong: number;
  /** Of those not shown, at most so many are wrong. */
  most: number;
}

/**
 * The largest part, the surest first, of which a look says that enough of it is right; null where there is none.
 *
 * Those shown are a random draw from each part too, so the exact bound holds for it. Only all of it, or a part that ends
 * before an image found wrong, can be the largest. `guidance/looks.py` does the same.
 */
export function surestPart(
  surestFirst: readonly number[],
  shown: ReadonlySet<number>,
  wrong: ReadonlySet<number>,
): Part | null {
  const ends = surestFirst.flatMap((row, at) => (wrong.has(row) ? at : [])).reverse();
  for (const size of [surestFirst.length, ...ends]) {
    const part = surestFirst.slice(0, size);
    const seen = part.filter((row) => shown.has(row)).length;
    const bad = part.filter((row) => wrong.has(row)).length;
    if (seen === size) return null;
    const most = mostWrong(size, seen, bad);
    if (most <= (1 - LEAST_RIGHT) * (size - seen)) return { size, shown: seen, wrong: bad, most };
  }
  return null;
}

/** The chance to find at most so many of `bad` among `population` in `shown` draws. */
function chanceOfAtMost(found: number, population: number, bad: number, shown: number): number {
  const whole = logChoose(population, shown);
  let chance = 0;
  const least = Math.max(0, shown - (population - bad));
  for (let count = least; count <= Math.min(found, bad, shown); count++)
    chance += Math.exp(logChoose(bad, count) + logChoose(population - bad, shown - count) - whole);
  return chance;
}

function logChoose(all: number, some: number): number {
  return logFactorial(all) - logFactorial(some) - logFactorial(all - some);
}

const EXACT = 256;
const known: number[] = [0];

/** ln n!, summed up where n is small, else by Stirling's series: to twelve digits and more. */
function logFactorial(n: number): number {
  if (n < EXACT) {
    for (let each = known.length; each <= n; each++) known.push((known[each - 1] as number) + Math.log(each));
    return known[n] as number;
  }
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + series;
}

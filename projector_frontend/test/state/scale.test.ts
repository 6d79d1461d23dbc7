import { describe, expect, test } from 'vitest';
import { measureOf } from '../../src/state/measures';
import { scaleColors, scaleOf } from '../../src/state/scale';
import { shadeAt } from '../../src/state/shades';

const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, place) => from + place);
const cells = (values: number[]): string[] => values.map(String);
/** Halves: numbers that are surely no names. */
const halves = (count: number): string[] => cells(range(count).map((value) => value / 2));

describe('what a column measures', () => {
  const kind = (values: string[], ids: string[] = []) => measureOf(values, ids)?.kind ?? null;

  test('numbers in any spelling that programs write, with gaps', () => {
    expect(kind([...halves(20), '1e-3', '-2.5E+4', ' 7 ', '.5', '+3'])).toBe('number');
    expect(kind([...halves(20), '', ' ', 'NaN', 'None', 'nan', '<NA>', 'unlabeled', '-inf'])).toBe('number');
  });

  test.each([['word'], ['1,234'], ['0x10'], ['12 px'], ['1/2'], ['2020-13-45']])(
    'not one with %s',
    (cell) => {
      expect(kind([...halves(20), cell])).toBeNull();
    },
  );

  test('not so few different values that they are groups', () => {
    expect(kind(range(300).map((row) => String((row % 11) / 2)))).toBeNull();
    expect(kind(range(300).map((row) => String((row % 12) / 2)))).toBe('number');
  });

  test('not the numbers of clusters, folds or months, nor of rows', () => {
    for (const first of [-1, 0, 1])
      expect(kind(range(300).map((row) => String((row % 20) + first)))).toBeNull();
    expect(kind(cells(range(300, 4711)))).toBeNull();
    expect(kind(cells(range(300, 4711).reverse()))).toBeNull();
  });

  test('but whole numbers that count or last', () => {
    expect(kind(range(300).map((row) => String(20 + (row % 40))))).toBe('number'); // ages
    expect(kind(range(300).map((row) => String(row % 200)))).toBe('number');
    expect(kind(cells(range(300).map((row) => row * row)))).toBe('number');
  });

  test('not what names the samples', () => {
    const ids = cells(range(300).map((row) => 7 * row));
    expect(kind(ids, ids)).toBeNull();
    expect(kind(ids, [...ids].reverse())).toBe('number');
  });

  test('days and times', () => {
    const days = range(20).map((day) => `2024-03-${String(day + 1).padStart(2, '0')}`);
    expect(kind(days)).toBe('time');
    expect(
      kind([...days, 'NaT', '2024-03-01T12:30:05.25Z', '2024-03-01 12:30', '2024-03-01T12:30+02:00']),
    ).toBe('time');
    expect(kind([...days, 'yesterday'])).toBeNull();
    expect(kind([...days, '12'])).toBeNull();
  });

  test('nothing where nothing is', () => {
    expect(kind(Array<string>(300).fill(''))).toBeNull();
    expect(kind([])).toBeNull();
    expect(kind(Array<string>(300).fill('4.5'))).toBeNull();
  });
});

describe('its scale', () => {
  const scale = (values: string[]) => {
    const found = scaleOf(values, []);
    if (!found) throw new Error('no scale');
    return found;
  };

  test('goes from the least to the greatest, with round numbers between', () => {
    const found = scale([...halves(41), '']);
    expect([found.low, found.high, found.missing, found.beyond]).toEqual([0, 20, 1, null]);
    expect(found.ticks.map(({ text }) => text)).toEqual(['0', '5', '10', '15', '20']);
    const odd = scale(cells(range(100).map((value) => 0.0371 + value * 0.0911)));
    expect(odd.ticks.map(({ text }) => text)).toEqual(['0.04', '5', '9.06']);
    const below = scale(cells(range(100).map((value) => value * 0.013 - 0.7)));
    expect(below.ticks.map(({ text }) => text)).toEqual(['-0.7', '-0.5', '0', '0.59']);
  });

  test('gives a few values far from the rest no more than the colours of its ends', () => {
    const found = scale([...cells(range(100).map((value) => value + 0.5)), '1e6']);
    expect([found.low, found.high]).toEqual([2.5, 98.5]);
    expect(found.beyond).toEqual({ below: 2, above: 2, least: '0.5', greatest: '1,000,000' });
    expect(scaleOf([...halves(100), '120'], [])?.beyond).not.toBeNull();
    expect(scaleOf([...halves(100), '60'], [])?.beyond).toBeNull();
  });

  test('tells apart what is very small, very large or very near each other', () => {
    const ends = (values: number[]) => {
      const { ticks } = scale(cells(values));
      return [ticks[0]?.text, ticks.at(-1)?.text];
    };
    expect(ends(range(20).map((value) => value * 1e-9))).toEqual(['0', '1.9e-8']);
    expect(ends(range(20).map((value) => value * 1.5e20))).toEqual(['0', '2.85e+21']);
    expect(ends(range(20).map((value) => 5_000_000 + value / 2))).toEqual(['5,000,000', '5,000,009.5']);
  });

  test('tells days where they are many, and hours where they are few', () => {
    const days = scale(range(28).map((day) => `2024-02-${String(day + 1).padStart(2, '0')}`));
    expect([days.ticks[0]?.text, days.ticks.at(-1)?.text]).toEqual(['1 Feb 2024', '28 Feb 2024']);
    const hours = scale(range(20).map((hour) => `2024-02-01T${String(hour).padStart(2, '0')}:00`));
    expect([hours.ticks[0]?.text, hours.ticks.at(-1)?.text]).toEqual(['1 Feb, 00:00', '1 Feb, 19:00']);
  });

  test('colours each row, and none that has no value', () => {
    const found = scale([...halves(40), 'nan']);
    const colors = scaleColors(found, false);
    expect([...colors.subarray(0, 4)]).toEqual([...shadeAt(0, false), 255]);
    expect([...colors.subarray(39 * 4, 40 * 4)]).toEqual([...shadeAt(1, false), 255]);
    expect([...colors.subarray(40 * 4)]).toEqual([0, 0, 0, 0]);
  });
});

describe('its colours', () => {
  const linear = (value: number) => (value <= 10.3 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]: readonly [number, number, number]) =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);

  test.each([
    ['in the light', false, 1],
    ['in the dark', true, luminance([0x13, 0x15, 0x19])],
  ])('grow lighter all along and stand out %s', (_, dark, background) => {
    const lights = range(101).map((place) => luminance(shadeAt(place / 100, dark)));
    lights.slice(1).forEach((light, place) => expect(light).toBeGreaterThan(lights[place] as number));
    for (const light of lights) {
      const [less, more] = [light, background].sort((a, b) => a - b) as [number, number];
      expect((more + 0.05) / (less + 0.05)).toBeGreaterThan(1.65);
    }
  });
});

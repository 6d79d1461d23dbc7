import { describe, expect, test } from 'vitest';
import { scaleColors, scaleOf } from '../../src/state/scale';
import { shadeAt } from '../../src/state/shades';

const range = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, place) => from + place);
/** Halves: numbers that are surely no names. */
const halves = (count: number): number[] => range(count).map((value) => value / 2);

describe('its scale', () => {
  const scale = (values: number[], kind: 'number' | 'time' = 'number') =>
    scaleOf({ kind, values: Float64Array.from(values) });

  test('goes from the least to the greatest, with round numbers between', () => {
    const found = scale([...halves(41), NaN]);
    expect([found.low, found.high, found.missing, found.beyond]).toEqual([0, 20, 1, null]);
    expect(found.ticks.map(({ text }) => text)).toEqual(['0', '5', '10', '15', '20']);
    const odd = scale(range(100).map((value) => 0.0371 + value * 0.0911));
    expect(odd.ticks.map(({ text }) => text)).toEqual(['0.04', '5', '9.06']);
    const below = scale(range(100).map((value) => value * 0.013 - 0.7));
    expect(below.ticks.map(({ text }) => text)).toEqual(['-0.7', '-0.5', '0', '0.59']);
  });

  test('gives a few values far from the rest no more than the colours of its ends', () => {
    const found = scale([...range(100).map((value) => value + 0.5), 1e6]);
    expect([found.low, found.high]).toEqual([2.5, 98.5]);
    expect(found.beyond).toEqual({ below: 2, above: 2, least: '0.5', greatest: '1,000,000' });
    expect(scale([...halves(100), 120]).beyond).not.toBeNull();
    expect(scale([...halves(100), 60]).beyond).toBeNull();
  });

  test('tells apart what is very small, very large or very near each other', () => {
    const ends = (values: number[]) => {
      const { ticks } = scale(values);
      return [ticks[0]?.text, ticks.at(-1)?.text];
    };
    expect(ends(range(20).map((value) => value * 1e-9))).toEqual(['0', '1.9e-8']);
    expect(ends(range(20).map((value) => value * 1.5e20))).toEqual(['0', '2.85e+21']);
    expect(ends(range(20).map((value) => 5_000_000 + value / 2))).toEqual(['5,000,000', '5,000,009.5']);
  });

  test('tells days where they are many, and hours where they are few', () => {
    const days = scale(
      range(28).map((day) => Date.UTC(2024, 1, day + 1)),
      'time',
    );
    expect([days.ticks[0]?.text, days.ticks.at(-1)?.text]).toEqual(['1 Feb 2024', '28 Feb 2024']);
    const hours = scale(
      range(20).map((hour) => Date.UTC(2024, 1, 1, hour)),
      'time',
    );
    expect([hours.ticks[0]?.text, hours.ticks.at(-1)?.text]).toEqual(['1 Feb, 00:00', '1 Feb, 19:00']);
  });

  test('colours each row, and none that has no value', () => {
    const found = scale([...halves(40), NaN]);
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

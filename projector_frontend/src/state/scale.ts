import { word } from './colors';
import { instant, quantity } from './format';
import type { MeasuredColumn } from './metadata';
import { shadeAt } from './shades';

/** A mark beside a scale: how far up it stands, 0 to 1, and what it says. */
export interface Tick {
  at: number;
  text: string;
}

/** Of values that lie far from the rest: how many are beyond the ends, and the outermost in words. */
export interface Beyond {
  below: number;
  above: number;
  least: string;
  greatest: string;
}

/** How what a column measures colours the view. */
export interface Scale {
  /** A value a row, NaN where there is none; times are milliseconds. */
  values: Float64Array;
  /** What has the colours of the ends; so has what lies beyond. */
  low: number;
  high: number;
  /** The two ends and some between, from the low end up. */
  ticks: readonly Tick[];
  missing: number;
  /** Null where the ends are the least and the greatest value. */
  beyond: Beyond | null;
}

/** Where the ends are while some values lie far from the rest. */
const ENDS = [0.02, 0.98] as const;
/** About so many steps from end to end. */
const STEPS = 4;
/** A mark nearer to an end would touch that one's words. */
const NEAREST = 0.12;
/** More colours than so many nobody tells apart. */
const SHADES = 256;

/** The scale of what a column measures. */
export function scaleOf({ kind, values }: Pick<MeasuredColumn, 'kind' | 'values'>): Scale {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  const [least, greatest, from, to] = [at(0), at(1), at(ENDS[0]), at(ENDS[1])];
  // Some few values do not get more than half of the scale.
  const cut = from < to && greatest - least > 2 * (to - from);
  const [low, high] = cut ? [from, to] : [least, greatest];
  const words = wordsOf(kind, high - low);
  const beyond = {
    below: sorted.findIndex((value) => value >= low),
    above: sorted.length - 1 - sorted.findLastIndex((value) => value <= high),
    least: words(least),
    greatest: words(greatest),
  };
  return {
    values,
    low,
    high,
    ticks: marks(kind, low, high).map((value) => ({
      at: (value - low) / (high - low),
      text: words(value),
    })),
    missing: values.length - sorted.length,
    beyond: cut ? beyond : null,
  };
}

/** RGBA per row, as `labelColors` gives them: what has no value stays neutral. */
export function scaleColors({ values, low, high }: Scale, dark: boolean): Uint8Array {
  const shades = Array.from({ length: SHADES }, (_, place) => word(shadeAt(place / (SHADES - 1), dark), 255));
  const words = Uint32Array.from(values, (value) => {
    const share = Math.max(0, Math.min(1, (value - low) / (high - low)));
    return shades[Math.round(share * (SHADES - 1))] ?? 0;
  });
  return new Uint8Array(words.buffer);
}

function wordsOf(kind: MeasuredColumn['kind'], span: number): (value: number) => string {
  return (value) => (kind === 'time' ? instant(value, span) : quantity(value, span));
}

/** Values to mark: the ends, and round numbers between them. */
function marks(kind: MeasuredColumn['kind'], low: number, high: number): number[] {
  const step = kind === 'time' ? (high - low) / STEPS : roundStep((high - low) / STEPS);
  const first = kind === 'time' ? low + step : Math.ceil(low / step) * step;
  const between = Array.from({ length: 2 * STEPS }, (_, count) => first + count * step);
  const room = NEAREST * (high - low);
  return [low, ...between.filter((value) => value - low > room && high - value > room), high];
}

/** The least of 1, 2, 5, 10, 20 … that is not less. */
function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5].find((each) => each * power >= wanted) ?? 10) * power;
}

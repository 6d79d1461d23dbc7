/** How the values of a column are read that measures something of each sample. */
export interface Measure {
  kind: 'number' | 'time';
  /** A cell's number, or its time in milliseconds; NaN where it has none. */
  read: (cell: string) => number;
}

/** Fewer different values are told apart more easily as groups. */
const FEWEST = 12;
/** Whole numbers round 0 without a gap, and no more than so many, name groups: clusters, folds, months. */
const MOST_CODES = 48;

/** What files write where there is no value; infinite ones stand on no scale. */
const NO_VALUE = new Set([
  '',
  'nan',
  'none',
  'null',
  'na',
  'n/a',
  '<na>',
  'nat',
  'inf',
  'infinity',
  'unlabeled',
]);
/** Numbers to JavaScript, but hardly to whoever wrote the table. */
const OTHER_BASE = /^\s*0[box]/i;
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:\d\d)?)?$/;

const MEASURES: readonly Measure[] = [
  { kind: 'number', read: numberIn },
  { kind: 'time', read: timeIn },
];

/** What a column measures; null where its cells are names, be it of groups or of the samples. */
export function measureOf(cells: readonly string[], sampleIds: readonly string[]): Measure | null {
  return MEASURES.find((measure) => fits(measure, cells, sampleIds)) ?? null;
}

/** Whether a cell holds anything but a word for nothing. */
export function hasValue(cell: string): boolean {
  return !NO_VALUE.has(cell.trim().replace(/^[+-]/, '').toLowerCase());
}

export function numberIn(cell: string): number {
  const value = Number(cell);
  if (!Number.isFinite(value) || OTHER_BASE.test(cell)) return NaN;
  // Blanks are 0 to JavaScript.
  return value === 0 && cell.trim() === '' ? NaN : value;
}

/** A day or a time as ISO 8601 writes it; without a zone it is taken for UTC, so that it is the same for everybody. */
function timeIn(cell: string): number {
  const [, day, time = '00:00', zone = 'Z'] = TIME.exec(cell.trim()) ?? [];
  return day === undefined ? NaN : Date.parse(`${day}T${time}${zone}`);
}

function fits({ kind, read }: Measure, cells: readonly string[], sampleIds: readonly string[]): boolean {
  const different = new Set<number>();
  let [count, least, greatest, whole] = [0, Infinity, -Infinity, true];
  for (const cell of cells) {
    const value = read(cell);
    if (Number.isNaN(value)) {
      // Most columns hold words, and say so at their first cell.
      if (hasValue(cell)) return false;
      continue;
    }
    count++;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
    whole &&= Number.isInteger(value);
    if (different.size <= MOST_CODES) different.add(value);
  }
  if (different.size < FEWEST) return false;
  if (kind === 'time' || !whole) return true;
  const isCodes = greatest - least < different.size && different.size <= MOST_CODES && Math.abs(least) <= 1;
  const mayNumber = greatest - least + 1 === count;
  return !isCodes && !(mayNumber && new Set(cells.map(read)).size >= count) && !same(cells, sampleIds);
}

function same(cells: readonly string[], sampleIds: readonly string[]): boolean {
  return cells.length === sampleIds.length && cells.every((cell, row) => cell === sampleIds[row]);
}

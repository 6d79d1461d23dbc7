import type { ClassInfo } from '../api/types';
import type { MetadataColumn } from './metadata';

/** Where samples lie in the pictures that they are parts of. */
export interface Places {
  /** What the pictures are called, in the order of their first rows. */
  files: readonly string[];
  /** The picture of each row; -1 where it is part of none. */
  pictureOf: Int32Array;
  /** x, y, width and height of each row in its picture's pixels: (4 N). */
  boxes: Float64Array;
  /** Width and height of each picture in pixels; 0 where nobody says. */
  sizes: Float64Array;
  /** The rows of picture p are those from `starts[p]` to `starts[p + 1]`. */
  rows: Int32Array;
  starts: Int32Array;
}

/** Boxes in one picture, as they are drawn. */
export interface PlacedBoxes {
  /** x, y, width and height of each in the picture's pixels. */
  boxes: Float64Array;
  /** The color of each one's label, or null. */
  colors: readonly (string | null)[];
  /** Which of them is looked at; -1 for none. */
  current: number;
}

const SIDES = ['x', 'y', 'width', 'height'] as const;
const SIZES = ['picture_width', 'picture_height'] as const;

/** The columns that say where samples lie, of all that there are; none where samples are no parts of pictures. */
export function columnsOfPlaces(names: readonly string[]): string[] {
  const there = new Set(names);
  const needed = ['file', ...SIDES];
  if (![...needed, 'object'].every((name) => there.has(name))) return [];
  return [...needed, ...SIZES.filter((name) => there.has(name))];
}

/** What the columns say of places; null where samples are no parts of pictures, or not all columns are there yet. */
export function placesOf(
  names: readonly string[],
  columns: ReadonlyMap<string, MetadataColumn>,
): Places | null {
  const needed = columnsOfPlaces(names);
  const file = columns.get('file');
  if (!file || needed.length === 0 || !needed.every((name) => columns.has(name))) return null;
  const sides = SIDES.map((name) => numbersOf(columns.get(name)));
  const [wide, high] = SIZES.map((name) => numbersOf(columns.get(name)));
  const count = file.codes.length;
  const pictureOf = new Int32Array(count).fill(-1);
  const boxes = new Float64Array(4 * count);
  const numbers = new Map<number, number>();
  const sizes: number[] = [];
  const counts: number[] = [];
  file.codes.forEach((code, row) => {
    const box = sides.map((side) => side(row));
    const [, , width = 0, height = 0] = box;
    if (!box.every(Number.isFinite) || width <= 0 || height <= 0) return;
    boxes.set(box, 4 * row);
    let picture = numbers.get(code);
    if (picture === undefined) {
      picture = numbers.size;
      numbers.set(code, picture);
      sizes.push(sizeIn(wide?.(row)), sizeIn(high?.(row)));
      counts.push(0);
    }
    pictureOf[row] = picture;
    counts[picture] = (counts[picture] ?? 0) + 1;
  });
  if (numbers.size === 0) return null;
  const starts = new Int32Array(counts.length + 1);
  counts.forEach((count, picture) => (starts[picture + 1] = (starts[picture] ?? 0) + count));
  const next = starts.slice();
  const rows = new Int32Array(starts.at(-1) ?? 0);
  pictureOf.forEach((picture, row) => {
    if (picture < 0) return;
    const at = next[picture] ?? 0;
    rows[at] = row;
    next[picture] = at + 1;
  });
  const files = [...numbers.keys()].map((code) => file.words[code] ?? '');
  return { files, pictureOf, boxes, sizes: Float64Array.from(sizes), rows, starts };
}

/** The picture of a row, or null. */
export function pictureOf(places: Places | null, row: number): number | null {
  const picture = places?.pictureOf[row] ?? -1;
  return picture < 0 ? null : picture;
}

/** All rows that are parts of a picture, in order. */
export function rowsOfPicture(places: Places, picture: number): Int32Array {
  return places.rows.subarray(places.starts[picture], places.starts[picture + 1]);
}

/** How large a picture is, in pixels; null where nobody says. */
export function sizeOf(places: Places, picture: number): { width: number; height: number } | null {
  const [width = 0, height = 0] = places.sizes.subarray(2 * picture, 2 * picture + 2);
  return width > 0 && height > 0 ? { width, height } : null;
}

export function boxOf(places: Places, row: number): readonly [number, number, number, number] {
  const [x = 0, y = 0, width = 0, height = 0] = places.boxes.subarray(4 * row, 4 * row + 4);
  return [x, y, width, height];
}

/** The boxes of a picture, in the colors of their labels. */
export function placedBoxes(
  places: Places,
  picture: number,
  current: number,
  labels: Int32Array,
  classes: ReadonlyMap<number, ClassInfo>,
): PlacedBoxes {
  const rows = rowsOfPicture(places, picture);
  const boxes = new Float64Array(4 * rows.length);
  rows.forEach((row, at) => boxes.set(places.boxes.subarray(4 * row, 4 * row + 4), 4 * at));
  const colors = Array.from(rows, (row) => classes.get(labels[row] ?? -1)?.color ?? null);
  return { boxes, colors, current: rows.indexOf(current) };
}

/** The row whose box holds a point of a picture: the smallest of several; null where there is none. */
export function rowAt(places: Places, picture: number, x: number, y: number): number | null {
  let found: number | null = null;
  let smallest = Infinity;
  for (const row of rowsOfPicture(places, picture)) {
    const [left, top, width, height] = boxOf(places, row);
    const holds = x >= left && x <= left + width && y >= top && y <= top + height;
    if (!holds || width * height >= smallest) continue;
    smallest = width * height;
    found = row;
  }
  return found;
}

/** The next row of the same picture, or the one before; after the last comes the first. */
export function rowBeside(places: Places, row: number, step: 1 | -1): number {
  const picture = pictureOf(places, row);
  if (picture === null) return row;
  const rows = rowsOfPicture(places, picture);
  return rows[(rows.indexOf(row) + step + rows.length) % rows.length] ?? row;
}

function numbersOf(column: MetadataColumn | undefined): (row: number) => number {
  if (!column) return () => NaN;
  const { words, codes } = column;
  const values = Float64Array.from(words, (word) => (word.trim() === '' ? NaN : Number(word)));
  return (row) => values[codes[row] ?? -1] ?? NaN;
}

function sizeIn(size = NaN): number {
  return size > 0 && Number.isFinite(size) ? size : 0;
}

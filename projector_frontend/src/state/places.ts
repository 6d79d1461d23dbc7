import type { ClassInfo, MetadataColumn } from '../api/types';

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

const NEEDED = ['file', 'object', 'x', 'y', 'width', 'height'] as const;

/** What the columns say of places; null where samples are no parts of pictures. */
export function placesOf(columns: readonly MetadataColumn[]): Places | null {
  const named = new Map(columns.map(({ name, values }) => [name, values]));
  const [file, , ...sides] = NEEDED.map((name) => named.get(name));
  if (!file || !named.has('object') || !sides.every((side) => side !== undefined)) return null;
  const pictureOf = new Int32Array(file.length).fill(-1);
  const boxes = new Float64Array(4 * file.length);
  const numbers = new Map<string, number>();
  const sizes: number[] = [];
  const counts: number[] = [];
  file.forEach((name, row) => {
    const box = sides.map((side) => numberIn(side[row]));
    const [, , width = 0, height = 0] = box;
    if (!box.every(Number.isFinite) || width <= 0 || height <= 0) return;
    boxes.set(box, 4 * row);
    let picture = numbers.get(name);
    if (picture === undefined) {
      picture = numbers.size;
      numbers.set(name, picture);
      sizes.push(sizeIn(named.get('picture_width')?.[row]), sizeIn(named.get('picture_height')?.[row]));
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
  return { files: [...numbers.keys()], pictureOf, boxes, sizes: Float64Array.from(sizes), rows, starts };
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

function numberIn(cell: string | undefined): number {
  return cell === undefined || cell.trim() === '' ? NaN : Number(cell);
}

function sizeIn(cell: string | undefined): number {
  const size = numberIn(cell);
  return size > 0 && Number.isFinite(size) ? size : 0;
}

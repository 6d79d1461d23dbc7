import type { AuthorsAnswer, ClassInfo, ColumnInfo } from '../api/types';
import { rgb, word } from './colors';
import { encoded, isMeasure, type MetadataColumn } from './metadata';
import { hasValue, numberIn } from './numbers';

/** What is said of labels of which nobody knows who gave them. */
const CAME_WITH = 'came with the run';

/** While the server has not told its palette. */
const GREY = '#808080';

export interface LegendEntry {
  name: string;
  color: string;
  count: number;
}

/** Columns that make sense as colours: of groups, or of what is measured. */
export function colorColumns(columns: readonly ColumnInfo[]): ColumnInfo[] {
  return columns.filter(({ kind }) => kind === 'groups' || isMeasure(kind));
}

/** Who gave each row its label, or set it aside, as a column that colours the view. */
export function byPerson({ names, authors }: AuthorsAnswer): MetadataColumn {
  const people = authors.map((place) => (place < 0 ? 'unlabeled' : names[place] || CAME_WITH));
  return encoded('Labelled by', people);
}

/** The rows of a group of a column. */
export function rowsOfGroup(column: MetadataColumn, group: string): Int32Array {
  const code = column.words.indexOf(group);
  const rows: number[] = [];
  column.codes.forEach((each, row) => {
    if (each === code) rows.push(row);
  });
  return Int32Array.from(rows);
}

function isNeutral(value: string): boolean {
  return value === '' || value === 'unlabeled';
}

/**
 * RGBA per row, alpha 255 where the row has a colour of its own and 0 where it is neutral.
 * Colours come from the labels.
 */
export function labelColors(labels: Int32Array, classes: readonly ClassInfo[]): Uint8Array {
  // Classes are numbered from 1 on, and few.
  const byId = new Uint32Array(1 + classes.reduce((most, { id }) => Math.max(most, id), 0));
  for (const { id, color } of classes) byId[id] = word(rgb(color), 255);
  const words = new Uint32Array(labels.length);
  for (let row = 0; row < words.length; row++) {
    const id = labels[row] as number;
    if (id > 0 && id < byId.length) words[row] = byId[id] as number;
  }
  return new Uint8Array(words.buffer);
}

/** What is lit where no class has a colour for it. */
export const LIT = '#E8710A';

/** The same where some rows are lit, and all others are neutral. */
export function litColors(count: number, rows: readonly number[], hex: string): Uint8Array {
  const color = [...rgb(hex), 255];
  const colors = new Uint8Array(count * 4);
  for (const row of rows) colors.set(color, row * 4);
  return colors;
}

/** The groups of a column in their natural order, with a colour each: the palette's, again from its start at its end. */
export function legendOf(column: MetadataColumn, palette: readonly string[]): LegendEntry[] {
  const counts = new Uint32Array(column.words.length);
  for (const code of column.codes) counts[code] = (counts[code] ?? 0) + 1;
  const codes = new Map(column.words.map((word, code) => [word, code]));
  const names = naturally([...column.words]);
  return names.map((name, index) => ({
    name,
    color: (isNeutral(name) ? undefined : palette[index % palette.length]) ?? GREY,
    count: counts[codes.get(name) ?? -1] ?? 0,
  }));
}

/** The same as `labelColors`, from a metadata column; `unlabeled` and empty stay neutral. */
export function columnColors(column: MetadataColumn, legend: readonly LegendEntry[]): Uint8Array {
  const own = legend.filter(({ name }) => !isNeutral(name));
  const byName = new Map(own.map(({ name, color }) => [name, word(rgb(color), 255)]));
  const byCode = Uint32Array.from(column.words, (name) => byName.get(name) ?? 0);
  const words = new Uint32Array(column.codes.length);
  for (let row = 0; row < words.length; row++) words[row] = byCode[column.codes[row] as number] as number;
  return new Uint8Array(words.buffer);
}

/** 2 before 10, in words too; numbers by their value, and then what has none. */
function naturally(names: string[]): string[] {
  const numbers = names.filter((name) => !Number.isNaN(numberIn(name)));
  if (names.length > numbers.length + names.filter((name) => !hasValue(name)).length)
    return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const place = (name: string): number => (hasValue(name) ? numberIn(name) : Infinity);
  return names.sort((a, b) => place(a) - place(b) || a.localeCompare(b, 'en'));
}

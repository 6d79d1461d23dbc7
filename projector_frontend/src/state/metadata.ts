import type { ColumnInfo, SamplesAnswer } from '../api/types';

/** A column of the metadata as text: its different cells, and for each row the place of its own among them. */
export interface MetadataColumn {
  name: string;
  words: readonly string[];
  codes: Codes;
}

export type Codes = Int8Array | Int16Array | Int32Array;

/** What a column of the metadata measures: a value a row, NaN where there is none; times are milliseconds. */
export interface MeasuredColumn {
  name: string;
  kind: 'number' | 'time';
  values: Float64Array;
}

export function isMeasure(kind: ColumnInfo['kind']): kind is MeasuredColumn['kind'] {
  return kind === 'number' || kind === 'time';
}

/** Cells as their different words and codes. */
export function encoded(name: string, cells: readonly string[]): MetadataColumn {
  const places = new Map<string, number>();
  const codes = Int32Array.from(cells, (cell) => {
    const place = places.get(cell) ?? places.size;
    places.set(cell, place);
    return place;
  });
  return { name, words: [...places.keys()], codes };
}

export function cellAt({ words, codes }: MetadataColumn, row: number): string {
  return words[codes[row] ?? -1] ?? '';
}

/** The columns whose cells came with the samples: all of a run that is not very large, else none. */
export function toldColumns({ columns }: SamplesAnswer): Map<string, MetadataColumn> {
  return new Map(columns.flatMap(({ name, values }) => (values ? [[name, encoded(name, values)]] : [])));
}

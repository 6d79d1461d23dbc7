/** What the server sends as Arrow streams: a column of the metadata, and what is suggested for each row. */
import type { Column, Table } from '@uwdata/flechette';

/** The different cells of a column, and for each row the place of its own among them. */
export interface TextCells {
  words: string[];
  codes: Int8Array | Int16Array | Int32Array;
}

/** What the labels so far say about every row: class ids, -1 where there is none, and how probable the first are. */
export interface SuggestedRows {
  column: string;
  revision: number;
  classIds: Int32Array;
  percent: Float32Array;
  second: Int32Array;
}

/** Text that is dictionary-encoded, in one batch. */
export async function textIn(stream: ArrayBuffer): Promise<TextCells> {
  const [batch] = (await tableIn(stream)).getChildAt(0).data as unknown as readonly DictionaryBatch[];
  if (!batch) return { words: [], codes: new Int32Array(0) };
  // Copied, so that the rest of the answer is let go.
  return { words: [...batch.dictionary] as string[], codes: (batch.values as TextCells['codes']).slice() };
}

export async function numbersIn(stream: ArrayBuffer): Promise<Float64Array> {
  return Float64Array.from(numbersOf((await tableIn(stream)).getChildAt(0)));
}

export async function suggestionsIn(stream: ArrayBuffer): Promise<SuggestedRows> {
  const table = await tableIn(stream);
  const of = (name: string): NumberArray => numbersOf(table.getChild(name));
  return {
    column: table.schema.metadata?.get('column') ?? '',
    revision: Number(table.schema.metadata?.get('revision')),
    classIds: Int32Array.from(of('class_id')),
    percent: Float32Array.from(of('percent')),
    second: Int32Array.from(of('second')),
  };
}

type NumberArray = Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** Numbers in one batch, as a view of the answer. */
function numbersOf(column: Column<unknown>): NumberArray {
  return (column.data[0]?.values ?? new Float64Array(0)) as NumberArray;
}

/** What the library has for dictionary-encoded columns; it does not export the type. */
interface DictionaryBatch {
  values: unknown;
  dictionary: Column<string>;
}

async function tableIn(stream: ArrayBuffer): Promise<Table> {
  // A page opens without it.
  const { tableFromIPC } = await import('@uwdata/flechette');
  return tableFromIPC(stream);
}

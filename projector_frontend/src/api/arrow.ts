/** Columns as the server sends them: Arrow streams of one column. */
import type { Column } from '@uwdata/flechette';

/** The different cells of a column, and for each row the place of its own among them. */
export interface TextCells {
  words: string[];
  codes: Int8Array | Int16Array | Int32Array;
}

/** Text that is dictionary-encoded, in one batch. */
export async function textIn(stream: ArrayBuffer): Promise<TextCells> {
  const [batch] = (await columnIn(stream)).data as unknown as readonly DictionaryBatch[];
  if (!batch) return { words: [], codes: new Int32Array(0) };
  // Copied, so that the rest of the answer is let go.
  return { words: [...batch.dictionary] as string[], codes: (batch.values as TextCells['codes']).slice() };
}

/** Numbers in one batch. */
export async function numbersIn(stream: ArrayBuffer): Promise<Float64Array> {
  const [batch] = (await columnIn(stream)).data;
  return batch ? (batch.values as Float64Array).slice() : new Float64Array(0);
}

/** What the library has for dictionary-encoded columns; it does not export the type. */
interface DictionaryBatch {
  values: unknown;
  dictionary: Column<string>;
}

async function columnIn(stream: ArrayBuffer): Promise<Column<unknown>> {
  // Most runs need none of it.
  const { tableFromIPC } = await import('@uwdata/flechette');
  return tableFromIPC(stream).getChildAt<unknown>(0);
}

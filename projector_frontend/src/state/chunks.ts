/** Bytes of sample ids in one request; a body may have 1 MiB. */
const MOST_BYTES = 900_000;
const MOST_ROWS = 100_000;
/** Quotes and comma. */
const AROUND = 3;

/** Cuts rows into parts that fit into a request each; `length` tells how long a row's id is. */
export function chunks(rows: readonly number[], length: (row: number) => number): number[][] {
  const parts: number[][] = [];
  let part: number[] = [];
  let bytes = 0;
  for (const row of rows) {
    // A character outside ASCII takes up to three bytes in UTF-8; ids seldom have any.
    const size = length(row) + AROUND;
    if (part.length > 0 && (bytes + size > MOST_BYTES || part.length === MOST_ROWS)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

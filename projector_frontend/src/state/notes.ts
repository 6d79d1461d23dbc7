/** Sentences about a run from several places, each once. */
export function notesOf(...groups: readonly (readonly string[])[]): string[] {
  return [...new Set(groups.flat())];
}

/** What is kept of a note to know it again: it may be long, and is nobody's business. */
export function markOf(note: string): string {
  // FNV-1a: no secret, and a mistake only hides a note that can be opened.
  let mark = 0x811c9dc5;
  for (const each of new TextEncoder().encode(note)) mark = Math.imul(mark ^ each, 0x01000193);
  return (mark >>> 0).toString(36);
}

/** Whether there is a note whose mark was not kept. */
export function hasUnseen(notes: readonly string[], marks: readonly string[]): boolean {
  const seen = new Set(marks);
  return notes.some((note) => !seen.has(markOf(note)));
}

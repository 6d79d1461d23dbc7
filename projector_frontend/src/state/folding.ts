/** A pattern of what is not in one of the first 128 characters of Unicode, and may be written in several ways. */
export const BEYOND_ASCII = '[^\\x00-\\x7f]';
const ACCENTED = new RegExp(BEYOND_ASCII);

/** A text as it is looked for (so does the server, `runs/folding.py`): in any case, and with each accent in the one way that it is written on the web. */
export function folded(text: string): string {
  return composed(text).toLowerCase();
}

/** A text with each accent in one character with its letter: macOS writes the names of files with two. */
export function composed(text: string): string {
  return ACCENTED.test(text) ? text.normalize('NFC') : text;
}

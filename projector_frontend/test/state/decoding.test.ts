import { expect, test } from 'vitest';
import { decodeTable } from '../../src/state/decoding';

const TABLE = 'file,label\nmüde.png,größer\n';

function codes(text: string): number[] {
  return Array.from({ length: text.length }, (_, place) => text.charCodeAt(place));
}

function utf16(text: string, little: boolean, mark: boolean): Uint8Array {
  const units = codes(`${mark ? '\ufeff' : ''}${text}`);
  return Uint8Array.from(
    units.flatMap((unit) => (little ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])),
  );
}

test.each([
  ['UTF-8', new TextEncoder().encode(TABLE)],
  ['UTF-8 with a mark', new TextEncoder().encode(`\ufeff${TABLE}`)],
  ['UTF-16, little end first', utf16(TABLE, true, true)],
  ['UTF-16, big end first', utf16(TABLE, false, true)],
  ['UTF-16 without a mark, little end first', utf16(TABLE, true, false)],
  ['UTF-16 without a mark, big end first', utf16(TABLE, false, false)],
])('a table in %s is read as it is', (_, bytes) => {
  expect(decodeTable(bytes)).toEqual({ text: TABLE, note: null });
});

test('another encoding is guessed, and that is said with the first line it concerns', () => {
  const bytes = Uint8Array.from(codes(TABLE));
  expect(decodeTable(bytes)).toEqual({
    text: TABLE,
    note: 'The file is not UTF-8 and was read as Windows-1252 (müde.png,größer); if letters are wrong, save it as UTF-8.',
  });
});

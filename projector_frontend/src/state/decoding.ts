/** A file's text, and a sentence where its encoding was guessed. */
export interface Decoded {
  text: string;
  note: string | null;
}

/**
 * Reads the text of a table as the server reads a file of `tb-tsne labels import`: UTF-8, or UTF-16 by its mark or its
 * NUL bytes, and anything else as Windows-1252, which is what older programs save in the West.
 */
export function decodeTable(bytes: Uint8Array): Decoded {
  const utf16 = encodingOfUtf16(bytes);
  if (utf16) return { text: new TextDecoder(utf16).decode(bytes), note: null };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), note: null };
  } catch {
    const text = new TextDecoder('windows-1252').decode(bytes);
    const line = text.split(/[\r\n]/).find((each) => /[^\0-\x7f]/.test(each)) ?? '';
    return {
      text,
      note: `The file is not UTF-8 and was read as Windows-1252 (${line.trim()}); if letters are wrong, save it as UTF-8.`,
    };
  }
}

function encodingOfUtf16(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const head = bytes.subarray(0, 2000);
  const zeros = (from: number): number =>
    head.filter((byte, place) => byte === 0 && place % 2 === from).length;
  const [even, odd] = [zeros(0), zeros(1)];
  if (even + odd <= head.length / 4) return null;
  return odd > even ? 'utf-16le' : 'utf-16be';
}

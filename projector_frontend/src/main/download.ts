/** Hands a file to the browser's downloads. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Puts text on the clipboard; plain-http pages on other machines have only the old way. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    // The only way there is without a secure context, deprecated or not.
    const copied = (document as { execCommand(command: string): boolean }).execCommand('copy');
    field.remove();
    return copied;
  }
}

/** A name that every file system takes. */
export function fileName(text: string, ending: string): string {
  return `${text.replace(/[^\p{L}\p{N}_-]+/gu, '_') || 'picture'}.${ending}`;
}

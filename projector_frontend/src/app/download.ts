/** Hands a file to the browser's downloads. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  downloadFrom(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Lets the browser fetch a file into its downloads; without a name under the server's. */
export function downloadFrom(url: string, name = ''): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
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

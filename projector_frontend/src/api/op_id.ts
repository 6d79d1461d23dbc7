/**
 * A new name for an operation, so that a request sent twice acts once.
 *
 * `crypto.randomUUID` is missing on plain-http addresses other than localhost, where TensorBoard often lives.
 */
export function newOpId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

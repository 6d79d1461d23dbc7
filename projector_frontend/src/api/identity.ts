import { newOpId } from './op_id';

const NAME_KEY = 'tb-tsne name';
const CLIENT_KEY = 'tb-tsne client';
/** What is kept where the browser keeps nothing. */
const here = new Map<string, string>();

/** What the person at this browser calls themselves; empty where they would not say, null where nobody asked yet. */
export function ownName(): string | null {
  return read(NAME_KEY);
}

export function setOwnName(name: string): void {
  write(NAME_KEY, name);
}

/** Who asks: a name that allows nothing, and what tells people of one name apart, the same in all windows. */
export function identityHeaders(): Record<string, string> {
  let client = read(CLIENT_KEY);
  if (client === null) {
    client = newOpId();
    write(CLIENT_KEY, client);
  }
  // Half a character cannot be encoded.
  const name = ownName()?.replace(/\p{Surrogate}/gu, '');
  return { 'X-TSNE-Client': client, ...(name && { 'X-TSNE-Author': encodeURIComponent(name) }) };
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key) ?? here.get(key) ?? null;
  } catch {
    return here.get(key) ?? null;
  }
}

function write(key: string, value: string): void {
  here.set(key, value);
  try {
    localStorage.setItem(key, value);
  } catch {
    // Private windows and full storage: it holds until the page is closed.
  }
}

const KEY = 'tb-tsne';

export interface Remembered {
  run?: string;
  tensor?: string;
  k?: number;
}

/** What the page remembers from one visit to the next; storage may be switched off, and then it does not. */
export function remembered(): Remembered {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

export function remember(more: Remembered): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...remembered(), ...more }));
  } catch {
    // Private windows and full storage: the next visit starts at the first run.
  }
}

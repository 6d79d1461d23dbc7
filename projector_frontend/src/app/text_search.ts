interface Search {
  text: string;
  done: (result: Int32Array | Error) => void;
}

/** Asks for the rows with a text, one question at a time; then the newest of those that were typed meanwhile. */
export class TextSearch {
  /** What somebody waits for. */
  private wanted: Search | null = null;
  private asking = false;

  constructor(private readonly ask: (text: string) => Promise<Int32Array>) {}

  /** Whether somebody waits for rows. */
  get busy(): boolean {
    return this.wanted !== null;
  }

  /**
   * Has the rows told, or why they cannot be; neither where another search, or `cancel`, comes first.
   *
   * @param done called once at most, and never at once
   */
  find(text: string, done: Search['done']): void {
    this.wanted = { text, done };
    if (!this.asking) void this.go();
  }

  cancel(): void {
    this.wanted = null;
  }

  private async go(): Promise<void> {
    this.asking = true;
    while (this.wanted) {
      const asked: Search = this.wanted;
      const result = await this.ask(asked.text).catch(asError);
      if (asked !== this.wanted) continue;
      this.wanted = null;
      asked.done(result);
    }
    this.asking = false;
  }
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

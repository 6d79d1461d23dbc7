import type { MetadataColumn } from '../state/metadata';

/** What a pattern may take, milliseconds: a million values take about half a second. */
const MOST_MS = 3000;

const NOT_HERE =
  'Patterns cannot be searched for in this browser, or while the server is away; search for text.';
export const TOO_LONG = 'This pattern takes too long; make it simpler.';

/** The columns to look through, once; then one pattern after another. */
export type ToWorker = { columns: readonly MetadataColumn[] } | { pattern: RegExp };
/** Nothing for the columns, and the rows for a pattern. */
type FromWorker = Int32Array | null;

interface Search {
  columns: readonly MetadataColumn[];
  pattern: RegExp;
  done: (result: Int32Array | Error) => void;
}

/**
 * Matches the regular expressions that people type, in a thread of its own that is ended where one takes too long.
 *
 * One pattern at a time; while it is matched, the newest of those typed meanwhile waits, and the others are forgotten.
 */
export class PatternSearch {
  private worker: Worker | null = null;
  private columns: readonly MetadataColumn[] | null = null;
  /** What the thread is at. */
  private running: Search | null = null;
  /** What somebody waits for: the same, a newer one, or nothing. */
  private wanted: Search | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts the thread before it is needed: later the server, which has its file, may be away. */
  prepare(): void {
    this.worker ??= this.start();
  }

  /**
   * Has the rows that match told, or why they cannot be; neither where another search, or `cancel`, comes first.
   *
   * @param done called once at most, and never at once
   */
  find(columns: readonly MetadataColumn[], pattern: RegExp, done: Search['done']): void {
    this.wanted = { columns, pattern, done };
    this.next();
  }

  cancel(): void {
    this.wanted = null;
  }

  private next(): void {
    if (this.running || !this.wanted) return;
    this.running = this.wanted;
    const { columns, pattern } = this.running;
    const known = this.worker !== null && this.columns === columns;
    this.prepare();
    this.columns = columns;
    if (known) this.ask(pattern);
    else this.tell({ columns });
  }

  /** The clock runs for the pattern alone: starting a thread and copying the columns may take a while on its own. */
  private ask(pattern: RegExp): void {
    this.tell({ pattern });
    this.timer = setTimeout(() => {
      this.stop(TOO_LONG);
      this.prepare();
    }, MOST_MS);
  }

  private tell(message: ToWorker): void {
    this.worker?.postMessage(message);
  }

  private start(): Worker {
    // A file of its own: a page's security policy (TensorBoard's, for one) refuses threads made of text.
    const worker = new Worker(new URL('./pattern_worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data) this.finish(data);
      else if (this.running) this.ask(this.running.pattern);
    };
    worker.onerror = () => this.stop(NOT_HERE);
    return worker;
  }

  private stop(why: string): void {
    this.worker?.terminate();
    this.worker = null;
    this.columns = null;
    this.finish(new Error(why));
  }

  private finish(result: Int32Array | Error): void {
    clearTimeout(this.timer);
    const { running } = this;
    this.running = null;
    if (running === this.wanted) {
      this.wanted = null;
      running?.done(result);
    }
    this.next();
  }
}

import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { LabelColumn } from '../api/types';

export type SavedState = { kind: 'saved' } | { kind: 'saving' } | { kind: 'offline'; waiting: number };

/** A change on its way to the server. */
export interface Entry<B> extends LabelColumn {
  /** Its name: sent twice, it acts once. */
  opId: string;
  /** Order of making, over all pages. */
  at: number;
  /** The revision that its maker saw. */
  seen: number;
  body: B;
}

/** Where entries are kept until they are answered, so that a reload loses none. */
export interface OutboxStorage<B> {
  put(entry: Entry<B>): Promise<void>;
  remove(opId: string): Promise<void>;
  all(): Promise<Entry<B>[]>;
}

export interface OutboxOptions<B, T extends { revision: number }> {
  send: (entry: Entry<B>, baseRevision: number) => Promise<T>;
  storage: OutboxStorage<B>;
  /** True for errors after which the same request may be sent again. */
  isTransient: (error: unknown) => boolean;
  sleep: (ms: number) => Promise<void>;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

/**
 * Sends changes one after the other, in order, and keeps each until the server has answered it.
 *
 * A change is kept before it is sent, and sent again under its own `op_id` until somebody answers: it acts exactly once,
 * whether the answer was lost, the server was down, or the page was reloaded in between. One that is refused is given
 * up at once, and the next goes on.
 */
export class Outbox<B, T extends { revision: number }> {
  readonly state: ReadonlySignal<SavedState>;
  /** False where nothing can be kept beyond this page (a private window). */
  keeps = true;
  private readonly size = signal(0);
  private readonly failing = signal(false);
  private queue: Promise<unknown> = Promise.resolve();
  /** Own edits that followed each other directly: whoever saw the start has seen the end. */
  private chains = new Map<string, { from: number; to: number }>();

  constructor(private readonly options: OutboxOptions<B, T>) {
    this.state = computed((): SavedState => {
      if (this.size.value === 0) return { kind: 'saved' };
      return this.failing.value ? { kind: 'offline', waiting: this.size.value } : { kind: 'saving' };
    });
  }

  /** Queues a change; resolves with its answer, rejects when it is refused. */
  add(entry: Entry<B>): Promise<T> {
    return this.enqueue(entry, this.keep(entry));
  }

  /** Takes up what an earlier page left, oldest first. */
  async resume(take: (entry: Entry<B>, answer: Promise<T>) => void): Promise<void> {
    let left: Entry<B>[];
    try {
      left = await this.options.storage.all();
    } catch {
      this.keeps = false;
      return;
    }
    for (const entry of left.sort((a, b) => a.at - b.at)) take(entry, this.enqueue(entry, Promise.resolve()));
  }

  /** Resolves once everything queued so far has been answered, stored or refused. */
  async answered(): Promise<void> {
    await this.queue;
  }

  private enqueue(entry: Entry<B>, kept: Promise<void>): Promise<T> {
    this.size.value++;
    const sent = this.queue.then(async () => {
      await kept;
      return this.deliver(entry);
    });
    this.queue = sent.catch(() => undefined);
    return sent.finally(() => this.size.value--);
  }

  private async keep(entry: Entry<B>): Promise<void> {
    try {
      await this.options.storage.put(entry);
    } catch {
      this.keeps = false;
    }
  }

  private async deliver(entry: Entry<B>): Promise<T> {
    const base = this.baseOf(entry);
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(2 * pause, LONGEST_RETRY_MS)) {
      try {
        const answer = await this.options.send(entry, base);
        this.follow(entry, base, answer.revision);
        await this.forget(entry);
        return answer;
      } catch (error) {
        if (!this.options.isTransient(error)) {
          await this.forget(entry);
          throw error;
        }
        this.failing.value = true;
        await this.options.sleep(pause);
      }
    }
  }

  private async forget(entry: Entry<B>): Promise<void> {
    this.failing.value = false;
    // Left behind, it would be sent once more under the same name, and act no second time.
    await this.options.storage.remove(entry.opId).catch(() => undefined);
  }

  private baseOf(entry: Entry<B>): number {
    const { seen } = entry;
    const chain = this.chains.get(nameOf(entry));
    return chain && seen >= chain.from && seen < chain.to ? chain.to : seen;
  }

  private follow(entry: Entry<B>, base: number, revision: number): void {
    if (revision !== base + 1) return;
    const name = nameOf(entry);
    const chain = this.chains.get(name);
    this.chains.set(name, { from: chain?.to === base ? chain.from : base, to: revision });
  }
}

function nameOf({ run, column }: LabelColumn): string {
  return `${run}\n${column}`;
}

import { computed, signal, type ReadonlySignal } from '@preact/signals';

export type SavedState = { kind: 'saved' } | { kind: 'saving' } | { kind: 'offline'; waiting: number };

export interface OutboxOptions {
  /** True for errors after which the same request may be sent again. */
  isTransient: (error: unknown) => boolean;
  sleep: (ms: number) => Promise<void>;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

/**
 * Sends writes one after the other, in order, and keeps one that nobody answered until somebody does.
 *
 * A write is sent again under its own `op_id`, so that it acts once even where only the answer was lost. One that is
 * refused is given up at once, and the next goes on.
 */
export class Outbox<T> {
  readonly state: ReadonlySignal<SavedState>;
  private readonly size = signal(0);
  private readonly failing = signal(false);
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: OutboxOptions) {
    this.state = computed((): SavedState => {
      if (this.size.value === 0) return { kind: 'saved' };
      return this.failing.value ? { kind: 'offline', waiting: this.size.value } : { kind: 'saving' };
    });
  }

  /** Queues a write; resolves with its answer, rejects when it is refused. */
  add(send: () => Promise<T>): Promise<T> {
    this.size.value++;
    const sent = this.queue.then(() => this.deliver(send));
    this.queue = sent.catch(() => undefined);
    return sent.finally(() => this.size.value--);
  }

  private async deliver(send: () => Promise<T>): Promise<T> {
    for (let pause = FIRST_RETRY_MS; ; pause = Math.min(2 * pause, LONGEST_RETRY_MS)) {
      try {
        const answer = await send();
        this.failing.value = false;
        return answer;
      } catch (error) {
        if (!this.options.isTransient(error)) {
          this.failing.value = false;
          throw error;
        }
        this.failing.value = true;
        await this.options.sleep(pause);
      }
    }
  }
}

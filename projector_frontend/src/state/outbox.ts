import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { LabelColumn } from '../api/types';
import { plural, short } from './format';

/**
 * Whether the server answers, nobody does, or somebody on the way to it, as to have people sign in; or it asks for a
 * token.
 */
export type Connection = 'there' | 'away' | 'intercepted' | 'signed-out';

export type SavedState = { kind: 'saved' } | { kind: 'saving' } | { kind: 'offline'; waiting: number };

/** What to do where somebody on the way to the server answers in its place; null where nobody does. */
export function signInWords(connection: Connection, saved: SavedState): string | null {
  if (connection !== 'intercepted') return null;
  const waiting = saved.kind === 'offline' ? saved.waiting : 0;
  const words =
    waiting > 0 ? `${plural(waiting, 'change is', 'changes are')} waiting.` : 'something else answers here.';
  return `Sign in again in another tab: ${words}`;
}

/** Which change it is, and of which labels. */
export interface ChangeName extends LabelColumn {
  /** Its name: sent twice, it acts once. */
  opId: string;
  /** When it was made; the order of making, over all pages. */
  at: number;
  /** The identity of the label store that it was made on; empty where an earlier version of the page kept none. */
  store: string;
  /** Who made it, as far as a token or a proxy said so; else empty. */
  account: string;
}

/** A change on its way to the server. */
export interface Entry<B> extends ChangeName {
  /** The revision that its maker saw. */
  seen: number;
  body: B;
}

/** An entry as any version of the page kept it: earlier ones did not say for which labels it is, or whose. */
export type Kept<B> = Omit<Entry<B>, 'store' | 'account'> & { store?: string; account?: string };

/** Where entries are kept until they are answered, so that a reload loses none. */
export interface OutboxStorage<B> {
  put(entry: Entry<B>): Promise<void>;
  remove(opId: string): Promise<void>;
  all(): Promise<Kept<B>[]>;
}

export interface OutboxOptions<B, T extends { revision: number }> {
  send: (entry: Entry<B>, baseRevision: number) => Promise<T>;
  storage: OutboxStorage<B>;
  /** True for errors after which the same request may be sent again. */
  isTransient: (error: unknown) => boolean;
  /** True for errors that tell that the labels an entry is for are not there, or who may change them is not. */
  isElsewhere: (error: unknown) => boolean;
  sleep: (ms: number) => Promise<void>;
}

interface Queued<B, T> {
  entry: Entry<B>;
  kept: Promise<void>;
  answer: Promise<T>;
  resolve: (answer: T) => void;
  reject: (error: unknown) => void;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

/**
 * Sends changes one after the other, in order, and keeps each until the server has answered it.
 *
 * A change is kept before it is sent, and sent again under its own `op_id` until somebody answers: it acts exactly once,
 * whether the answer was lost, the server was down, or the page was reloaded in between. One that is refused is given
 * up at once, and the next goes on. One for labels that are not there, or of somebody who is not, or may not now, stays,
 * and with it all later ones for these labels; it holds up nobody else, and goes on its way when it is tried again.
 */
export class Outbox<B, T extends { revision: number }> {
  readonly state: ReadonlySignal<SavedState>;
  /** What waits for labels that are not there, oldest first. */
  readonly elsewhere: ReadonlySignal<readonly Entry<B>[]>;
  /** False where nothing can be kept beyond this page (a private window). */
  keeps = true;
  private readonly queue = signal<readonly Queued<B, T>[]>([]);
  private readonly waiting = signal<readonly Entry<B>[]>([]);
  private readonly failing = signal(false);
  private sending = false;
  private underWay: Queued<B, T> | null = null;
  /** Labels that are not there, and how the server said so. */
  private absent = new Map<string, unknown>();
  /** Own edits that followed each other directly: whoever saw the start has seen the end. */
  private chains = new Map<string, { from: number; to: number }>();

  constructor(private readonly options: OutboxOptions<B, T>) {
    this.elsewhere = this.waiting;
    this.state = computed((): SavedState => {
      const { length } = this.queue.value;
      if (length === 0) return { kind: 'saved' };
      return this.failing.value ? { kind: 'offline', waiting: length } : { kind: 'saving' };
    });
  }

  /** Queues a change; resolves with its answer, rejects when it is refused or stays here. */
  add(entry: Entry<B>): Promise<T> {
    return this.enqueue(entry, this.keep(entry));
  }

  /** Finds what earlier pages left; it waits until it is tried again. */
  async recall(): Promise<void> {
    try {
      const left = await this.options.storage.all();
      this.wait(...left.map((entry) => ({ store: '', account: '', ...entry })));
    } catch {
      this.keeps = false;
    }
  }

  /**
   * Tries again what waits for other labels, if it is of whoever is here: they may be there now.
   *
   * @param isAllowed whether whoever is here may make such a change at all
   */
  retry(
    account: string,
    take: (entry: Entry<B>, answer: Promise<T>) => void,
    isAllowed: (body: B) => boolean = () => true,
  ): void {
    this.absent.clear();
    const may = (entry: Entry<B>): boolean =>
      entry.store !== '' && entry.account === account && isAllowed(entry.body);
    const again = this.waiting.value.filter(may);
    this.waiting.value = this.waiting.value.filter((entry) => !may(entry));
    for (const entry of again) take(entry, this.enqueue(entry, Promise.resolve()));
  }

  /** Makes changes that wait somebody's own: nobody else can store them. */
  async claim(opIds: ReadonlySet<string>, account: string): Promise<void> {
    const claimed = (entry: Entry<B>): Entry<B> => (opIds.has(entry.opId) ? { ...entry, account } : entry);
    this.waiting.value = this.waiting.value.map(claimed);
    const own = this.waiting.value.filter((entry) => opIds.has(entry.opId));
    await Promise.all(own.map((entry) => this.keep(entry)));
  }

  /** Gives up changes that wait for other labels. */
  async discard(opIds: ReadonlySet<string>): Promise<void> {
    const gone = this.waiting.value.filter((entry) => opIds.has(entry.opId));
    this.waiting.value = this.waiting.value.filter((entry) => !opIds.has(entry.opId));
    await Promise.all(gone.map((entry) => this.options.storage.remove(entry.opId).catch(() => undefined)));
  }

  /** Resolves once everything queued so far has been answered, stored or refused. */
  async answered(): Promise<void> {
    await Promise.allSettled(this.queue.peek().map((each) => each.answer));
  }

  private enqueue(entry: Entry<B>, kept: Promise<void>): Promise<T> {
    const { promise: answer, resolve, reject } = deferred<T>();
    // What was made earlier goes first, also where it could not go before.
    const place = (each: Queued<B, T>): number => (each === this.underWay ? -Infinity : each.entry.at);
    this.queue.value = [...this.queue.peek(), { entry, kept, answer, resolve, reject }].sort(
      (a, b) => place(a) - place(b),
    );
    if (!this.sending) void this.sendAll();
    return answer;
  }

  private async sendAll(): Promise<void> {
    this.sending = true;
    for (let next = this.queue.peek()[0]; next; next = this.queue.peek()[0]) {
      await next.kept;
      if (next !== this.queue.peek()[0]) continue; // an earlier one came meanwhile
      this.underWay = next;
      await this.settle(next);
      this.underWay = null;
    }
    this.sending = false;
  }

  /** Sends the first of the queue, and takes it out. */
  private async settle({ entry, resolve, reject }: Queued<B, T>): Promise<void> {
    const labels = nameOf(entry);
    try {
      if (this.absent.has(labels)) throw this.absent.get(labels);
      const answer = await this.deliver(entry);
      this.queue.value = this.queue.peek().slice(1);
      resolve(answer);
    } catch (error) {
      this.queue.value = this.queue.peek().slice(1);
      if (this.options.isElsewhere(error)) {
        this.absent.set(labels, error);
        this.wait(entry);
      }
      reject(error);
    }
  }

  private wait(...entries: Entry<B>[]): void {
    this.waiting.value = [...this.waiting.peek(), ...entries].sort((a, b) => a.at - b.at);
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
        this.failing.value = this.options.isTransient(error);
        if (this.failing.value) await this.options.sleep(pause);
        else {
          if (!this.options.isElsewhere(error)) await this.forget(entry);
          throw error;
        }
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

/** Changes of one person that wait for the same labels. */
export interface WaitingGroup extends LabelColumn {
  store: string;
  account: string;
  /** When the first and the last of them were made. */
  from: number;
  to: number;
  opIds: ReadonlySet<string>;
}

/** What waits, in words: for other labels, or for whoever made it. */
export function waitingWords(changes: readonly ChangeName[], here: string, mayEdit = true): string {
  const makers = new Set(changes.map((each) => each.account));
  const [maker = ''] = makers;
  const what = plural(changes.length, 'change waits', 'changes wait');
  if (makers.size > 1) return what;
  if (maker === here) return mayEdit ? `${what} for other labels` : `${what} until you may label`;
  return maker === '' ? `${what}, made before anybody signed in` : `${what} for ${short(maker, 40)}`;
}

/** What waits, by the labels that it waits for. */
export function waitingGroups(changes: readonly ChangeName[]): WaitingGroup[] {
  const groups = new Map<string, ChangeName[]>();
  for (const change of changes) groups.set(nameOf(change), [...(groups.get(nameOf(change)) ?? []), change]);
  return [...groups.values()].flatMap((group) => {
    const [first, last] = [group[0], group.at(-1)];
    if (!first || !last) return [];
    const opIds = new Set(group.map((each) => each.opId));
    const { store, account, run, column } = first;
    return [{ store, account, run, column, from: first.at, to: last.at, opIds }];
  });
}

/**
 * Whether whoever is here may make changes that wait their own: those of nobody in particular, or where nobody has a
 * name that is proven. Changes of somebody with a token wait for them.
 */
export function isClaimable({ store, account }: WaitingGroup, here: string): boolean {
  return store !== '' && account !== here && (account === '' || here === '');
}

/** How many changes signing in would send: those of whoever was here, or of anybody with a name. */
export function sentBySigningIn(changes: readonly ChangeName[], maker: string): number {
  return changes.filter(({ account }) => (maker === '' ? account !== '' : account === maker)).length;
}

function nameOf({ store, account, run, column }: ChangeName): string {
  return `${store}\n${account}\n${run}\n${column}`;
}

function deferred<T>(): Pick<Queued<never, T>, 'resolve' | 'reject'> & { promise: Promise<T> } {
  let resolve: (answer: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onAnswer, onError) => {
    resolve = onAnswer;
    reject = onError;
  });
  return { promise, resolve, reject };
}

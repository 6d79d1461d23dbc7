import { effect, untracked } from '@preact/signals';
import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { newOpId } from '../api/op_id';
import type { LabelColumn, TakenAnswer } from '../api/types';
import { MOST_LEASED, spotOf, type Looked } from '../state/crew';
import { UNLABELED } from '../state/labels';
import type { Store } from '../state/store';
import { sleep } from './sleep';

/** How often a server that does not answer is asked again for what it may have given already, and how long for. */
const ASK_AGAIN_MS = 1000;
const ASK_TIMES = 8;
/** So many groups are asked for at a time. */
const MOST_CHOICES = 64;
/** What was taken so lately may not be shown yet: its neighbours are still looked for. */
const NOT_YET_SHOWN_MS = 5000;

/** What was given out, in rows. */
export interface Given {
  rows: readonly number[];
  heldBy: TakenAnswer['held_by'];
}

/** What this tab holds. */
interface Held {
  opId: string;
  kind: 'group' | 'page';
  rows: ReadonlySet<number>;
  /** When it was taken. */
  at: number;
}

/**
 * The others who work on the same labels, over all servers: what is looked at here is taken, so that nobody else gets
 * it, and given back. Nothing waits for that but what could be somebody else's by now.
 */
export class Crew {
  private readonly tab = newOpId();
  private held: Held | null = null;
  /** What is given back, until the server has heard of it. */
  private done: string | null = null;
  private asked = 0;
  private of: LabelColumn | null = null;
  /** What others held of a selection that was asked for: it need not be asked for every few seconds. */
  private refused: readonly number[] | null = null;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
  ) {
    effect(() => {
      const { run, column } = store.labelColumn.value;
      if (this.of?.run !== run || this.of.column !== column) untracked(() => this.forget());
    });
  }

  /** Whether nobody else is known to work here. */
  get alone(): boolean {
    return this.store.crew.peek().length === 0;
  }

  /** Takes the first group that nobody else looks at; null where that cannot be found out. */
  takeGroup(choices: readonly (readonly number[])[], classId: number | null): Promise<Given | null> {
    return this.take('group', choices, MOST_LEASED, classId);
  }

  /** Takes so many of a page's rows, in their order, as nobody else looks at. */
  takePage(rows: readonly number[], most: number, classId: number | null): Promise<Given | null> {
    return this.take('page', [rows], most, classId);
  }

  /** Says where this tab looks, and hears of the others. */
  async poll(of: LabelColumn, signal: AbortSignal): Promise<void> {
    const { store } = this;
    if (!store.runs.peek()?.can_edit || store.labelStore.peek() === '') return;
    const looked = this.looked();
    this.settle(looked);
    const { held, done, asked } = this;
    const answer = await this.client.here(
      { ...of, tab: this.tab, ...spotOf(looked, this.idOf), op_id: held?.opId ?? null, done },
      signal,
    );
    if (signal.aborted || store.labelColumn.peek() !== of) return;
    if (this.done === done) this.done = null;
    if (held && !answer.held && this.held === held && this.asked === asked) this.held = null;
    store.crew.value = answer.others;
    // What was chosen by hand is taken too, once somebody else is here; and anew what ran out meanwhile.
    if (answer.others.length > 0 && this.asked === asked) await this.takeLooked(this.looked());
  }

  /** What is held here goes back at once: the tab is closed, or other labels are looked at. */
  async leave(): Promise<void> {
    const { of, store } = this;
    if (of && store.runs.peek()?.can_edit && (this.held !== null || !this.alone))
      await this.client.leave({ ...of, tab: this.tab }).catch(() => undefined);
  }

  private forget(): void {
    void this.leave();
    this.of = this.store.labelColumn.peek();
    this.held = null;
    this.done = null;
    this.refused = null;
    this.asked++;
    this.store.crew.value = [];
  }

  private async take(
    kind: Held['kind'],
    choices: readonly (readonly number[])[],
    most: number,
    classId: number | null,
  ): Promise<Given | null> {
    const { store, client } = this;
    const of = store.labelColumn.peek();
    if (!store.runs.peek()?.can_edit || store.labelStore.peek() === '' || choices.length === 0) return null;
    const number = ++this.asked;
    const opId = newOpId();
    const named = choices.slice(0, MOST_CHOICES).map((rows) => rows.slice(0, 4 * MOST_LEASED).map(this.idOf));
    const body = {
      ...of,
      tab: this.tab,
      op_id: opId,
      kind,
      choices: named,
      most: Math.min(most, MOST_LEASED),
      class_id: classId,
      // What somebody did since then, and gave back, is not given once more.
      revision: store.labelState.peek().revision,
    };
    if (this.holdsUnstored && (!(await this.stored()) || number !== this.asked)) return null;
    for (let times = 0; times < ASK_TIMES; times++) {
      try {
        const answer = await client.take(body);
        const rows = answer.sample_ids.flatMap((id) => store.rowOf.peek().get(id) ?? []);
        if (number === this.asked) {
          this.held = rows.length > 0 ? { opId, kind, rows: new Set(rows), at: Date.now() } : null;
          this.done = null; // what was held before went with it
        }
        return { rows, heldBy: answer.held_by };
      } catch (error) {
        // What cannot be found out holds up nobody who is alone.
        if (this.alone || !(error instanceof ApiError && error.transient) || number !== this.asked)
          return null;
        await sleep(ASK_AGAIN_MS);
      }
    }
    return null;
  }

  /** What was labelled here is held until that is stored: others would be given it once more. */
  private get holdsUnstored(): boolean {
    return this.held !== null && this.store.saved.peek().kind !== 'saved';
  }

  /** Waits until everything is stored; false where that takes long. */
  private async stored(): Promise<boolean> {
    const { saved } = this.store;
    let stop = (): void => undefined;
    const all = new Promise<void>((resolve) => {
      stop = effect(() => {
        if (saved.value.kind === 'saved') resolve();
      });
    });
    await Promise.race([all, sleep(ASK_TIMES * ASK_AGAIN_MS)]);
    stop();
    return saved.peek().kind === 'saved';
  }

  /** Gives back what is not looked at any more, or is done. */
  private settle(looked: Looked): void {
    const { held } = this;
    if (!held || this.holdsUnstored) return;
    const labels = this.store.labels.peek();
    const still = looked.rows.some((row) => held.rows.has(row));
    const open = held.kind === 'page' || [...held.rows].some((row) => labels[row] === UNLABELED);
    if ((looked.kind === held.kind && still && open) || Date.now() - held.at < NOT_YET_SHOWN_MS) return;
    this.done = held.opId;
    this.held = null;
  }

  private async takeLooked({ kind, rows, classId }: Looked): Promise<void> {
    const labels = this.store.labels.peek();
    const wanted = kind === 'group' ? rows.filter((row) => labels[row] === UNLABELED) : rows;
    if (kind === 'view' || wanted.length === 0 || wanted.length > MOST_LEASED) return;
    const { held, refused } = this;
    if (wanted.every((row) => held?.rows.has(row) || refused?.includes(row))) return;
    const given = await (kind === 'group'
      ? this.takeGroup([wanted], classId)
      : this.takePage(wanted, MOST_LEASED, classId));
    const got = new Set(given?.rows);
    this.refused = wanted.filter((row) => !got.has(row));
  }

  private looked(): Looked {
    const { store } = this;
    const review = store.review.peek();
    if (review) {
      const rows = review.look ? [] : review.page.rows;
      return { kind: rows.length > 0 ? 'page' : 'view', rows, classId: review.subject.classId };
    }
    const rows = store.selected.peek();
    if (rows.length === 0) return { kind: 'view', rows: [], classId: null };
    return { kind: rows.length > MOST_LEASED ? 'view' : 'group', rows, classId: null };
  }

  private readonly idOf = (row: number): string => this.store.samples.peek()?.sample_ids[row] ?? '';
}

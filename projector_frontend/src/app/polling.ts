import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { LabelColumn } from '../api/types';
import { labelStateFrom, foldEdit } from '../state/labels';
import type { Store } from '../state/store';
import { refreshHistory } from './history';
import { readLabels } from './labels';
import type { Crew } from './crew';
import type { Guiding } from './guiding';
import { askAgain, noteAnswer, noteRefusal } from './connection';
import { sleep } from './sleep';
import type { Viewport } from './viewport';
import type { Visiting } from './visiting';
import type { Visibility } from './visibility';

/** About 30 pictures a second are smooth, with the gliding in between, and leave the processor to the t-SNE. */
const FRAME_PAUSE_MS = 33;
const STATE_PAUSE_MS = 1000;
const ADVICE_PAUSE_MS = 700;
const CREW_PAUSE_MS = 3000;
const RETRY_MS = 1500;
/** What somebody may not do they may not do a moment later. */
const REFUSED_MS = 30_000;
const WAIT_S = 20;

interface Target {
  of: LabelColumn;
  tensor: string;
  signal: AbortSignal;
}

/** Five loops a run: frames, labels, the session's state, advice, and the others. Each holds one connection at most. */
export class Polling {
  private stopping = new AbortController();

  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly viewport: Viewport,
    private readonly guiding: Guiding,
    private readonly crew: Crew,
    private readonly visiting: Visiting,
    private readonly visibility: Visibility,
    /** The samples are not those of the frames any more: the run was exported again, or has grown. */
    private readonly onReplaced: () => void,
  ) {}

  /** Polls for the run and label column that the store names now; whatever was polled for before is dropped. */
  restart(): void {
    this.stop();
    this.stopping = new AbortController();
    const { store } = this;
    const run = store.run.peek();
    const tensor = store.tensor.peek();
    if (run === null || tensor === null || store.samples.peek() === null) return;
    const target: Target = { of: store.labelColumn.peek(), tensor, signal: this.stopping.signal };
    let after = 0;
    void this.loop(target, async () => {
      const frame = await this.client.frame(run, tensor, after, WAIT_S / 2, target.signal);
      if (target.signal.aborted || !frame) return 0;
      after = frame.number;
      if (frame.columns.length !== frame.dimensions * (store.samples.peek()?.count ?? 0)) this.onReplaced();
      else this.viewport.show(frame);
      return FRAME_PAUSE_MS;
    });
    void this.loop(target, () => this.changes(target));
    void this.loop(target, async () => {
      await this.guiding.poll(run, tensor, target.signal);
      return ADVICE_PAUSE_MS;
    });
    void this.loop(target, async () => {
      await this.crew.poll(target.of, target.signal);
      return CREW_PAUSE_MS;
    });
    void this.loop(target, async () => {
      const state = await this.client.sessionState(run, tensor, target.signal);
      if (!target.signal.aborted) store.session.value = state;
      return STATE_PAUSE_MS;
    });
  }

  stop(): void {
    this.stopping.abort();
  }

  private async changes({ of, tensor, signal }: Target): Promise<number> {
    const { store } = this;
    const { store: known, revision: asked } = store.labelState.peek();
    const result = await this.client.labelChanges(of, asked, WAIT_S, signal);
    if (signal.aborted) return 0;
    if (result.store !== known || result.revision < asked) {
      // The store was put back or made anew, or is another one: what we hold is not its past.
      const labels = await readLabels(this.client, store, of, tensor);
      if (store.labelColumn.peek() !== of) return 0;
      store.labelState.value = labelStateFrom(labels);
      store.history.value = [];
    } else {
      store.labelState.value = foldEdit(store.labelState.peek(), result, store.rowOf.peek(), true);
    }
    if (result.store !== known || result.revision !== asked) await refreshHistory(this.client, store);
    return 0;
  }

  private async loop({ of, tensor, signal }: Target, step: () => Promise<number>): Promise<void> {
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      await this.visibility.whenShown();
      let pause: number;
      try {
        pause = await step();
        if (!stopped()) this.answered();
      } catch (error) {
        if (stopped()) return;
        pause = isRefusal(error) ? REFUSED_MS : RETRY_MS;
        await this.recover(error, of, tensor);
      }
      if (pause > 0) await sleep(pause);
    }
  }

  private async recover(error: unknown, of: LabelColumn, tensor: string): Promise<void> {
    const { store } = this;
    if (!(error instanceof ApiError)) throw error;
    noteAnswer(store, error);
    if (isRefusal(error)) await this.visiting.look();
    // Where the session is older than the page, loading anew helps nobody: whoever may edit starts a new one.
    if (error.code === 'run_changed' && store.session.peek()?.version === store.samples.peek()?.version)
      this.onReplaced();
    if (error.code !== 'no_session') return;
    this.answered();
    store.session.value = null;
    // TensorBoard was started again, or nobody looked for a while: the session goes on from where it stood.
    // What was refused once would be again.
    if (store.runs.peek()?.can_edit && store.startProblem.peek() === null)
      await this.client.start(of, tensor).catch((reason: unknown) => noteRefusal(store, reason));
  }

  private answered(): void {
    const { store } = this;
    const now = store.connection.peek();
    if (now === 'there' || now === 'signed-out') return; // out of that leads only a token
    store.connection.value = 'there';
    void askAgain(this.client, store, () => this.visiting.look()).catch((error: unknown) =>
      noteAnswer(store, error),
    );
  }
}

/** Whether the server itself says that whoever asks may not. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403 && !error.unanswered;
}

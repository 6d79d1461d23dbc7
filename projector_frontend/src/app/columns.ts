import type { Client } from '../api/client';
import type { Store } from '../state/store';
import { openColumn } from './dataset';
import type { Polling } from './polling';
import type { Session } from './session';
import { refused, sentence, toast } from './toasts';

/** The run's label columns: which one is looked at, and new ones. */
export class Columns {
  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly polling: Polling,
    private readonly session: Session,
  ) {}

  async choose(column: string): Promise<void> {
    // Changes of the old column must not be taken for the new one's.
    this.polling.stop();
    try {
      await openColumn(this.client, this.store, column);
    } catch (error) {
      toast(this.store, sentence(error), 'bad');
    }
    this.polling.restart();
    // Where others look at the picture too, the t-SNE goes on with the labels that they look at, unless all agree.
    const { session, column: chosen, runs, blindOwner } = this.store;
    if (blindOwner.value !== null) return;
    if (runs.value?.can_edit && session.value && session.value.column !== chosen.value) this.session.follow();
  }

  /** Adds a column and looks at it; false where it was refused. */
  async add(name: string): Promise<boolean> {
    const { client, store } = this;
    const { value: run } = store.run;
    if (run === null || refused(store)) return false;
    try {
      await client.addLabelColumn(run, store.labelStore.value, name);
    } catch (error) {
      toast(store, sentence(error), 'bad');
      return false;
    }
    await this.choose(name);
    return true;
  }

  /** Adds a blind column of one's own and looks at it; false where it was refused. */
  async addBlind(about: string): Promise<boolean> {
    const { client, store } = this;
    const { value: run } = store.run;
    const own = store.runs.value?.account;
    if (run === null || !own || refused(store)) return false;
    try {
      await client.addBlindColumn(run, store.labelStore.value, about);
    } catch (error) {
      toast(store, sentence(error), 'bad');
      return false;
    }
    await this.choose(about === '' ? own : `${own} (${about})`);
    return true;
  }

  /** Asks, and lets everybody read the column that is looked at. */
  open(): void {
    const { client, store } = this;
    const of = store.labelColumn.value;
    const yes = async (): Promise<void> => {
      try {
        store.blind.value = (await client.openColumn(of, store.labelStore.value)).blind;
      } catch (error) {
        toast(store, sentence(error), 'bad');
      }
    };
    store.question.value = {
      title: 'Open to all',
      words: `All who may look will see “${of.column}”: its labels, classes and history. This cannot be undone.`,
      act: 'Open it',
      yes: () => void yes(),
      forGood: true,
    };
    store.dialog.value = 'question';
  }
}

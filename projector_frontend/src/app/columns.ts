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
    const { session, column: chosen, runs } = this.store;
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
}

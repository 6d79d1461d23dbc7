import type { Client } from '../api/client';
import type { Store } from '../state/store';
import type { Labeling } from './labeling';
import { sentence, toast } from './toasts';

/** Images that were given several classes: listed, and given the one that counts. */
export class Settling {
  constructor(
    private readonly client: Client,
    private readonly store: Store,
    private readonly labeling: Labeling,
  ) {}

  /** Shows the list, or puts it away. */
  async toggle(): Promise<void> {
    const { client, store, labeling } = this;
    if (store.toSettle.value !== null) {
      store.toSettle.value = null;
      return;
    }
    const of = store.labelColumn.peek();
    try {
      await labeling.answered();
      const { disagreements, count } = await client.disagreements(of, store.tensor.peek() ?? '');
      if (store.labelColumn.peek() !== of) return;
      if (count === 0) toast(store, 'Nothing to settle: no image was given several classes.', 'good');
      else store.toSettle.value = { rows: disagreements, count };
    } catch (error) {
      toast(store, sentence(error), 'bad');
    }
  }

  /** Gives an image its final label, by the name of the class: somebody looked at it. */
  settle(row: number, label: string): void {
    const known = this.store.labelState.peek().classes.find(({ name }) => name === label);
    const changed = known && this.store.labels.peek()[row] === known.id ? 0 : 1;
    const selection = { kind: 'page', of: 'labeled', order: 'doubtful', shown: 1, changed } as const;
    const given = known ? { classId: known.id } : { newClass: label };
    this.labeling.mark([row], given, { state: 'verified', onlyUnlabeled: false, selection });
  }
}

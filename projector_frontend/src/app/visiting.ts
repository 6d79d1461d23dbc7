import type { Client } from '../api/client';
import { isAnother } from '../state/access';
import type { Store } from '../state/store';
import { noteAnswer } from './connection';

/** Whose the page is: in another tab of the browser somebody else can sign in, and a right can become another. */
export class Visiting {
  private asking: Promise<boolean> | null = null;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
    /** Shows all anew, for whoever is here now. */
    private readonly reopen: () => void,
  ) {
    client.onAccount = (account) => {
      const { value: runs } = store.runs;
      // Out of being signed out leads only a token.
      if (runs && runs.account !== account && store.connection.peek() !== 'signed-out') void this.look();
    };
  }

  /** Looks who is here by now, and shows all anew where that is another than before: then true. */
  look(): Promise<boolean> {
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  private async ask(): Promise<boolean> {
    const { store } = this;
    const before = store.runs.peek();
    try {
      const runs = await this.client.runs();
      if (store.runs.peek() !== before) return false; // somebody has seen to it meanwhile
      if (before?.token === 'given' && runs.token === 'missing') {
        store.connection.value = 'signed-out'; // looking is for everybody: the token ended all the same
        return false;
      }
      store.runs.value = runs;
      const another = isAnother(before, runs);
      if (another) this.reopen();
      return another;
    } catch (error) {
      noteAnswer(store, error);
      return false;
    }
  }
}

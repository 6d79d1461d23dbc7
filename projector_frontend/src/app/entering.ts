import { effect, untracked } from '@preact/signals';
import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { isAnother, tokenIn, withoutToken } from '../state/access';
import type { Store } from '../state/store';
import { sleep } from './sleep';
import { sentence } from './toasts';

/** They may have signed in in another tab: the cookie is the same. */
const LOOK_MS = 2000;

/** Coming in with a token, and going. What waits to be sent goes on its way when its maker is back. */
export class Entering {
  private looking = false;

  constructor(
    private readonly client: Client,
    private readonly store: Store,
    /** Shows all anew, for whoever is here now. */
    private readonly reopen: () => void,
  ) {
    effect(() => {
      if (store.connection.value === 'signed-out') untracked(() => void this.waitForTicket());
    });
  }

  /** Comes in with the token that the address brings along, if it does: once, and nobody reads it there again. */
  async arrive(): Promise<void> {
    const token = takeToken();
    if (token === null) return;
    const problem = await this.give(token);
    if (problem !== null) this.store.signInProblem.value = problem;
  }

  /** Does the same whenever such an address is typed over the one that is open. */
  listen(): void {
    try {
      window.parent.addEventListener('hashchange', () => {
        if (tokenIn(window.parent.location.hash) !== null) void this.arrive().then(this.reopen);
      });
    } catch {
      // framed by another site's page, whose address is not ours to read
    }
  }

  /** Comes in with a token; the sentence why not, or null. */
  async enter(token: string): Promise<string | null> {
    const problem = await this.give(token);
    if (problem !== null) return problem;
    if (await this.look()) return null;
    return 'The browser keeps no cookie here: open TensorBoard in a tab of its own.';
  }

  /** Takes the ticket away from this browser. */
  async leave(): Promise<void> {
    await this.client.signOut();
  }

  private async give(token: string): Promise<string | null> {
    try {
      await this.client.enter(token);
      return null;
    } catch (error) {
      return sentence(error);
    }
  }

  /** Whether the server lets this browser in; then the page goes on. */
  private async look(): Promise<boolean> {
    const { store } = this;
    try {
      const runs = await this.client.runs();
      const another = store.samples.peek() === null || isAnother(store.runs.peek(), runs);
      store.signingIn.value = false;
      store.signInProblem.value = null;
      store.connection.value = 'there';
      if (another) this.reopen();
      else store.runs.value = runs;
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return false;
    }
  }

  private async waitForTicket(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    while (this.store.connection.peek() === 'signed-out') {
      await sleep(LOOK_MS);
      if (this.store.connection.peek() === 'signed-out') await this.look();
    }
    this.looking = false;
  }
}

/** Takes the token out of TensorBoard's address: neither the bar nor this tab's history holds it from then on. */
function takeToken(): string | null {
  try {
    const { history, location } = window.parent;
    const token = tokenIn(location.hash);
    if (token !== null)
      history.replaceState(
        history.state,
        '',
        `${location.pathname}${location.search}${withoutToken(location.hash)}`,
      );
    return token;
  } catch {
    return null; // framed by another site's page
  }
}

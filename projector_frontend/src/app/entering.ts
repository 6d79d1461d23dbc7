import { effect, untracked } from '@preact/signals';
import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { holderWords, isAnother, tokenIn, withoutToken } from '../state/access';
import type { Store } from '../state/store';
import { sleep } from './sleep';
import { sentence, toast } from './toasts';

/** They may have signed in in another tab: the cookie is the same. */
const LOOK_MS = 2000;
const NO_COOKIE = 'The browser keeps no cookie here: open TensorBoard in a tab of its own.';

/** Coming in with a token, and going. What waits to be sent goes on its way when its maker is back. */
export class Entering {
  private looking = false;
  /** What the address brought, while it is asked whether to go on with it. */
  private offered = '';

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

  /**
   * Comes in with the token that the address brings along, if it does: once, and nobody reads it there again.
   *
   * Whoever made a link chose whose it is: where somebody is signed in already, they are asked first.
   */
  async arrive(): Promise<void> {
    const token = takeToken();
    if (token === null) return;
    const problem = await this.offer(token).catch(sentence);
    if (problem === null) return;
    this.store.signInProblem.value = problem;
    this.store.signingIn.value = true;
  }

  private async offer(token: string): Promise<string | null> {
    const { client, store } = this;
    const now = await client.runs().catch((error: unknown) => {
      if (error instanceof ApiError && error.signedOut) return null;
      throw error;
    });
    if (now?.token === 'none') return null; // no tokens are in use
    if (now?.token === 'given') {
      const { name, right } = await client.holderOf(token);
      if (name !== now.account || right !== now.right) {
        this.offered = token;
        const here = holderWords(now.account);
        store.signInOffer.value = { here, other: holderWords(name) };
        return null;
      }
    }
    return this.give(token);
  }

  /** Goes on as whoever the address was for, or stays who is here. */
  async answerOffer(takes: boolean): Promise<void> {
    const token = this.offered;
    this.offered = '';
    this.store.signInOffer.value = null;
    if (!takes) return;
    const problem = await this.enter(token);
    if (problem !== null) toast(this.store, problem, 'bad');
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
    return problem ?? (await this.look());
  }

  /** Goes on looking without a token, where that is allowed. */
  goOnWithout(): void {
    const { store } = this;
    store.signingIn.value = false;
    store.signInProblem.value = null;
    if (store.connection.peek() !== 'signed-out') return;
    store.connection.value = 'there';
    this.reopen();
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

  /** Asks whether this browser is in by now, and then goes on; else the sentence why it is not. */
  private async look(): Promise<string | null> {
    const { store } = this;
    try {
      const runs = await this.client.runs();
      if (runs.token === 'missing') {
        store.signingIn.value = true; // who looks without one goes on only where they say so
        return NO_COOKIE;
      }
      const another = store.samples.peek() === null || isAnother(store.runs.peek(), runs);
      store.signingIn.value = false;
      store.signInProblem.value = null;
      store.connection.value = 'there';
      if (another) this.reopen();
      else store.runs.value = runs;
      return null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return error.signedOut ? NO_COOKIE : sentence(error);
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

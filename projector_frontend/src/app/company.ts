import { effect, untracked } from '@preact/signals';
import type { SessionState } from '../api/types';
import { sharedQuestion, toldChange } from '../state/company';
import type { Store } from '../state/store';
import { toast } from './toasts';

/** Who agreed to one change need not be asked for each of several. */
const AGREED_MS = 60_000;

/** The others who look at the same picture: they are asked for before it changes, and tell of what they did to it. */
export class Company {
  private agreedUntil = 0;
  private told: { of: string; number: number } | null = null;

  constructor(private readonly store: Store) {
    effect(() => {
      const { value: state } = store.session;
      if (state) untracked(() => this.tell(state));
    });
  }

  /** Does what changes the picture of all who look at it, once the person here has agreed to that. */
  agree(change: () => void, words?: string): void {
    const others = this.store.session.peek()?.others ?? [];
    if (others.length === 0 || Date.now() < this.agreedUntil) {
      change();
      return;
    }
    const yes = (): void => {
      this.agreedUntil = Date.now() + AGREED_MS;
      change();
    };
    this.store.question.value = {
      title: 'Others are here',
      words: sharedQuestion(others, words),
      act: 'Change it',
      yes,
    };
    this.store.dialog.value = 'question';
  }

  private tell(state: SessionState): void {
    const { store } = this;
    const of = JSON.stringify([store.run.peek(), store.tensor.peek()]);
    const before = this.told;
    const last = state.last_change;
    this.told = { of, number: last?.number ?? 0 };
    if (before?.of !== of || !last || last.own || last.number === before.number) return;
    toast(store, toldChange(last, state));
  }
}

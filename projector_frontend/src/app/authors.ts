import { effect } from '@preact/signals';
import type { Client } from '../api/client';
import { byPerson } from '../state/coloring';
import { COLOR_BY_PERSON, type Store } from '../state/store';
import { sleep } from './sleep';
import { sentence, toast } from './toasts';

/** At least so long between two questions, however fast labels come. */
const PAUSE_MS = 500;

/** Keeps who gave each label, while the view is coloured by that. */
export function followAuthors(client: Client, store: Store): void {
  let asking = false;
  const wanted = (): boolean => store.colorBy.peek() === COLOR_BY_PERSON && store.run.peek() !== null;
  const ask = async (): Promise<void> => {
    asking = true;
    try {
      let known = { of: store.labelColumn.peek(), revision: -1 };
      const isKnown = (): boolean =>
        known.of === store.labelColumn.peek() && known.revision === store.labelState.peek().revision;
      while (wanted() && !isKnown()) {
        const of = store.labelColumn.peek();
        const answer = await client.authors(of, store.tensor.peek() ?? '');
        known = { of, revision: store.labelState.peek().revision };
        if (store.labelColumn.peek() === of && wanted()) store.authors.value = byPerson(answer);
        // What the page does not know of yet is asked for again when it does.
        if (answer.revision < known.revision) known.revision = -1;
        await sleep(PAUSE_MS);
      }
    } catch (error) {
      toast(store, sentence(error), 'bad');
    } finally {
      asking = false;
    }
  };
  effect(() => {
    if (store.colorBy.value !== COLOR_BY_PERSON || store.labelState.value.store === '') return;
    if (store.connection.value !== 'there') return; // asked once it is
    if (!asking) void ask();
  });
}

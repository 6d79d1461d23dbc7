import { render } from '@testing-library/preact';
import type { ComponentChild } from 'preact';
import type { SamplesAnswer } from '../../src/api/types';
import { createStore, type Store } from '../../src/state/store';
import { AppContext, type Actions } from '../../src/view/actions';

/** Every action, written down instead of done. */
function recorder(answers: Partial<Actions>): { actions: Actions; done: unknown[][] } {
  const done: unknown[][] = [];
  const actions = new Proxy({} as Actions, {
    get:
      (_, name: keyof Actions) =>
      (...args: unknown[]) => {
        done.push([name, ...args]);
        const answer = answers[name] as ((...of: unknown[]) => unknown) | undefined;
        if (answer) return answer(...args);
        return name === 'imageUrl' || name === 'pictureUrl' ? 'x' : Promise.resolve(true);
      },
  });
  return { actions, done };
}

/** Shows a view on four samples and two classes; actions are written down, and answer what is given or true. */
export function show(
  view: ComponentChild,
  prepare: (store: Store) => void = () => undefined,
  answers: Partial<Actions> = {},
) {
  const store = createStore();
  store.samples.value = {
    count: 4,
    version: '',
    sample_ids: ['a', 'b', 'c', 'd'],
    columns: [],
    sprite: null,
    notes: [],
  } satisfies SamplesAnswer;
  store.labelState.value = {
    ...store.labelState.value,
    labels: Int32Array.of(1, -1, -1, -1),
    classes: [
      { id: 1, name: 'monocyte', color: '#E69F00', position: 0 },
      { id: 2, name: 'neutrophil', color: '#56B4E9', position: 1 },
    ],
  };
  prepare(store);
  const { actions, done } = recorder(answers);
  render(<AppContext.Provider value={{ store, actions }}>{view}</AppContext.Provider>);
  return { store, done };
}

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { MAX_NAME_LENGTH } from '../state/company';
import { useApp } from './actions';
import { Dialog } from './Dialog';

/** Asks for a name, for the history; it allows nothing, and may be left out. */
export function NameDialog(): JSX.Element {
  const { store, actions } = useApp();
  const name = useSignal(store.ownName.value ?? '');
  return (
    <Dialog title="Your name" testId="name-dialog">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          actions.setName(name.value);
        }}
      >
        <p class="note waiting-note">
          The history tells who did what, and others see it. Without a name you are “
          {store.runs.value?.author ?? ''}” there. A name allows nothing; everybody sees that you gave it
          yourself.
        </p>
        <div class="row">
          <label class="name" for="own-name">
            Name
          </label>
          <input
            id="own-name"
            type="text"
            maxLength={MAX_NAME_LENGTH}
            autocomplete="name"
            spellcheck={false}
            value={name.value}
            data-testid="own-name"
            autofocus
            onInput={(event) => (name.value = event.currentTarget.value)}
          />
        </div>
        <div class="pair">
          <button type="submit" class="plain" data-testid="name-yes">
            Use this name
          </button>
          <button type="button" class="plain" data-testid="name-no" onClick={() => actions.setName('')}>
            No name
          </button>
        </div>
      </form>
    </Dialog>
  );
}

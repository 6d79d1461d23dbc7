import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { MAX_NAME_LENGTH } from '../state/company';
import { short } from '../state/format';
import { useApp } from './actions';
import { takeFocus } from './controls';

/** What the history calls the person here. Of whom only an address is known is asked for a name, until they answer. */
export function You(): JSX.Element | null {
  const { store, actions } = useApp();
  const { value: runs } = store.runs;
  const naming = useSignal(false);
  const name = useSignal('');
  if (!runs?.can_edit || (runs.token === 'given' && runs.account !== '')) return null;
  const isAsked = !runs.is_named && store.ownName.value === null;
  const give = (given: string): void => {
    naming.value = false;
    actions.setName(given);
  };
  if (!isAsked && !naming.value)
    return (
      <button
        type="button"
        class="link you"
        data-testid="you"
        title="What the history calls you; a click gives another name"
        onClick={() => {
          name.value = store.ownName.value ?? '';
          naming.value = true;
        }}
      >
        You are {short(runs.author, 40)}
      </button>
    );
  return (
    <form
      class="row you"
      title={`Others see it in the history, where you are “${runs.author}” without one: then press Enter. It allows nothing.`}
      onSubmit={(event) => {
        event.preventDefault();
        give(name.value);
      }}
    >
      <label class="name" for="own-name">
        Your name
      </label>
      <input
        id="own-name"
        type="text"
        maxLength={MAX_NAME_LENGTH}
        placeholder="for the history, Enter"
        autocomplete="name"
        spellcheck={false}
        value={name.value}
        data-testid="own-name"
        ref={naming.value ? takeFocus : null}
        onInput={(event) => (name.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') naming.value = false;
        }}
      />
    </form>
  );
}

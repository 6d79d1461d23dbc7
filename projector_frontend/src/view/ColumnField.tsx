import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { manageProblem } from '../state/access';
import { short } from '../state/format';
import { useApp } from './actions';
import { Select, takeFocus } from './controls';
import { Icon } from './icons';

/** Not the names of columns: a name has at least one character, and no line break. */
const NEW = '';
const NEW_BLIND = '\n';

/** Which of the run's label columns is looked at and written to; or a new one. */
export function ColumnField(): JSX.Element {
  const { store, actions } = useApp();
  const naming = useSignal<typeof NEW | typeof NEW_BLIND | null>(null);
  const name = useSignal('');
  const { value: runs } = store.runs;
  const hasOwnToken = runs?.token === 'given' && runs.account !== '';
  if (naming.value !== null) {
    const isBlind = naming.value === NEW_BLIND;
    return (
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = name.value.trim();
          naming.value = null;
          if (isBlind) void actions.addBlindColumn(wanted);
          else if (wanted !== '') void actions.addColumn(wanted);
        }}
      >
        <label
          class="name"
          for="new-column"
          title={
            isBlind
              ? 'Only you and who may manage see it, until you open it to all. It has your name; what it is about may be said behind that.'
              : undefined
          }
        >
          {isBlind ? 'Blind column' : 'New column'}
        </label>
        <input
          id="new-column"
          type="text"
          maxLength={isBlind ? 60 : 128}
          placeholder={isBlind ? 'about what, Enter' : 'name, Enter'}
          autocomplete="off"
          spellcheck={false}
          data-testid="new-column"
          ref={takeFocus}
          onInput={(event) => (name.value = event.currentTarget.value)}
          onBlur={() => (naming.value = null)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') naming.value = null;
          }}
        />
      </form>
    );
  }
  return (
    <>
      <Select
        label="Labels in"
        testId="column-select"
        value={store.column.value}
        options={[
          ...store.columns.value.map((column) => ({
            value: column,
            text: column in store.blind.value ? `${column} · blind` : column,
          })),
          ...(manageProblem(runs) === null ? [{ value: NEW, text: 'New column …' }] : []),
          ...(hasOwnToken && runs.can_edit ? [{ value: NEW_BLIND, text: 'New blind column …' }] : []),
        ]}
        onChange={(column) => {
          if (column === NEW || column === NEW_BLIND) {
            name.value = '';
            naming.value = column;
          } else void actions.chooseColumn(column);
        }}
      />
      {store.blindOwner.value !== null && (
        <p class="note blind" data-testid="blind-note">
          <Icon name="hide" />
          <span>
            Only {short(store.blindOwner.value, 40)} and who may manage see these labels.{' '}
            {runs?.can_edit && (
              <button
                type="button"
                class="link"
                data-testid="open-column"
                onClick={() => actions.openColumn()}
              >
                Open to all
              </button>
            )}
          </span>
        </p>
      )}
    </>
  );
}

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useApp } from './actions';
import { Select, takeFocus } from './controls';

/** Not the name of a column: a name has at least one character. */
const NEW = '';

/** Which of the run's label columns is looked at and written to; or a new one. */
export function ColumnField(): JSX.Element {
  const { store, actions } = useApp();
  const naming = useSignal(false);
  const name = useSignal('');
  if (naming.value)
    return (
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = name.value.trim();
          naming.value = false;
          if (wanted !== '') void actions.addColumn(wanted);
        }}
      >
        <label class="name" for="new-column">
          New column
        </label>
        <input
          id="new-column"
          type="text"
          maxLength={128}
          placeholder="name, Enter"
          autocomplete="off"
          spellcheck={false}
          data-testid="new-column"
          ref={takeFocus}
          onInput={(event) => (name.value = event.currentTarget.value)}
          onBlur={() => (naming.value = false)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') naming.value = false;
          }}
        />
      </form>
    );
  return (
    <Select
      label="Labels in"
      testId="column-select"
      value={store.column.value}
      options={[
        ...store.columns.value.map((column) => ({ value: column, text: column })),
        { value: NEW, text: 'New column …' },
      ]}
      onChange={(column) => {
        if (column === NEW) {
          name.value = '';
          naming.value = true;
        } else void actions.chooseColumn(column);
      }}
    />
  );
}

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { number, percent, plural } from '../state/format';
import { UNLABELED } from '../state/labels';
import { useApp } from './actions';
import { ClassRow } from './ClassRow';
import { Panel } from './controls';
import { Icon } from './icons';

/** The classes, with their keys and counts. */
export function LabelsPanel(): JSX.Element {
  const { store, actions } = useApp();
  const { classes } = store.book.value;
  const counts = store.counts.value;
  const total = store.labels.value.length;
  const free = counts.get(UNLABELED) ?? 0;
  const selecting = store.selected.value.length > 0;
  return (
    <Panel
      title="Labels"
      aside={
        <span class="tabular">{classes.length > 0 ? plural(classes.length, 'class', 'classes') : ''}</span>
      }
    >
      <ul class="classes" data-testid="class-list">
        {classes.map((each, index) => (
          <ClassRow key={each.id} info={each} index={index} count={counts.get(each.id) ?? 0} total={total} />
        ))}
        <li class="class-row">
          <button
            type="button"
            class="class-main"
            data-testid="class-unlabeled"
            title={selecting ? 'Clear the labels of the selection (0)' : 'Select all unlabelled images'}
            onClick={() => (selecting ? actions.applyClass(null) : actions.selectClass(UNLABELED))}
          >
            <kbd>0</kbd>
            <span class="swatch empty" />
            <span class="words muted">unlabeled</span>
            <span class="count" title={percent(free, total)}>
              {number(free)}
            </span>
          </button>
        </li>
      </ul>
      <AddClass />
    </Panel>
  );
}

function AddClass(): JSX.Element {
  const { store, actions } = useApp();
  const name = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  const first = store.book.value.classes.length === 0;
  const chosen = store.selected.value.length;
  const placeholder =
    chosen > 0 ? `Name ${chosen === 1 ? 'this image' : `these ${number(chosen)}`}` : 'New class';
  const submit = async (): Promise<void> => {
    const wanted = name.value;
    if (wanted.trim() === '') return;
    name.value = '';
    // Keys are commands again at once, before the server has answered.
    field.current?.blur();
    if (!(await actions.addClass(wanted)) && name.value === '') name.value = wanted;
  };
  return (
    <form
      class={first && chosen > 0 ? 'add-class calling' : 'add-class'}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <input
        id="add-class"
        ref={field}
        type="text"
        maxLength={128}
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        aria-label="New class"
        title="New class (N)"
        data-testid="add-class-input"
        value={name.value}
        onInput={(event) => (name.value = event.currentTarget.value)}
      />
      <button
        type="submit"
        class={first && chosen > 0 ? 'primary' : 'plain'}
        disabled={name.value.trim() === ''}
        data-testid="add-class"
      >
        <Icon name="plus" /> {chosen > 0 ? 'Label' : 'Add'}
      </button>
    </form>
  );
}

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { ClassInfo } from '../api/types';
import { matching } from '../state/classes';
import { number } from '../state/format';
import { useApp } from './actions';
import { Icon } from './icons';

/** Finds a class by its first letters, or names a new one; Enter gives it to the selection. */
export function ClassField(): JSX.Element {
  const { store, actions } = useApp();
  const name = useSignal('');
  const place = useSignal(0);
  const field = useRef<HTMLInputElement>(null);
  const { classes } = store.labelState.value;
  const chosen = store.selected.value.length;
  const calling = classes.length === 0 && chosen > 0;
  // Asked afresh by each event: keys may come faster than the page is drawn.
  const look = (): { wanted: string; options: ClassInfo[]; isNew: boolean; last: number; at: number } => {
    const wanted = name.value.trim();
    const options = matching(store.labelState.value.classes, wanted);
    const isNew = wanted !== '' && !options.some((each) => each.name === wanted);
    const last = options.length - (isNew ? 0 : 1);
    return { wanted, options, isNew, last, at: Math.min(place.value, last) };
  };
  const { wanted, options, isNew, at } = look();

  const submit = async (given: string): Promise<void> => {
    if (given.trim() === '') return;
    name.value = '';
    // Keys are commands again at once, before the server has answered.
    field.current?.blur();
    if (!(await actions.addClass(given)) && name.value === '') name.value = given;
  };
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const now = look();
    if (!step || now.last < 0) return;
    event.preventDefault();
    place.value = (now.at + step + now.last + 1) % (now.last + 1);
  };
  return (
    <form
      class={calling ? 'add-class calling' : 'add-class'}
      onSubmit={(event) => {
        event.preventDefault();
        const now = look();
        void submit(now.options[now.at]?.name ?? now.wanted);
      }}
    >
      <input
        id="add-class"
        ref={field}
        type="text"
        role="combobox"
        maxLength={128}
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholderFor(chosen, classes.length)}
        aria-label="Find or name a class"
        aria-expanded={wanted !== ''}
        aria-controls="class-options"
        aria-activedescendant={wanted === '' ? undefined : `class-option-${at}`}
        title="Find or name a class (N)"
        data-testid="add-class-input"
        value={name.value}
        onKeyDown={move}
        onBlur={() =>
          setTimeout(() => {
            // Who is back by then has begun another name.
            if (document.activeElement !== field.current) name.value = '';
          }, 150)
        }
        onInput={(event) => {
          name.value = event.currentTarget.value;
          place.value = 0;
        }}
      />
      <button
        type="submit"
        class={calling ? 'primary' : 'plain'}
        disabled={wanted === ''}
        data-testid="add-class"
      >
        <Icon name="plus" /> {chosen > 0 ? 'Label' : 'Add'}
      </button>
      {wanted !== '' && (
        <ul
          class="options"
          id="class-options"
          role="listbox"
          aria-label="Classes"
          data-testid="class-options"
        >
          {options.map((each, index) => (
            <li
              key={each.id}
              id={`class-option-${index}`}
              role="option"
              aria-selected={index === at}
              title={each.name}
              onMouseDown={(event) => {
                event.preventDefault();
                void submit(each.name);
              }}
            >
              <span class="swatch" style={{ '--class': each.color }} />
              <span class="words" dir="auto">
                {each.name}
              </span>
            </li>
          ))}
          {isNew && (
            <li
              id={`class-option-${options.length}`}
              role="option"
              aria-selected={at === options.length}
              title={`new class “${wanted}”`}
              onMouseDown={(event) => {
                event.preventDefault();
                void submit(wanted);
              }}
            >
              <Icon name="plus" />
              <span class="words">new class “{wanted}”</span>
            </li>
          )}
        </ul>
      )}
    </form>
  );
}

function placeholderFor(chosen: number, classes: number): string {
  if (chosen > 0) return `Name ${chosen === 1 ? 'this image' : `these ${number(chosen)}`}`;
  return classes === 0 ? 'New class' : 'Find or name a class';
}

import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from './icons';

/** Whoever is back sooner has not left. */
const LEFT_MS = 150;

export interface Option {
  /** What it is told apart by. */
  value: string;
  text: string;
  /** Of a class. */
  color?: string;
  /** It is not there yet. */
  isNew?: boolean;
}

interface Props {
  class: string;
  label: string;
  placeholder: string;
  testId: string;
  id?: string;
  /** Of the list, and the beginning of its options'. */
  options: string;
  optionsLabel: string;
  title?: string;
  maxLength?: number;
  /** What is offered for what was typed; the first is marked. */
  find: (typed: string) => readonly Option[];
  /** Resolves to false where the choice was refused: what was typed comes back. */
  choose: (option: Option) => Promise<boolean>;
  before?: ComponentChildren;
  /** Beside the field, while so much is typed. */
  after?: (typed: string) => ComponentChildren;
}

/** A field that finds one of many by its letters; the arrows go through what it offers, Enter takes it. */
export function Combobox(props: Props): JSX.Element {
  const typed = useSignal('');
  const place = useSignal(0);
  const open = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  // Asked afresh by each event: keys may come faster than the page is drawn.
  const look = (): { found: readonly Option[]; at: number } => {
    const found = props.find(typed.value.trim());
    return { found, at: Math.min(place.value, found.length - 1) };
  };
  const { found, at } = open.value || typed.value !== '' ? look() : { found: [], at: -1 };

  const submit = async (option: Option | undefined): Promise<void> => {
    if (!option) return;
    const given = typed.value;
    typed.value = '';
    // Keys are commands again at once, before the server has answered.
    field.current?.blur();
    if (!(await props.choose(option)) && typed.value === '') typed.value = given;
  };
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const now = look();
    if (!step || now.at < 0) return;
    event.preventDefault();
    place.value = (now.at + step + now.found.length) % now.found.length;
  };
  return (
    <form
      class={`combobox ${props.class}`}
      onSubmit={(event) => {
        event.preventDefault();
        const now = look();
        void submit(now.found[now.at]);
      }}
    >
      {props.before}
      <input
        id={props.id}
        ref={field}
        type="text"
        role="combobox"
        maxLength={props.maxLength}
        autocomplete="off"
        spellcheck={false}
        placeholder={props.placeholder}
        aria-label={props.label}
        aria-expanded={found.length > 0}
        aria-controls={props.options}
        aria-activedescendant={at < 0 ? undefined : `${props.options}-${at}`}
        title={props.title}
        data-testid={props.testId}
        value={typed.value}
        onKeyDown={move}
        onFocus={() => (open.value = true)}
        onBlur={() => {
          open.value = false;
          setTimeout(() => {
            // Who is back by then has begun another name.
            if (document.activeElement !== field.current) typed.value = '';
          }, LEFT_MS);
        }}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          place.value = 0;
        }}
      />
      {props.after?.(typed.value.trim())}
      {found.length > 0 && (
        <ul
          class="options"
          id={props.options}
          role="listbox"
          aria-label={props.optionsLabel}
          data-testid={props.options}
        >
          {found.map((option, index) => (
            <li
              key={option.value}
              id={`${props.options}-${index}`}
              role="option"
              aria-selected={index === at}
              title={option.text}
              onMouseDown={(event) => {
                event.preventDefault();
                void submit(option);
              }}
            >
              {option.isNew && <Icon name="plus" />}
              {option.color && <span class="swatch" style={{ '--class': option.color }} />}
              <span class="words" dir="auto">
                {option.text}
              </span>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}

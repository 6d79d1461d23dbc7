import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { plural, short } from '../state/format';
import { useApp } from './actions';
import { IconButton } from './controls';
import { Icon } from './icons';

/** Notes that are seen at once; further ones are unfolded. */
const FIRST = 4;
/** The longest that the server tells. */
const LONGEST = 1_000;
const BUTTON = 'notes-button';

/** How many notes there are on a run; opens and closes them. */
export function NotesButton(): JSX.Element | null {
  const { store, actions } = useApp();
  const { length } = store.notes.value;
  if (length === 0) return null;
  const open = store.notesOpen.value !== false;
  return (
    <button
      type="button"
      id={BUTTON}
      class="quiet notes-button"
      aria-expanded={open}
      aria-controls="notes"
      data-testid={BUTTON}
      onClick={() => (open ? actions.closeNotes() : actions.openNotes())}
    >
      <Icon name="note" /> {plural(length, 'note')}
    </button>
  );
}

/** What whoever looks at a run should know of it: shown once by itself, and whenever it is asked for. */
export function Notes(): JSX.Element {
  const { store } = useApp();
  const shown = store.notesOpen.value !== false && store.notes.value.length > 0;
  // The region is there before its words are, or nobody would read them out.
  return <div aria-live="polite">{shown && <Card />}</div>;
}

function Card(): JSX.Element {
  const { store, actions } = useApp();
  const card = useRef<HTMLElement>(null);
  const notes = store.notes.value;
  useEffect(() => {
    if (store.notesOpen.peek() === 'asked') card.current?.querySelector('button')?.focus();
  }, []);
  const close = (): void => {
    const hadFocus = card.current?.contains(document.activeElement);
    actions.closeNotes();
    if (hadFocus) document.getElementById(BUTTON)?.focus();
  };
  return (
    <section
      ref={card}
      id="notes"
      class="notes"
      aria-label="Notes on this run"
      data-testid="notes"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        close();
      }}
    >
      <header>
        <h2>Notes on this run</h2>
        <IconButton icon="close" label="Close the notes" keys="Esc" testId="close-notes" onClick={close} />
      </header>
      <List notes={notes.slice(0, FIRST)} />
      {notes.length > FIRST && (
        <details>
          <summary data-testid="more-notes">{notes.length - FIRST} more</summary>
          <List notes={notes.slice(FIRST)} />
        </details>
      )}
    </section>
  );
}

function List({ notes }: { notes: readonly string[] }): JSX.Element {
  return (
    <ul>
      {notes.map((note) => (
        <li key={note} dir="auto">
          {short(note, LONGEST)}
        </li>
      ))}
    </ul>
  );
}

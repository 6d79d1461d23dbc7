import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Disagreement } from '../api/types';
import { number, short } from '../state/format';
import { choicesOf, unsettled } from '../state/settling';
import { useApp } from './actions';
import { Thumb } from './Thumb';

const SHOWN = 30;
/** Keys that come sooner were meant for the image before: nobody has read the next one yet. */
const TOO_SOON_MS = 400;

/**
 * Images that were given several classes, each with the classes and who gave them: one of them is the final label.
 *
 * The first choice has the focus: Enter takes it, the arrows go to others, and what is settled makes room for the next.
 * Nothing but one's own settling moves the focus to another image.
 */
export function SettleList(): JSX.Element {
  const { store } = useApp();
  const list = useRef<HTMLOListElement>(null);
  const { rows = [], count = 0 } = store.toSettle.value ?? {};
  const open = unsettled(rows, store.marks.value.states);
  const settled = useRef<number | null>(null);
  const tooSoonUntil = useRef(0);
  useEffect(() => list.current?.scrollIntoView({ block: 'nearest' }), []);
  useLayoutEffect(() => choices(list.current)[0]?.focus(), []);
  const focusedRow = rowAt(document.activeElement, list.current);
  useLayoutEffect(() => {
    if (focusedRow === null || rowAt(document.activeElement, list.current) !== null) return;
    // What had the focus is gone. Where somebody else settled it, no key gives what was not read yet.
    if (focusedRow === settled.current) {
      tooSoonUntil.current = Date.now() + TOO_SOON_MS;
      choices(list.current)[0]?.focus();
    } else list.current?.focus();
  });
  if (open.length === 0) return <p class="note">All settled.</p>;
  const left = count - (rows.length - open.length);
  return (
    <>
      <ol
        ref={list}
        class="verify settle"
        data-testid="settle-list"
        tabIndex={-1}
        onClickCapture={(event) => {
          if (event.detail === 0 && Date.now() < tooSoonUntil.current) event.stopPropagation();
          else settled.current = rowAt(event.target as Element, list.current);
        }}
        onKeyDown={(event) => {
          const all = choices(list.current);
          const place = all.indexOf(document.activeElement as HTMLElement);
          // Enter would be a command of the page's where no choice has the focus.
          if (event.target === list.current && (event.key === 'Enter' || event.key === ' '))
            event.preventDefault();
          const by: number | undefined = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[
            event.key
          ];
          if (by === undefined || (place < 0 && event.target !== list.current)) return;
          event.preventDefault();
          all[place < 0 ? 0 : Math.max(0, Math.min(place + by, all.length - 1))]?.focus();
        }}
      >
        {open.slice(0, SHOWN).map((each) => (
          <Item key={each.row} disagreement={each} />
        ))}
      </ol>
      <p class="note tabular">{number(left)} to settle</p>
    </>
  );
}

/** The row whose choices have a focus, or a click; null outside of the list. */
function rowAt(element: Element | null, list: HTMLElement | null): number | null {
  const row = list?.contains(element) ? element?.closest<HTMLElement>('li')?.dataset.row : undefined;
  return row === undefined ? null : Number(row);
}

function choices(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('.choice') ?? [])];
}

function Item({ disagreement }: { disagreement: Disagreement }): JSX.Element {
  const { store, actions } = useApp();
  const { row } = disagreement;
  const { classes } = store.labelState.value;
  return (
    <li data-testid="disagreement" data-row={row}>
      <button
        type="button"
        class="thumb"
        aria-label="Show this image"
        tabIndex={-1}
        onClick={() => actions.lookAt(row)}
      >
        <Thumb row={row} size={52} />
      </button>
      <div class="choices">
        {choicesOf(disagreement).map(({ label, by }) => {
          const color = classes.find(({ name }) => name === label)?.color;
          const who = by.map(({ name, kind }) => (kind === 'column' ? `column ${name}` : name)).join(', ');
          return (
            <button
              key={label}
              type="button"
              class="choice plain"
              title={`It is ${label}: given by ${who}`}
              data-testid="settle"
              onClick={() => actions.settle(row, label)}
            >
              <span class={color ? 'swatch' : 'swatch empty'} style={color ? { '--class': color } : {}} />
              <span class="words" dir="auto">
                {short(label)}
              </span>
              <span class="words muted" dir="auto">
                {short(who)}
              </span>
            </button>
          );
        })}
      </div>
    </li>
  );
}

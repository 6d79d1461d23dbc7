import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Disagreement } from '../api/types';
import { number, short } from '../state/format';
import { choicesOf, unsettled } from '../state/settling';
import { useApp } from './actions';
import { Thumb } from './Thumb';

const SHOWN = 30;

/**
 * Images that were given several classes, each with the classes and who gave them: one of them is the final label.
 *
 * The first choice has the focus: Enter takes it, the arrows go to others, and what is settled makes room for the next.
 */
export function SettleList(): JSX.Element {
  const { store } = useApp();
  const list = useRef<HTMLOListElement>(null);
  const { rows = [], count = 0 } = store.toSettle.value ?? {};
  const open = unsettled(rows, store.marks.value.states);
  const first = open[0]?.row;
  useEffect(() => list.current?.scrollIntoView({ block: 'nearest' }), []);
  useLayoutEffect(() => choices(list.current)[0]?.focus(), [first]);
  if (open.length === 0) return <p class="note">All settled.</p>;
  const left = count - (rows.length - open.length);
  return (
    <>
      <ol
        ref={list}
        class="verify settle"
        data-testid="settle-list"
        onKeyDown={(event) => {
          const all = choices(list.current);
          const at = all.indexOf(document.activeElement as HTMLElement);
          const by: number | undefined = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[
            event.key
          ];
          if (by === undefined || at < 0) return;
          event.preventDefault();
          all[Math.max(0, Math.min(at + by, all.length - 1))]?.focus();
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
        <Thumb row={row} size={48} />
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

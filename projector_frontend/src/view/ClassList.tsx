import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { MANY, placesOf } from '../state/matching';
import { number, percent } from '../state/format';
import { IGNORED, UNLABELED, UNSURE } from '../state/labels';
import { useApp } from './actions';
import { ClassRow, Swatch } from './ClassRow';
import { useSpanInView } from './windowing';

/** Height of a row, CSS pixels: what is in view is counted by it. */
const ROW = 28;
/** How far Page Up and Page Down go, rows. */
const PAGE = 8;

/** Where the Tab key enters the list, and which control of that row takes the focus now; -1 where none does. */
interface Stop {
  row: number;
  control: number;
}

/**
 * The classes, of which those in view are drawn, and below them what has no label or was set aside.
 *
 * Tab enters at the row used last and leaves after it, or thousands of classes could not be passed; the arrows go from
 * row to row.
 */
export function ClassList(): JSX.Element {
  const { store } = useApp();
  const list = useRef<HTMLUListElement>(null);
  const typed = useSignal('');
  const stop = useSignal<Stop>({ row: 0, control: -1 });
  const { classes } = store.labelState.value;
  const many = classes.length > MANY;
  const found = useComputed(() => placesOf(store.labelState.value.classes, typed.value));
  const places = many ? found.value : null;
  const count = places?.length ?? classes.length;
  const { first, end } = useSpanInView(list, count, ROW);
  const counts = store.counts.value;
  const ends = endsOf(counts);
  const last = count + ends.length - 1;
  const entry = Math.min(stop.value.row, last);
  const total = store.labels.value.length;

  const drawn = Array.from({ length: end - first }, (_, index) => first + index);
  if (entry < first) drawn.unshift(entry);
  else if (entry >= end && entry < count) drawn.push(entry);

  useLayoutEffect(() => {
    const { row, control } = stop.value;
    const controls = list.current?.querySelectorAll<HTMLElement>(`[data-row="${row}"] > button`) ?? [];
    if (control >= 0) controls[Math.min(control, controls.length - 1)]?.focus();
  }, [stop.value]);

  const go = (event: KeyboardEvent): void => {
    const { row, control } = placeOf(event.target as HTMLElement);
    const to: number | undefined = {
      ArrowDown: row + 1,
      ArrowUp: row - 1,
      PageDown: row + PAGE,
      PageUp: row - PAGE,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined || control < 0) return;
    event.preventDefault();
    stop.value = { row: Math.max(0, Math.min(to, last)), control };
  };
  return (
    <>
      {many && (
        <label class="class-filter">
          <input
            type="search"
            placeholder="Filter"
            aria-label="Filter the classes"
            autocomplete="off"
            spellcheck={false}
            data-testid="class-filter"
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
              list.current?.scrollTo(0, 0);
              stop.value = { row: 0, control: -1 };
            }}
            onKeyDown={(event) => {
              if (event.key === 'Escape') typed.value = '';
              if (event.key !== 'ArrowDown') return;
              event.preventDefault();
              stop.value = { row: 0, control: 0 };
            }}
          />
          <output>{places ? number(count) : ''}</output>
        </label>
      )}
      <ul
        ref={list}
        class={many ? 'classes many' : 'classes'}
        style={{ '--rows': `${count * ROW}px` }}
        aria-label="Classes"
        data-testid="class-list"
        onKeyDown={go}
        onFocusIn={(event) => {
          const { row } = placeOf(event.target as HTMLElement);
          if (row !== stop.value.row) stop.value = { row, control: -1 };
        }}
      >
        {drawn.map((row) => {
          const index = places ? (places[row] as number) : row;
          const info = classes[index];
          return (
            info && (
              <ClassRow
                key={info.id}
                info={info}
                index={index}
                count={counts.get(info.id) ?? 0}
                total={total}
                row={row}
                rows={last + 1}
                top={row * ROW}
                entry={row === entry}
              />
            )
          );
        })}
        {ends.map((kind, at) => (
          <EndRow
            key={kind.label}
            {...kind}
            row={count + at}
            below={ends.length - 1 - at}
            entry={entry === count + at}
          />
        ))}
      </ul>
    </>
  );
}

/** What has no class that counts, in the order in which it stands below the classes. */
const ENDS = [
  { label: UNLABELED, name: 'unlabeled', does: 'Select all unlabelled images' },
  { label: UNSURE, name: 'unsure', does: 'Look through what was set aside' },
  { label: IGNORED, name: 'ignored', does: 'Look through what takes part in nothing' },
] as const;

/** Those that there are; what has no label is always told. */
function endsOf(counts: ReadonlyMap<number, number>): (typeof ENDS)[number][] {
  return ENDS.filter(({ label }) => label === UNLABELED || (counts.get(label) ?? 0) > 0);
}

type EndProps = (typeof ENDS)[number] & {
  row: number;
  /** How many such rows stand below it. */
  below: number;
  entry: boolean;
};

/** What has no label, or was set aside, stays in sight below any number of classes. */
function EndRow({ label, name, does, row, below, entry }: EndProps): JSX.Element {
  const { store, actions } = useApp();
  const count = store.counts.value.get(label) ?? 0;
  const selecting = store.targets.value.length > 0;
  const isAside = label !== UNLABELED;
  const act = (): void => {
    if (isAside) actions.pages.openAside(label === UNSURE ? 'unsure' : 'ignored');
    else if (selecting) actions.applyClass(null);
    else actions.selectClass(UNLABELED);
  };
  return (
    <li
      class="class-row none"
      style={{ bottom: `${below * ROW}px` }}
      data-row={row}
      aria-setsize={row + below + 1}
      aria-posinset={row + 1}
    >
      <button
        type="button"
        class="class-main"
        tabIndex={entry ? 0 : -1}
        data-testid={`class-${name}`}
        title={!isAside && selecting ? 'Clear the labels of the selection (0)' : does}
        onClick={act}
      >
        {isAside ? <span class="key-room" /> : <kbd>0</kbd>}
        <span class="swatch-room" />
        <span class="words muted">{name}</span>
        <span class="count" data-testid={`count-${name}`} title={percent(count, store.labels.value.length)}>
          {number(count)}
        </span>
      </button>
      {label === IGNORED ? <IgnoredSwatch entry={entry} /> : <Swatch id={label} name={name} entry={entry} />}
    </li>
  );
}

/** What takes part in nothing is not drawn unless it is asked for. */
function IgnoredSwatch({ entry }: { entry: boolean }): JSX.Element {
  const { store, actions } = useApp();
  const shown = store.ignoredShown.value;
  return (
    <button
      type="button"
      class={shown ? 'swatch-button empty' : 'swatch-button empty off'}
      tabIndex={entry ? 0 : -1}
      aria-label={`${shown ? 'Hide' : 'Show'} ignored`}
      aria-pressed={!shown}
      title="Shows in the picture what takes part in nothing, or hides it"
      data-testid="swatch-ignored"
      onClick={() => actions.showIgnored(!shown)}
    />
  );
}

/** The row that holds an element, and which of the row's own controls it is: -1 for what is in a menu or a field. */
function placeOf(element: HTMLElement): Stop {
  const row = element.closest<HTMLElement>('[data-row]');
  const controls = Array.from(row?.querySelectorAll(':scope > button') ?? []);
  return { row: Number(row?.dataset.row ?? 0), control: controls.indexOf(element) };
}

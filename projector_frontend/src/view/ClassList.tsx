import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { MANY, placesOf } from '../state/matching';
import { number, percent } from '../state/format';
import { UNLABELED } from '../state/labels';
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
 * The classes, of which those in view are drawn, and below them what has no label.
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
  const entry = Math.min(stop.value.row, count);
  const counts = store.counts.value;
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
      End: count,
    }[event.key];
    if (to === undefined || control < 0) return;
    event.preventDefault();
    stop.value = { row: Math.max(0, Math.min(to, count)), control };
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
                rows={count + 1}
                top={row * ROW}
                entry={row === entry}
              />
            )
          );
        })}
        <UnlabeledRow row={count} entry={entry === count} />
      </ul>
    </>
  );
}

/** What has no label stays in sight below any number of classes. */
function UnlabeledRow({ row, entry }: { row: number; entry: boolean }): JSX.Element {
  const { store, actions } = useApp();
  const free = store.counts.value.get(UNLABELED) ?? 0;
  const selecting = store.selected.value.length > 0;
  return (
    <li class="class-row none" data-row={row} aria-setsize={row + 1} aria-posinset={row + 1}>
      <button
        type="button"
        class="class-main"
        tabIndex={entry ? 0 : -1}
        data-testid="class-unlabeled"
        title={selecting ? 'Clear the labels of the selection (0)' : 'Select all unlabelled images'}
        onClick={() => (selecting ? actions.applyClass(null) : actions.selectClass(UNLABELED))}
      >
        <kbd>0</kbd>
        <span class="swatch-room" />
        <span class="words muted">unlabeled</span>
        <span class="count" title={percent(free, store.labels.value.length)}>
          {number(free)}
        </span>
      </button>
      <Swatch id={UNLABELED} name="unlabeled" entry={entry} />
    </li>
  );
}

/** The row that holds an element, and which of the row's own controls it is: -1 for what is in a menu or a field. */
function placeOf(element: HTMLElement): Stop {
  const row = element.closest<HTMLElement>('[data-row]');
  const controls = Array.from(row?.querySelectorAll(':scope > button') ?? []);
  return { row: Number(row?.dataset.row ?? 0), control: controls.indexOf(element) };
}

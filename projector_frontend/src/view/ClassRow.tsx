import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ClassInfo } from '../api/types';
import { number, percent } from '../state/format';
import { UNLABELED, UNSURE } from '../state/labels';
import { COLOR_BY_LABEL } from '../state/store';
import { useApp } from './actions';
import { ClassMenu } from './ClassMenu';
import { IconButton } from './controls';

interface Props {
  info: ClassInfo;
  /** Its place among all classes, from 0. */
  index: number;
  count: number;
  total: number;
  /** Its place among the rows of the list, from 0; how many there are; and where it stands, CSS pixels. */
  row: number;
  rows: number;
  top: number;
  /** Whether the Tab key comes to it. */
  entry: boolean;
}

/** A class: a click labels the selection with it, or selects its images where nothing is selected. */
export function ClassRow({ info, index, count, total, row, rows, top, entry }: Props): JSX.Element {
  const { store, actions } = useApp();
  const renaming = useSignal(false);
  const open = useSignal(false);
  const item = useRef<HTMLLIElement>(null);
  const selecting = store.targets.value.length > 0;
  const key = index < 9 ? String(index + 1) : '';
  const onPages = store.review.value !== null;
  const what = onPages
    ? selecting
      ? 'Label what is picked'
      : 'Look through what is suggested'
    : selecting
      ? 'Label the selection'
      : 'Select its images';
  return (
    <li
      ref={item}
      class={info.id === store.lastClass.value ? 'class-row last' : 'class-row'}
      style={{ top: `${top}px` }}
      data-row={row}
      aria-setsize={rows}
      aria-posinset={row + 1}
    >
      {renaming.value ? (
        <Rename info={info} done={() => (renaming.value = false)} />
      ) : (
        <>
          <button
            type="button"
            class="class-main"
            tabIndex={entry ? 0 : -1}
            data-testid={`class-${info.name}`}
            title={`${info.name}\n${key && selecting ? `${what} (${key})` : what}`}
            onClick={() => (selecting ? actions.applyClass(info.id) : actions.selectClass(info.id))}
          >
            {key ? <kbd>{key}</kbd> : <span class="key-room" />}
            <span class="swatch-room" />
            <span class="words" dir="auto">
              {info.name}
            </span>
            <span
              class="count"
              data-testid={`count-${info.name}`}
              title={`${percent(count, total)} of ${number(total)}`}
            >
              {number(count)}
            </span>
          </button>
          <Swatch id={info.id} name={info.name} color={info.color} entry={entry} />
          <IconButton
            icon="more"
            label={`More for ${info.name}`}
            testId={`menu-${info.name}`}
            tabIndex={entry ? 0 : -1}
            onClick={() => (open.value = !open.value)}
          />
        </>
      )}
      {open.value && (
        <ClassMenu
          info={info}
          index={index}
          count={count}
          opener={item.current?.querySelector<HTMLElement>('.icon-button') ?? null}
          close={() => (open.value = false)}
          rename={() => (renaming.value = true)}
        />
      )}
    </li>
  );
}

/** The legend's part of a class: a click hides its images, a double-click hides all others. */
export function Swatch({
  id,
  name,
  color,
  entry,
}: {
  id: number;
  name: string;
  color?: string;
  /** Whether the Tab key comes to it. */
  entry: boolean;
}): JSX.Element | null {
  const { store, actions } = useApp();
  // While the view shows a column's colours, that column's legend says what is hidden.
  const off = store.colorBy.value !== COLOR_BY_LABEL;
  const group = String(id);
  const hidden = !off && store.hiddenGroups.value.has(group);
  const all = (): string[] => [UNLABELED, UNSURE, ...store.classById.value.keys()].map(String);
  return (
    <button
      type="button"
      class={`swatch-button${hidden ? ' off' : ''}${color ? '' : ' empty'}`}
      style={color ? { '--class': color } : {}}
      disabled={off}
      tabIndex={entry ? 0 : -1}
      aria-label={`${hidden ? 'Show' : 'Hide'} ${name}`}
      aria-pressed={hidden}
      title="Click hides or shows; double-click shows it alone"
      data-testid={`swatch-${name}`}
      onClick={() => actions.toggleGroup(group)}
      onDblClick={() => actions.isolateGroup(group, all())}
    />
  );
}

function Rename({ info, done }: { info: ClassInfo; done: () => void }): JSX.Element {
  const { actions } = useApp();
  const field = useRef<HTMLInputElement>(null);
  const left = useRef(false);
  useEffect(() => field.current?.select(), []);
  const finish = (): void => {
    if (left.current) return;
    left.current = true;
    const name = field.current?.value ?? '';
    if (name.trim() !== '' && name !== info.name) void actions.renameClass(info.id, name);
    done();
  };
  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        finish();
      }}
    >
      <input
        ref={field}
        type="text"
        maxLength={128}
        defaultValue={info.name}
        aria-label={`New name of ${info.name}`}
        data-testid={`rename-${info.name}`}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          left.current = true;
          done();
        }}
      />
    </form>
  );
}

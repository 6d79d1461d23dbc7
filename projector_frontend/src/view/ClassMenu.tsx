import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ClassInfo } from '../api/types';
import { number, plural } from '../state/format';
import { MANY, matching } from '../state/matching';
import { useApp } from './actions';
import { Combobox } from './Combobox';
import { useResized } from './resized';

interface MenuProps {
  info: ClassInfo;
  /** Its place among the classes, from 0. */
  index: number;
  count: number;
  /** The button that opened it. */
  opener: HTMLElement | null;
  close: () => void;
  rename: () => void;
}

/** What else can be done with a class. Fixed to the window, so that the scrolling list does not cut it off. */
export function ClassMenu({ info, index, count, opener, close, rename }: MenuProps): JSX.Element {
  const { store, actions } = useApp();
  const box = useRef<HTMLDivElement>(null);
  useResized();
  const suggested = store.suggestedRows.value.get(info.id)?.length ?? 0;
  const waiting = store.toReview.value.find((each) => each.classId === info.id)?.count ?? 0;
  const others = store.labelState.value.classes.filter((each) => each.id !== info.id);
  useEffect(() => {
    box.current?.querySelector('button')?.focus();
    const outside = (event: Event): void => {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !opener?.contains(target)) close();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
  const choose = (action: () => void) => (): void => {
    close();
    action();
  };
  return (
    <div
      class="menu"
      ref={box}
      style={placeBelow(opener)}
      role="group"
      aria-label={`Change ${info.name}`}
      onFocusOut={(event) => {
        // Who goes on with the Tab key must not have the focus below the menu.
        if (event.relatedTarget && !box.current?.contains(event.relatedTarget as Node)) close();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        close();
        opener?.focus();
      }}
    >
      <button type="button" onClick={choose(() => actions.selectClass(info.id))}>
        Select {plural(count, 'image')}
      </button>
      {waiting > 0 && (
        <button
          type="button"
          title={`What is suggested to be ${info.name}, page by page`}
          data-testid="review-class"
          onClick={choose(() => actions.pages.openClass(info.id))}
        >
          Review {number(waiting)} suggested
        </button>
      )}
      {count > 0 && (
        <button
          type="button"
          title={`What is labelled ${info.name}, page by page, the most doubtful first`}
          data-testid="verify-class"
          onClick={choose(() => actions.pages.verifyClass(info.id))}
        >
          Verify page by page
        </button>
      )}
      {suggested > 0 && (
        <button
          type="button"
          title={`Suggested to be ${info.name}, with ${store.sureFrom.value} % at least`}
          data-testid="select-suggested"
          onClick={choose(() => actions.selectSuggested(info.id))}
        >
          Select {number(suggested)} suggested
        </button>
      )}
      <button type="button" data-testid="rename-class" onClick={choose(rename)}>
        Rename
      </button>
      <label class="menu-line">
        Colour
        <input
          type="color"
          value={info.color}
          aria-label={`Colour of ${info.name}`}
          data-testid="class-color"
          onChange={(event) => actions.recolorClass(info.id, event.currentTarget.value.toUpperCase())}
        />
      </label>
      {others.length > 0 && (
        <div class="menu-line pair">
          <button
            type="button"
            disabled={index === 0}
            data-testid="move-up"
            onClick={choose(() => actions.moveClass(info.id, index - 1))}
          >
            Move up
          </button>
          <button
            type="button"
            disabled={index === others.length}
            data-testid="move-down"
            onClick={choose(() => actions.moveClass(info.id, index + 1))}
          >
            down
          </button>
        </div>
      )}
      {others.length > 0 && (
        <MergeInto
          info={info}
          others={others}
          choose={(into) => choose(() => actions.mergeClass(info.id, into))()}
        />
      )}
      <button
        type="button"
        class="danger"
        data-testid="delete-class"
        onClick={choose(() => actions.deleteClass(info.id))}
      >
        Delete{count > 0 ? ` (${plural(count, 'label')} cleared)` : ''}
      </button>
    </div>
  );
}

interface MergeProps {
  info: ClassInfo;
  others: readonly ClassInfo[];
  choose: (into: number) => void;
}

/** Which class to merge into: from a list, or found by its letters where they are many. */
function MergeInto({ info, others, choose }: MergeProps): JSX.Element {
  const label = `Merge ${info.name} into`;
  if (others.length > MANY)
    return (
      <Combobox
        class="menu-line"
        label={label}
        placeholder="class"
        testId="merge-class"
        options="merge-options"
        optionsLabel="Classes"
        find={(typed) =>
          matching(others, typed, (each) => each.name).map(({ id, name, color }) => ({
            value: String(id),
            text: name,
            color,
          }))
        }
        choose={({ value }) => {
          choose(Number(value));
          return Promise.resolve(true);
        }}
        before="Merge into"
      />
    );
  return (
    <label class="menu-line">
      Merge into
      <select
        aria-label={label}
        data-testid="merge-class"
        onChange={(event) => {
          const into = Number(event.currentTarget.value);
          if (into) choose(into);
        }}
      >
        <option value="">…</option>
        {others.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </select>
    </label>
  );
}

const HEIGHT = 276;

/** Under the button where there is room, else above it. */
function placeBelow(opener: HTMLElement | null): Record<string, string> {
  const box = opener?.getBoundingClientRect();
  if (!box) return {};
  const top = box.bottom + 4 + HEIGHT < window.innerHeight ? box.bottom + 4 : box.top - 4 - HEIGHT;
  return { top: `${Math.max(8, top)}px`, right: `${document.documentElement.clientWidth - box.right}px` };
}

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { whyDoubted, type DoubtfulRow } from '../state/guidance';
import { useApp } from './actions';
import { Thumb } from './Thumb';

const SHOWN = 30;

/** Labels that look wrong, most doubtful first: change each, or keep it. */
export function VerifyList(): JSX.Element {
  const { store } = useApp();
  const labels = store.labels.value;
  const list = useRef<HTMLOListElement>(null);
  // Asked for by a key: what comes must be in sight.
  useEffect(() => list.current?.scrollIntoView({ block: 'nearest' }), []);
  const open = (store.doubtful.value ?? []).filter(
    ({ row, class_id: given, expected }) => labels[row] === given && expected !== given,
  );
  if (open.length === 0)
    return (
      <p class="note">
        {store.book.value.classes.length < 2
          ? 'Two classes at least must have some labels.'
          : 'No label is contradicted by its neighbours.'}
      </p>
    );
  return (
    <ol ref={list} class="verify" data-testid="verify-list">
      {open.slice(0, SHOWN).map((doubt) => (
        <Item key={doubt.row} doubt={doubt} />
      ))}
    </ol>
  );
}

function Item({ doubt }: { doubt: DoubtfulRow }): JSX.Element {
  const { store, actions } = useApp();
  const name = (id: number): string => store.classById.value.get(id)?.name ?? 'another class';
  return (
    <li data-testid="doubt" data-row={doubt.row} title={whyDoubted(doubt, name)}>
      <button
        type="button"
        class="thumb"
        aria-label={`Show this ${name(doubt.class_id)}`}
        onClick={() => actions.lookAt(doubt.row)}
      >
        <Thumb row={doubt.row} size={48} />
      </button>
      <div class="doubt">
        <span class="words">{name(doubt.class_id)}</span>
        <span class="words muted">{whyDoubted(doubt, name)}</span>
        <span class="buttons">
          <button
            type="button"
            class="plain"
            title={`Change it to ${name(doubt.expected)}`}
            data-testid="change-label"
            onClick={() => actions.settleDoubt(doubt.row, true)}
          >
            <span class="words">{name(doubt.expected)}</span>
          </button>
          <button
            type="button"
            class="plain"
            title="The label is right"
            data-testid="keep-label"
            onClick={() => actions.settleDoubt(doubt.row, false)}
          >
            Keep
          </button>
        </span>
      </div>
    </li>
  );
}

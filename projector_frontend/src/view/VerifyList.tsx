import type { JSX } from 'preact';
import { whyDoubted, type DoubtfulRow } from '../state/guidance';
import { useApp } from './actions';
import { Thumb } from './Thumb';

const SHOWN = 30;

/** Labels that look wrong, most doubtful first: change each, or keep it. */
export function VerifyList(): JSX.Element | null {
  const { store } = useApp();
  const labels = store.labels.value;
  const { value: doubtful } = store.doubtful;
  if (doubtful === null) return null;
  const open = doubtful.filter((each) => labels[each.row] === each.class_id);
  if (open.length === 0) return <p class="note">No label to verify: two classes at least need some.</p>;
  return (
    <ol class="verify" data-testid="verify-list">
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
        <Thumb row={doubt.row} size={40} />
      </button>
      <span class="words">
        {name(doubt.class_id)}
        <span class="muted">{whyDoubted(doubt, name)}</span>
      </span>
      <span class="buttons">
        <button
          type="button"
          class="plain"
          data-testid="change-label"
          onClick={() => actions.settleDoubt(doubt.row, true)}
        >
          {name(doubt.expected)}
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
    </li>
  );
}

import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { takesBlack } from '../../state/colors';
import { short } from '../../state/format';
import { IGNORED, STATES, UNSURE, VERIFIED } from '../../state/labels';
import { useApp } from '../actions';
import { markWords, StateMark } from '../StateMark';

interface Props {
  row: number;
  left: number;
  top: number;
  edge: number;
  /** The class that its page is looked through as. */
  classId: number | null;
  /** Its label when the page was made. */
  before: number;
  /** Whether the Tab key comes to it. */
  entry: boolean;
}

/** Less sure than this, the second guess is shown too, in per cent. */
const SURE = 80;
/** Smaller ones have no room for a name. */
const SMALLEST_NAMED = 40;

/** One image of a page: what it is taken for, and what it was given. */
export function Tile({ row, left, top, edge, classId, before, entry }: Props): JSX.Element {
  const { store } = useApp();
  // Each of 200 tiles is drawn anew only where it is the one that changes.
  const label = useComputed(() => store.labels.value[row] ?? before).value;
  const state = useComputed(() => store.marks.value.states[row] ?? 0).value;
  const picked = useComputed(() => store.picked.value.has(row)).value;
  const current = useComputed(() => store.currentRow.value === row).value;
  const guess = useComputed(() => {
    const { value: suggestions } = store.suggestions;
    return suggestions && (suggestions.percent[row] ?? 0) < SURE ? (suggestions.second[row] ?? -1) : -1;
  }).value;
  const info = store.classById.value.get(label);
  const other = info !== undefined && label !== classId;
  const aside = label === UNSURE || label === IGNORED;
  // Beside a class that is asked about; without one there is no first guess either.
  const second = other || aside || classId === null ? undefined : store.classById.value.get(guess);
  const name = short(store.samples.value?.sample_ids[row] ?? String(row));
  const words = markWords(info?.name, state);
  const classes = ['tile', picked && 'picked', current && 'current', other && 'other'];
  return (
    <div
      role="option"
      class={[...classes, label === IGNORED && 'out'].filter(Boolean).join(' ')}
      style={{
        left: `${left}px`,
        top: `${top}px`,
        width: `${edge}px`,
        height: `${edge}px`,
        ...(other && { '--class': info.color }),
      }}
      tabIndex={entry ? 0 : -1}
      aria-selected={picked}
      aria-label={words === '' ? name : `${name}, ${words}`}
      data-testid="tile"
      data-row={row}
      data-state={STATES[state]}
      data-current={current ? '' : undefined}
    >
      {second && <span class="second" style={{ '--class': second.color }} />}
      {other && edge >= SMALLEST_NAMED && (
        <span class={takesBlack(info.color) ? 'chip dark-ink' : 'chip'} title={info.name}>
          <span class="words" dir="auto">
            {info.name}
          </span>
        </span>
      )}
      {!other && (label !== before || state === VERIFIED) && <StateMark state={state} />}
    </div>
  );
}

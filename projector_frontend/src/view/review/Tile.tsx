import type { JSX } from 'preact';
import { takesBlack } from '../../state/colors';
import { short } from '../../state/format';
import { IGNORED, SEEN, STATES, UNSURE, VERIFIED } from '../../state/labels';
import type { Review } from '../../state/review';
import { useApp } from '../actions';
import { Icon } from '../icons';

interface Props {
  row: number;
  left: number;
  top: number;
  edge: number;
  review: Review;
  /** Its label when the page was made. */
  before: number;
  /** Whether the Tab key comes to it. */
  entry: boolean;
}

/** Less sure than this, the second guess is shown too, in per cent. */
const SURE = 80;

/** One image of a page: what it is taken for, and what it was given. */
export function Tile({ row, left, top, edge, review, before, entry }: Props): JSX.Element {
  const { store } = useApp();
  const { subject } = review;
  const label = store.labels.value[row] ?? before;
  const state = store.marks.value.states[row] ?? 0;
  const info = store.classById.value.get(label);
  const other = info !== undefined && label !== subject.classId;
  const aside = label === UNSURE || label === IGNORED;
  const picked = store.picked.value.has(row);
  const current = store.currentRow.value === row;
  const suggestions = store.suggestions.value;
  const second = store.classById.value.get(suggestions?.second[row] ?? -1);
  const doubtful = second !== undefined && !other && !aside && (suggestions?.percent[row] ?? 100) < SURE;
  const name = short(store.samples.value?.sample_ids[row] ?? String(row));
  const words = aside ? (STATES[state] ?? '') : (info?.name ?? '');
  const classes = [
    'tile',
    picked && 'picked',
    current && 'current',
    other && 'other',
    label === IGNORED && 'out',
  ];
  return (
    <div
      role="option"
      class={classes.filter(Boolean).join(' ')}
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
      {doubtful && <span class="second" style={{ '--class': second.color }} />}
      {other && edge >= 40 && (
        <span class={takesBlack(info.color) ? 'chip dark-ink' : 'chip'} title={info.name}>
          <span class="words" dir="auto">
            {info.name}
          </span>
        </span>
      )}
      {aside && <span class="chip aside">{label === UNSURE ? '?' : 'ignored'}</span>}
      {!aside && state >= SEEN && state <= VERIFIED && before !== label && !other && (
        <span class="tick">
          <Icon name="check" />
        </span>
      )}
    </div>
  );
}

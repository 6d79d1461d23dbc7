import type { JSX } from 'preact';
import { number, plural, short } from '../../state/format';
import { countByClass, UNLABELED } from '../../state/labels';
import { useApp } from '../actions';

const DIGITS = 9;
/** Keys that scroll the legend while it has the focus, and elsewhere move the picture. */
const SCROLLS = new Set(['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown']);

/** Which object is looked at, and what the colors of the others mean. */
export function Standing({ row, rows }: { row: number; rows: Int32Array }): JSX.Element {
  const { store } = useApp();
  const labels = store.labels.value;
  const counts = countByClass(rows.map((each) => labels[each] ?? UNLABELED));
  const own = store.classById.value.get(labels[row] ?? UNLABELED);
  const { classes } = store.labelState.value;
  // What a digit gives is told also where nothing has that label yet.
  const named = classes.filter(({ id }, place) => place < DIGITS || counts.has(id));
  const open = named.reduce((rest, { id }) => rest - (counts.get(id) ?? 0), rows.length);
  return (
    <div class="place-standing">
      <p class="tabular" data-testid="place-current" aria-live="polite">
        <b>
          {number(rows.indexOf(row) + 1)} of {plural(rows.length, 'object')}
        </b>{' '}
        <span class={own ? 'swatch' : 'swatch empty'} style={own ? { '--class': own.color } : {}} />{' '}
        <span class={own ? '' : 'muted'} dir="auto">
          {own ? short(own.name) : 'no label'}
        </span>
      </p>
      <ul
        class="place-legend tabular"
        aria-label="Labels in this picture"
        tabIndex={0}
        onKeyDown={(event) => SCROLLS.has(event.key) && event.stopPropagation()}
      >
        {named.map((info) => (
          <li key={info.id}>
            {classes.indexOf(info) < DIGITS && <kbd>{classes.indexOf(info) + 1}</kbd>}{' '}
            <span class="swatch" style={{ '--class': info.color }} />{' '}
            <span dir="auto">{short(info.name)}</span>{' '}
            <span class="muted">{number(counts.get(info.id) ?? 0)}</span>
          </li>
        ))}
        {open > 0 && (
          <li>
            <span class="swatch empty" /> no label <span class="muted">{number(open)}</span>
          </li>
        )}
      </ul>
    </div>
  );
}

import type { JSX } from 'preact';
import { UNLABELED } from '../state/labels';
import { useApp } from './actions';
import { Thumb } from './Thumb';

const THUMB = 120;
const WIDTH = 144;
const HEIGHT = 230;
const GAP = 30;
const MOST_COLUMNS = 5;

/** The image under the pointer, larger, with what is known of it. */
export function HoverCard(): JSX.Element | null {
  const { store } = useApp();
  const hover = store.hover.value;
  const samples = store.samples.value;
  if (!hover || !samples) return null;
  const { row } = hover;
  const info = store.classById.value.get(store.labels.value[row] ?? UNLABELED);
  const columns = samples.columns.filter((column) => column.name !== 'label');
  // Beside the pointer, on whichever side has room, so that it never covers what is pointed at.
  const { width, height } = store.viewport.value;
  const left = hover.x + GAP + WIDTH < width ? hover.x + GAP : hover.x - GAP - WIDTH;
  const top = Math.max(8, Math.min(hover.y - 40, height - HEIGHT));
  return (
    <aside
      class="hover-card"
      style={{ left: `${left}px`, top: `${top}px`, width: `${WIDTH}px` }}
      data-testid="hover-card"
    >
      {store.sheet.value && <Thumb row={row} size={THUMB} />}
      <p class="hover-label">
        <span class={info ? 'swatch' : 'swatch empty'} style={info ? { background: info.color } : {}} />
        <span class={info ? 'words' : 'words muted'}>{info?.name ?? 'unlabeled'}</span>
      </p>
      <dl>
        {columns.slice(0, MOST_COLUMNS).map((column) => (
          <div key={column.name}>
            <dt>{column.name}</dt>
            <dd>{column.values[row]}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

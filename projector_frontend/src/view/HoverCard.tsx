import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { short } from '../state/format';
import { UNLABELED } from '../state/labels';
import { useApp } from './actions';
import { Thumb } from './Thumb';

const THUMB = 168;
const REST_MS = 150;
const WIDTH = 192;
const GAP = 30;
const MOST_COLUMNS = 5;
const MOST_SIGNS = 120;

/** The image under the pointer, larger, with what is known of it. */
export function HoverCard(): JSX.Element | null {
  const { store } = useApp();
  const hover = store.hover.value;
  const samples = store.samples.value;
  if (!hover || !samples) return null;
  const { row } = hover;
  const info = store.classById.value.get(store.labels.value[row] ?? UNLABELED);
  const shown = store.colorColumn.value;
  const others = samples.columns.filter((column) => column.name !== 'label' && column !== shown);
  // What the colour means comes first.
  const columns = shown ? [shown, ...others] : others;
  // Beside the pointer, on whichever side has room, so that it never covers what is pointed at.
  const { width, height } = store.viewSize.value;
  const left = hover.x + GAP + WIDTH < width ? hover.x + GAP : hover.x - GAP - WIDTH;
  // However long its words: from the pointer it grows towards the middle.
  const [side, room] = 2 * hover.y < height ? ['top', hover.y] : ['bottom', height - hover.y];
  return (
    <aside
      class="hover-card"
      style={{ left: `${left}px`, [side]: `${Math.max(8, room - 40)}px`, width: `${WIDTH}px` }}
      data-testid="hover-card"
    >
      {store.sheet.value && <Larger key={row} row={row} />}
      <p class="hover-label">
        <span class={info ? 'swatch' : 'swatch empty'} style={info ? { '--class': info.color } : {}} />
        <span class={info ? '' : 'muted'} dir="auto">
          {info?.name ?? 'unlabeled'}
        </span>
      </p>
      <dl>
        {columns.slice(0, MOST_COLUMNS).map((column) => (
          <div key={column.name}>
            <dt dir="auto">{short(column.name, MOST_SIGNS)}</dt>
            <dd dir="auto">{short(column.values[row] ?? '', MOST_SIGNS)}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

/** The image itself where the run holds it, after a moment's rest; its tile until then. */
function Larger({ row }: { row: number }): JSX.Element {
  const { store, actions } = useApp();
  const wanted = useSignal(false);
  const loaded = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => (wanted.value = store.hasImages.value), REST_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="larger">
      {!loaded.value && <Thumb row={row} size={THUMB} />}
      {wanted.value && (
        <img
          class={loaded.value ? 'thumb-image' : 'waiting'}
          src={actions.imageUrl(row)}
          alt=""
          data-testid="full-image"
          onLoad={() => (loaded.value = true)}
          onError={() => (store.hasImages.value = false)}
        />
      )}
    </div>
  );
}

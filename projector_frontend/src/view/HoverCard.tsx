import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { short } from '../state/format';
import { IGNORED, STATES, UNLABELED, UNSURE, SEEN } from '../state/labels';
import { cellAt } from '../state/metadata';
import { pictureOf, sizeOf } from '../state/places';
import { COLOR_BY_PERSON } from '../state/store';
import type { Room } from '../state/tiling';
import { useApp } from './actions';
import { PlaceInset } from './place/PlaceInset';
import { Thumb } from './Thumb';

const THUMB = 168;
const REST_MS = 150;
const WIDTH = 192;
/** With the whole picture, and the room for that. */
const WIDE = 320;
const INSET = { width: 296, height: 222 };
/** What the whole picture says better. */
const SAID = new Set(['object', 'x', 'y', 'width', 'height', 'picture_width', 'picture_height']);
const GAP = 30;
const RISE = 40;
const LOW = 480;
const MOST_COLUMNS = 5;
const MOST_SIGNS = 120;
/** Where a cell is still asked for. */
const COMING = '…';

interface Props {
  /** In which it has to find a place, CSS pixels. */
  room: Room;
  /** How long the pointer rests before it comes, where it would be in the way otherwise. */
  after?: number;
}

/** The image under the pointer, larger, with what is known of it; and where it lies in the picture it is a part of. */
export function HoverCard({ room, after = 0 }: Props): JSX.Element | null {
  const { store } = useApp();
  const hover = store.hover.value;
  const rested = useSignal(-1);
  useEffect(() => {
    const { row = -1 } = hover ?? {};
    if (after === 0) return undefined;
    const timer = setTimeout(() => (rested.value = row), after);
    return () => clearTimeout(timer);
  }, [hover?.row]);
  const samples = store.samples.value;
  if (!hover || !samples || (after > 0 && rested.value !== hover.row)) return null;
  const { row } = hover;
  const label = store.labels.value[row] ?? UNLABELED;
  const state = store.marks.value.states[row] ?? 0;
  const gap = hover.reach ?? GAP;
  const info = store.classById.value.get(label);
  const { value: colored } = store.colorInfo;
  const places = store.places.value;
  const number = pictureOf(places, row);
  const picture = places && number !== null && store.hasPictures.value ? sizeOf(places, number) : null;
  const wide = picture ? WIDE : WIDTH;
  const asked = store.cells.value.get(row);
  const named = samples.columns.map(({ name, kind }, place) => {
    const column = store.textColumns.value.get(name);
    return { name, kind, cell: column ? cellAt(column, row) : (asked?.[place] ?? COMING) };
  });
  const others = named.filter(
    ({ name, kind }) =>
      name !== 'label' && name !== colored?.name && !(picture && SAID.has(name)) && kind !== 'states',
  );
  const person = store.colorBy.value === COLOR_BY_PERSON ? store.authors.value : null;
  // What the colour means comes first.
  const columns = [
    ...(person ? [{ name: person.name, cell: cellAt(person, row) }] : []),
    ...named.filter(({ name }) => name === colored?.name),
    ...others,
  ];
  // Beside the pointer, on whichever side has room, so that it never covers what is pointed at.
  const { width, height } = room;
  const left = hover.x + gap + wide < width ? hover.x + gap : Math.max(8, hover.x - gap - wide);
  // However long its words: from the pointer it grows towards the middle; in a low room, from its edge.
  const [side, from] = 2 * hover.y < height ? ['top', hover.y] : ['bottom', height - hover.y];
  const rise = height < LOW ? height : RISE;
  return (
    <aside
      class={picture ? 'hover-card in-place' : 'hover-card'}
      style={{ left: `${left}px`, [side]: `${Math.max(8, from - rise)}px`, width: `${wide}px` }}
      data-testid="hover-card"
    >
      {places && picture && (
        <PlaceInset key={`in-${row}`} row={row} places={places} size={picture} most={INSET} />
      )}
      {store.sheet.value && <Larger key={row} row={row} />}
      <p class="hover-label">
        <span class={info ? 'swatch' : 'swatch empty'} style={info ? { '--class': info.color } : {}} />
        <span class={info ? '' : 'muted'} dir="auto">
          {info?.name ?? STATES[label === UNSURE || label === IGNORED ? state : 0]}
        </span>
        {info && state >= SEEN && <span class="muted">{STATES[state]}</span>}
      </p>
      <dl>
        {columns.slice(0, MOST_COLUMNS).map(({ name, cell }) => (
          <div key={name}>
            <dt dir="auto">{short(name, MOST_SIGNS)}</dt>
            <dd dir="auto">{short(cell, MOST_SIGNS)}</dd>
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

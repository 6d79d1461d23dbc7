import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { plural } from '../../state/format';
import { keysOf, lookUp, type Command } from '../../state/keys';
import {
  fitted,
  isWhole,
  moved,
  showing,
  zoomed,
  zoomedTo,
  type PictureView,
} from '../../state/picture_view';
import { boxOf, pictureOf, rowAt, rowsOfPicture, sizeOf, type Places } from '../../state/places';
import type { Room } from '../../state/tiling';
import { useApp } from '../actions';
import { IconButton } from '../controls';
import { Dialog } from '../Dialog';
import { PictureCanvas } from './PictureCanvas';
import { listenToPointer, type PictureControl } from './pointing';
import { Standing } from './Standing';

const STEP = 1.25;
/** What an arrow moves, CSS pixels. */
const KEY_STEP = 60;
/** What keys do here as at the embedding. */
const HANDED_ON: readonly Command[] = ['place', 'undo', 'redo'];

/** The whole picture that a sample is a part of, as large as the page: looked over by pointer and by keys. */
export function PlaceDialog(): JSX.Element | null {
  const { store } = useApp();
  const places = store.places.value;
  const row = store.placeRow.value;
  const picture = row === null ? null : pictureOf(places, row);
  const size = places && picture !== null ? sizeOf(places, picture) : null;
  if (!places || row === null || picture === null || !size) return null;
  return (
    <Dialog title={places.files[picture] ?? ''} testId="place-dialog">
      <Place row={row} places={places} picture={picture} size={size} />
    </Dialog>
  );
}

interface PlaceProps {
  row: number;
  places: Places;
  picture: number;
  size: Room;
}

function Place({ row, places, picture, size }: PlaceProps): JSX.Element {
  const { store, actions } = useApp();
  const box = useRef<HTMLDivElement>(null);
  const room = useSignal<Room | null>(null);
  /** Null while the whole picture is wanted, however large the room. */
  const chosen = useSignal<PictureView | null>(null);
  const { value: space } = room;
  const rows = rowsOfPicture(places, picture);
  const view = space ? (chosen.value ?? fitted(size, space)) : null;

  useLayoutEffect(() => {
    const { current: element } = box;
    if (!element) return undefined;
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      // Before the dialog is shown there is none.
      if (width > 0 && height > 0) room.value = { width, height };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (space && chosen.value) chosen.value = showing(chosen.value, boxOf(places, row), size, space);
  }, [row]);

  const change = (to: (view: PictureView, space: Room) => PictureView): void => {
    if (!room.value) return;
    const next = to(chosen.value ?? fitted(size, room.value), room.value);
    chosen.value = isWhole(next, size, room.value) ? null : next;
  };
  const control: PictureControl = {
    zoom: (factor, at) =>
      change((now, space) =>
        at ? zoomed(now, factor, at, size, space) : zoomedTo(now, factor, boxOf(places, row), size, space),
      ),
    move: (dx, dy) => change((now, space) => moved(now, dx, dy, size, space)),
    pick: (x, y) => {
      if (!room.value) return;
      const now = chosen.value ?? fitted(size, room.value);
      const found = rowAt(places, picture, (x - now.x) / now.scale, (y - now.y) / now.scale);
      if (found !== null) actions.lookInPicture(found);
    },
  };
  const fit = (): void => {
    chosen.value = null;
  };

  useEffect(() => {
    const keys: Record<string, () => void> = {
      '+': () => control.zoom(STEP),
      '=': () => control.zoom(STEP),
      '-': () => control.zoom(1 / STEP),
      PageUp: () => control.zoom(STEP),
      PageDown: () => control.zoom(1 / STEP),
      '[': () => actions.stepInPicture(-1),
      ']': () => actions.stepInPicture(1),
      ArrowLeft: () => control.move(KEY_STEP, 0),
      ArrowRight: () => control.move(-KEY_STEP, 0),
      ArrowUp: () => control.move(0, KEY_STEP),
      ArrowDown: () => control.move(0, -KEY_STEP),
    };
    const commands: Partial<Record<Command, () => void>> = {
      fit,
      clearLabels: () => actions.labelInPicture(null),
      selectPicture: () => !store.review.value && actions.run('selectPicture'),
    };
    for (const command of HANDED_ON) commands[command] = () => actions.run(command);
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey) return;
      // With Ctrl plus and minus are the browser's.
      const does = event.ctrlKey || event.metaKey ? undefined : keys[event.key];
      const asked = lookUp(event, store.keyMap.value);
      if (does) does();
      else if (asked === null) return;
      else if (event.repeat) event.preventDefault();
      else if (typeof asked === 'number') actions.labelInPicture(asked);
      else if (asked in commands) commands[asked]?.();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', listen);
    const stop = box.current && listenToPointer(box.current, control);
    return () => {
      window.removeEventListener('keydown', listen);
      stop?.();
    };
  }, [places, row]);

  return (
    <>
      <div
        class={chosen.value ? 'place-room near' : 'place-room'}
        ref={box}
        tabIndex={0}
        autofocus
        role="group"
        aria-label="The whole picture. Plus and minus zoom, arrow keys move, brackets go from object to object."
        data-testid="place-room"
      >
        {view && space && <PictureCanvas row={row} places={places} room={space} view={view} />}
      </div>
      <footer>
        <Standing row={row} rows={rows} />
        <div class="place-buttons">
          <IconButton
            icon="minus"
            label="Smaller"
            keys="-"
            testId="place-out"
            onClick={() => control.zoom(1 / STEP)}
          />
          <IconButton
            icon="plus"
            label="Larger"
            keys="+"
            testId="place-in"
            onClick={() => control.zoom(STEP)}
          />
          <IconButton
            icon="fit"
            label="All of it"
            keys={keysOf('fit', store.keyMap.value)[0] ?? ''}
            testId="place-fit"
            onClick={fit}
          />
          {!store.review.value && (
            <button
              type="button"
              class="plain"
              data-testid="select-picture"
              onClick={() => actions.run('selectPicture')}
            >
              {rows.length === 1 ? 'Select it' : `Select all ${plural(rows.length, 'object')}`}{' '}
              <kbd>{keysOf('selectPicture', store.keyMap.value)[0]}</kbd>
            </button>
          )}
        </div>
      </footer>
    </>
  );
}

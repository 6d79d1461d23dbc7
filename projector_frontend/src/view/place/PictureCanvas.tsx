import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { plural } from '../../state/format';
import { UNLABELED } from '../../state/labels';
import type { PictureView } from '../../state/picture_view';
import { pictureOf, placedBoxes, sizeOf, type Places } from '../../state/places';
import type { Room } from '../../state/tiling';
import { useApp } from '../actions';
import { drawPicture } from './drawing';

interface Props {
  row: number;
  places: Places;
  room: Room;
  view: PictureView;
  /** Whether the picture is wanted already; its boxes are drawn at once. */
  wanted?: boolean;
}

/** A whole picture with the boxes of all that is part of it; the row's own stands out. */
export function PictureCanvas({ row, places, room, view, wanted = true }: Props): JSX.Element {
  const { store, actions } = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  const picture = pictureOf(places, row) ?? 0;
  const size = sizeOf(places, picture) ?? room;
  const image = useImage(wanted ? actions.pictureUrl(row) : null, () => (store.hasPictures.value = false));
  const labels = store.labels.value;
  const classes = store.classById.value;
  const drawn = useMemo(
    () => placedBoxes(places, picture, row, labels, classes),
    [places, picture, row, labels, classes],
  );
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context) drawPicture(context, { ...drawn, image, size, view, ratio });
  }, [drawn, image, view, ratio, room.width, room.height]);
  const label = classes.get(labels[row] ?? UNLABELED)?.name ?? 'no label';
  return (
    <canvas
      ref={canvas}
      class="picture"
      role="img"
      aria-label={`${places.files[picture] ?? ''} with ${plural(drawn.colors.length, 'box', 'boxes')}; this one: ${label}`}
      width={Math.round(room.width * ratio)}
      height={Math.round(room.height * ratio)}
      style={{ width: `${room.width}px`, height: `${room.height}px` }}
      data-testid="whole-picture"
      data-loaded={image !== null}
      data-boxes={drawn.colors.length}
      data-scale={view.scale.toFixed(4)}
      data-at={`${view.x.toFixed(1)} ${view.y.toFixed(1)}`}
    />
  );
}

/** The image at an address, once it is there and can be drawn; null before. */
function useImage(url: string | null, failed: () => void): HTMLImageElement | null {
  const loaded = useSignal<{ url: string; image: HTMLImageElement } | null>(null);
  useEffect(() => {
    if (url === null) return undefined;
    let waiting = true;
    const image = new Image();
    image.src = url;
    image.decode().then(
      () => {
        if (waiting) loaded.value = { url, image };
      },
      () => {
        if (waiting) failed();
      },
    );
    return () => {
      waiting = false;
    };
  }, [url]);
  return loaded.value?.url === url ? loaded.value.image : null;
}

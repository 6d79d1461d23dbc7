import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { fitted } from '../../state/picture_view';
import type { Places } from '../../state/places';
import type { Room } from '../../state/tiling';
import { PictureCanvas } from './PictureCanvas';

const REST_MS = 150;
/** A strip has room for a line and its rim. */
const LEAST = 24;

interface Props {
  row: number;
  places: Places;
  size: Room;
  /** Into which the picture has to fit, CSS pixels. */
  most: Room;
}

/** Where a sample lies, small: boxes at once, and the picture below them after a moment's rest. */
export function PlaceInset({ row, places, size, most }: Props): JSX.Element {
  const rested = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => (rested.value = true), REST_MS);
    return () => clearTimeout(timer);
  }, []);
  const scale = Math.min(most.width / size.width, most.height / size.height);
  const room = {
    width: Math.max(LEAST, Math.round(scale * size.width)),
    height: Math.max(LEAST, Math.round(scale * size.height)),
  };
  return (
    <div class="place-inset">
      <PictureCanvas row={row} places={places} room={room} view={fitted(size, room)} wanted={rested.value} />
    </div>
  );
}

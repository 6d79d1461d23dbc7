import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ClassInfo } from '../../api/types';
import { plural } from '../../state/format';
import type { Review } from '../../state/review';
import { placeOfTile } from '../../state/tiling';
import { useApp } from '../actions';
import { ClassField } from '../ClassField';

const GAP = 4;
/** Classes offered; further ones are found by their letters. */
const MOST = 5;

/** What the picked images can be given, beside the one picked last: the likeliest other class first. */
export function TileMenu({ review }: { review: Review }): JSX.Element | null {
  const { store, actions } = useApp();
  const box = useRef<HTMLDivElement>(null);
  const row = store.menuAt.value;
  const at = row === null ? -1 : review.page.rows.indexOf(row);
  const tiling = store.tiling.value;
  const { width, height } = store.room.value;
  const place = placeOfTile(tiling, Math.max(0, at));
  // Below the tile where there is room, else above it, else beside it; never beyond the room's edges.
  useLayoutEffect(() => {
    const { current: menu } = box;
    if (!menu) return undefined;
    const put = (): void => {
      const [wide, high] = [menu.offsetWidth, menu.offsetHeight];
      const [below, above] = [place.top + tiling.edge + GAP, place.top - GAP - high];
      const [after, before] = [place.left + tiling.edge + GAP, place.left - GAP - wide];
      const beside = below + high > height && above < 0;
      const top = beside ? height - high : below + high <= height ? below : above;
      const left = beside ? (after + wide <= width ? after : before) : Math.min(place.left, width - wide);
      menu.style.top = `${Math.max(0, top)}px`;
      menu.style.left = `${Math.max(0, left)}px`;
    };
    put();
    const observer = new ResizeObserver(put);
    observer.observe(menu);
    return () => observer.disconnect();
  }, [at, place.left, place.top, tiling, width, height]);
  if (row === null || at < 0) return null;
  const { classes } = store.labelState.value;
  const second = store.suggestions.value?.second[row];
  const ranked = [...classes].sort((a, b) => Number(b.id === second) - Number(a.id === second));
  const offered = ranked.filter(
    ({ id }) => id !== review.subject.classId || given(store.labels.value[row], id),
  );
  const count = Math.max(1, store.picked.value.size);
  return (
    <div
      class="menu tile-menu"
      ref={box}
      role="group"
      aria-label={`What ${count === 1 ? 'this image is' : `these ${plural(count, 'image')} are`}`}
      data-testid="tile-menu"
    >
      {offered.slice(0, MOST).map((info) => (
        <Choice key={info.id} info={info} digit={classes.indexOf(info) + 1} />
      ))}
      <ClassField id="name-tile" />
      <div class="menu-line pair">
        <button type="button" data-testid="menu-unsure" onClick={() => actions.pages.setAside('unsure')}>
          <kbd>U</kbd> unsure
        </button>
        <button type="button" data-testid="menu-ignore" onClick={() => actions.pages.setAside('ignored')}>
          <kbd>I</kbd> ignore
        </button>
      </div>
    </div>
  );
}

function Choice({ info, digit }: { info: ClassInfo; digit: number }): JSX.Element {
  const { actions } = useApp();
  return (
    <button
      type="button"
      title={info.name}
      data-testid={`choose-${info.name}`}
      onClick={() => actions.pages.give(info.id)}
    >
      {digit <= 9 ? <kbd>{digit}</kbd> : <span class="key-room" />}
      <span class="swatch" style={{ '--class': info.color }} />
      <span class="words" dir="auto">
        {info.name}
      </span>
    </button>
  );
}

/** Something else was said of it, so its page's class is a choice again. */
function given(label: number | undefined, classId: number): boolean {
  return label !== undefined && label !== classId && label !== -1;
}

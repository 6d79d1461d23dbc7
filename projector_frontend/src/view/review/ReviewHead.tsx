import type { JSX } from 'preact';
import { number, plural } from '../../state/format';
import { aboutPages, ordersOf, type Order, type Review, type Subject } from '../../state/review';
import { EDGES } from '../../state/tiling';
import { useApp } from '../actions';
import { IconButton, Segments } from '../controls';

const ORDERS: Record<Order, { text: string; hint: string }> = {
  surest: { text: 'surest', hint: 'The likeliest first: few to correct' },
  doubtful: { text: 'least sure', hint: 'The least likely first' },
  near: { text: 'nearest', hint: 'The most alike first' },
  random: { text: 'random', hint: 'In the order of chance: what a page finds holds for all of them' },
};
const EXTREMES = { text: 'extremes', hint: 'The least alike first: what does not belong is soon found' };

/** What is looked at, how far it is, and how it is shown. */
export function ReviewHead({ review }: { review: Review }): JSX.Element {
  const { store, actions } = useApp();
  const { subject, order, page, turned, look } = review;
  const info = subject.classId === null ? undefined : store.classById.value.get(subject.classId);
  const size = store.pageSize.value;
  const shown = page.rows.length;
  return (
    <header class="review-head">
      <h1 class="words" title={titleOf(subject, info?.name)}>
        {info && <span class="swatch" style={{ '--class': info.color }} />}
        <span class="words" dir="auto">
          {titleOf(subject, info?.name)}
        </span>
        {suffixOf(subject) && <span class="muted">{suffixOf(subject)}</span>}
      </h1>
      {shown > 0 && (
        <p class="words muted tabular" data-testid="page-facts">
          {look ? (
            <>
              {number(shown)} of {number(page.left)}, drawn at random
            </>
          ) : turned.length === 0 && page.left === shown ? (
            plural(shown, 'image')
          ) : (
            <>
              page {turned.length + 1} of about {aboutPages(review, size)}
            </>
          )}
          {page.expected !== null && (
            <>
              {' '}
              · {page.expected} of {shown} expected right
            </>
          )}
          {page.without > 0 && (
            <span data-testid="page-without" title="Others are looking at them">
              {' '}
              · without {number(page.without)} that others look at
            </span>
          )}
        </p>
      )}
      <span class="spacer" />
      {!look && (
        <Segments
          label="Page order"
          value={order}
          options={ordersOf(subject).map((value) => ({
            value,
            ...(value === 'doubtful' && subject.rows !== null ? EXTREMES : ORDERS[value]),
          }))}
          onChange={actions.pages.setOrder}
        />
      )}
      {!look && <TileSize />}
      <IconButton
        icon="close"
        label="Back to the picture"
        keys="Esc"
        testId="close-review"
        onClick={actions.pages.close}
      />
    </header>
  );
}

function TileSize(): JSX.Element {
  const { store, actions } = useApp();
  const [least, most] = EDGES;
  const edge = store.pageTiling.value.edge;
  // Small sizes differ more than large ones.
  const place = (value: number): number => Math.round(100 * Math.log(value));
  const [min, max] = [place(least), place(most)];
  return (
    <input
      type="range"
      class="size"
      min={min}
      max={max}
      value={place(edge)}
      title={`Size of the images: ${store.pageSize.value} a page`}
      aria-label="Size of the images"
      aria-valuetext={`${edge} pixels, ${store.pageSize.value} a page`}
      data-testid="tile-size"
      style={{ '--share': `${(100 * (place(edge) - min)) / (max - min)}%` }}
      onInput={(event) => actions.pages.setTileEdge(Math.exp(event.currentTarget.valueAsNumber / 100))}
    />
  );
}

/** What is looked through, in a name. */
export function titleOf({ of, name }: Subject, className: string | undefined): string {
  if (className !== undefined) return className;
  if (of === 'unsure') return 'Unsure';
  if (of === 'ignored') return 'Ignored';
  if (name !== '') return name;
  return of === 'cluster' ? 'Cluster' : of === 'group' ? 'Group' : 'Selection';
}

function suffixOf({ of }: Subject): string {
  return of === 'labeled' || of === 'verified' ? 'to verify' : '';
}

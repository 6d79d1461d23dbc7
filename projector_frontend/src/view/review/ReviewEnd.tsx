import type { JSX } from 'preact';
import { mostWrong } from '../../state/bound';
import { number, plural } from '../../state/format';
import type { Look, Review } from '../../state/review';
import { useApp } from '../actions';
import { NextStep } from '../NextStep';
import { titleOf } from './ReviewHead';

/** In the tiles' place: what a look found, or that all of it is looked through, and what is next. */
export function ReviewEnd({ review }: { review: Review }): JSX.Element {
  const { store } = useApp();
  const { subject, look } = review;
  const info = subject.classId === null ? undefined : store.classById.value.get(subject.classId);
  if (look?.found) return <Found look={look} found={look.found} name={info?.name ?? ''} />;
  return (
    <div class="review-end" data-testid="review-end" role="status">
      <h2 dir="auto">{titleOf(subject, info?.name)}</h2>
      <p class="muted">
        {review.page.without > 0
          ? 'Nothing is left that nobody else looks at.'
          : review.turned.length === 0
            ? 'There is nothing to look through here.'
            : 'All of it is looked through.'}
      </p>
      {review.page.without > 0 && (
        <p class="muted" data-testid="others-have">
          Others are looking at {plural(review.page.without, 'more image')}: what they leave comes back here.
        </p>
      )}
      <NextStep />
    </div>
  );
}

interface FoundProps {
  look: Look;
  found: NonNullable<Look['found']>;
  name: string;
}

/** What is known of those that were not shown, and the two ways on. */
function Found({ look, found: { shown, wrong, part }, name }: FoundProps): JSX.Element {
  const { actions } = useApp();
  const population = look.population.length;
  const rest = population - shown;
  const others = part ? part.size - part.shown : rest;
  const most = part?.most ?? mostWrong(population, shown, wrong);
  return (
    <div class="review-end" data-testid="look-found" role="status">
      <h2 class="tabular">
        {number(shown)} seen, {number(shown - wrong)} right
      </h2>
      {rest > 0 && (
        <p class="tabular">
          At most{' '}
          <b>
            {number(most)} of the other {number(others)}
          </b>{' '}
          {part && part.size < population && 'that are surest '}({Math.round((100 * most) / others)} %) are
          wrong, 95 % sure.
        </p>
      )}
      {rest > 0 && !part && (
        <p class="muted">Fewer than nine in ten may be right: too few to accept them unseen.</p>
      )}
      {rest > 0 && (
        <div class="buttons">
          {part && (
            <button
              type="button"
              class="primary"
              data-testid="accept-rest"
              onClick={actions.pages.acceptRest}
            >
              <span class="words">
                Accept {number(others)} {name}
              </span>
            </button>
          )}
          <button
            type="button"
            class={part ? 'plain' : 'primary'}
            data-testid="look-through"
            onClick={actions.pages.lookThrough}
          >
            Look through them
          </button>
        </div>
      )}
      {rest === 0 && <NextStep />}
    </div>
  );
}

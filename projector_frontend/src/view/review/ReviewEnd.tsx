import type { JSX } from 'preact';
import { LEAST_RIGHT, mostWrong } from '../../state/bound';
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
        {review.turned.length === 0
          ? 'There is nothing to look through here.'
          : 'All of it is looked through.'}
      </p>
      <NextStep />
    </div>
  );
}

interface FoundProps {
  look: Look;
  found: { shown: number; wrong: number };
  name: string;
}

/** What is known of those that were not shown, and the two ways on. */
function Found({ look, found: { shown, wrong }, name }: FoundProps): JSX.Element {
  const { actions } = useApp();
  const population = look.population.length;
  const rest = population - shown;
  const most = mostWrong(population, shown, wrong);
  const enough = wrong <= (1 - LEAST_RIGHT) * shown;
  const share = Math.ceil((100 * most) / population);
  return (
    <div class="review-end" data-testid="look-found" role="status">
      <h2 class="tabular">
        {number(shown)} seen, {number(shown - wrong)} right
      </h2>
      {rest > 0 && (
        <p class="tabular">
          At most <b>{share} %</b> of {number(population)} are wrong, 95 % sure.
        </p>
      )}
      {rest > 0 && !enough && (
        <p class="muted">
          Too many are wrong to accept the others unseen: looking through them finds {plural(most, 'mistake')}{' '}
          at most.
        </p>
      )}
      {rest > 0 && (
        <div class="buttons">
          {enough && (
            <button
              type="button"
              class="primary"
              data-testid="accept-rest"
              onClick={actions.pages.acceptRest}
            >
              <span class="words">
                Accept {number(rest)} {name}
              </span>
            </button>
          )}
          <button
            type="button"
            class={enough ? 'plain' : 'primary'}
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

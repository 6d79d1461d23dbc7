import type { JSX } from 'preact';
import { LEAST_RIGHT, mostWrong } from '../../state/bound';
import { number, plural } from '../../state/format';
import { canBeSampled, LOOK_SIZE, restOfLook, stands, type Look, type Review } from '../../state/review';
import { useApp } from '../actions';
import { NextStep } from '../NextStep';
import { titleOf } from './ReviewHead';

/** In the tiles' place: what a look found, or that all of it is looked through, and what is next. */
export function ReviewEnd({ review }: { review: Review }): JSX.Element {
  const { store } = useApp();
  const { subject, look } = review;
  const info = subject.classId === null ? undefined : store.classById.value.get(subject.classId);
  if (look?.found && !stands(review, store.marks.value)) return <TakenBack />;
  if (look?.found) return <Found review={review} look={look} found={look.found} name={info?.name ?? ''} />;
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

/** A look of which something was taken back: it tells of nothing any more. */
function TakenBack(): JSX.Element {
  return (
    <div class="review-end" data-testid="look-taken-back" role="status">
      <h2>Taken back</h2>
      <p class="muted">Some of what was seen has no label any more.</p>
      <div class="buttons">
        <LookAgain words="Look at some again" />
        <LookThrough />
      </div>
    </div>
  );
}

interface FoundProps {
  review: Review;
  look: Look;
  found: NonNullable<Look['found']>;
  name: string;
}

/** What is known of those that were not shown, and the ways on. */
function Found({ review, look, found: { shown, wrong, part }, name }: FoundProps): JSX.Element {
  const { store, actions } = useApp();
  const population = look.population.length;
  const rest = population - shown;
  const chosen = canBeSampled(review.subject);
  // Of others' labels meanwhile all may be right: as many wrong ones may be among the fewer that are left.
  const left = restOfLook(review, store.marks.value).length;
  const others = chosen || part ? left : rest;
  const most = Math.min(others, part?.most ?? mostWrong(population, shown, wrong));
  const enough = part !== null && most <= (1 - LEAST_RIGHT) * others;
  const more = chosen && !enough && left > 0;
  return (
    <div class="review-end" data-testid="look-found" role="status">
      <h2 class="tabular">
        {number(shown)} seen, {number(shown - wrong)} right
      </h2>
      {others > 0 && (
        <p class="tabular">
          At most{' '}
          <b>
            {number(most)} of the other {number(others)}
          </b>{' '}
          {part && part.size < population && 'that are surest '}({Math.round((100 * most) / others)} %) are
          wrong, 95 % sure.
        </p>
      )}
      {others > 0 && !enough && (
        <p class="muted">
          Fewer than nine in ten may be right:{' '}
          {chosen ? 'look at more of them.' : 'too few to accept them unseen.'}
        </p>
      )}
      {others > 0 && (
        <div class="buttons">
          {more && <LookAgain words={`Look at ${number(Math.min(LOOK_SIZE, left))} more`} />}
          {left > 0 && (
            <button
              type="button"
              class={enough ? 'primary' : 'plain'}
              data-testid="accept-rest"
              onClick={actions.pages.acceptRest}
            >
              <span class="words">
                Accept {number(left)} {name}
              </span>
            </button>
          )}
          <LookThrough primary={!enough && !more} />
        </div>
      )}
      {others === 0 && <NextStep />}
    </div>
  );
}

function LookAgain({ words }: { words: string }): JSX.Element {
  const { actions } = useApp();
  return (
    <button type="button" class="primary" data-testid="look-again" onClick={() => actions.run('accept')}>
      {words} <kbd>A</kbd>
    </button>
  );
}

function LookThrough({ primary = false }: { primary?: boolean }): JSX.Element {
  const { actions } = useApp();
  return (
    <button
      type="button"
      class={primary ? 'primary' : 'plain'}
      data-testid="look-through"
      onClick={actions.pages.lookThrough}
    >
      Look through them
    </button>
  );
}

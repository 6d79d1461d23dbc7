import type { JSX } from 'preact';
import { useApp } from '../actions';
import { Toasts } from '../Toasts';
import { ReviewEnd } from './ReviewEnd';
import { ReviewFoot } from './ReviewFoot';
import { ReviewHead } from './ReviewHead';
import { Tiles } from './Tiles';

/** Images looked through page by page, in the picture's place. */
export function Review(): JSX.Element | null {
  const { store } = useApp();
  const { value: review } = store.review;
  if (!review) return null;
  const atEnd = review.page.rows.length === 0;
  return (
    <main class="review" data-testid="review">
      <ReviewHead review={review} />
      {atEnd ? <ReviewEnd review={review} /> : <Tiles review={review} />}
      <ReviewFoot review={review} />
      <Toasts />
    </main>
  );
}

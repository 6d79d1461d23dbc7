import type { JSX } from 'preact';
import { number, plural } from '../../state/format';
import { keysOf } from '../../state/keys';
import {
  awaitsName,
  canBeSampled,
  changedOn,
  LOOK_SIZE,
  progressOf,
  restOf,
  unlabeledOf,
  type Review,
} from '../../state/review';
import { useApp } from '../actions';

/** What Enter would do, the way back, and how far the class is. */
export function ReviewFoot({ review }: { review: Review }): JSX.Element {
  const { store, actions } = useApp();
  const { subject, page, turned } = review;
  const marks = store.marks.value;
  const keys = store.keyMap.value;
  const shown = page.rows.length;
  const rest = restOf(page, subject, marks).length;
  const changed = changedOn(page, subject, marks).length;
  const naming = awaitsName(review, marks);
  const picked = store.picked.value.size;
  const open = !review.look && canBeSampled(subject) ? unlabeledOf(subject, marks).length : 0;
  return (
    <footer class="review-foot">
      {shown > 0 &&
        (naming ? (
          <p class="ask-all">
            {picked > 0 ? 'Press' : `All ${number(rest)} are …`}{' '}
            <kbd>{digits(store.labelState.value.classes.length)}</kbd> or{' '}
            <button
              type="button"
              class="plain"
              data-testid="name-all"
              onClick={() => actions.run('addClass')}
            >
              Name <kbd>N</kbd>
            </button>
          </p>
        ) : (
          <button
            type="button"
            class="primary"
            title="Accept what nothing else was said of, and turn the page (Enter)"
            data-testid="accept-page"
            onClick={() => actions.run('acceptPage')}
          >
            {acceptWords(subject.of, rest, changed)} <kbd>⏎</kbd>
          </button>
        ))}
      <button
        type="button"
        class="plain"
        title={`The page before; what it was accepted as is taken back (${keysOf('pageBack', keys)[0] ?? ''})`}
        data-testid="page-back"
        disabled={turned.length === 0}
        onClick={() => actions.run('pageBack')}
      >
        <kbd>⌫</kbd> Page back
      </button>
      {shown > 0 && <Aside />}
      {open > Math.max(LOOK_SIZE, shown) && (
        <button
          type="button"
          class="plain"
          title="Look at some of these, drawn at random; then the rest can be accepted (A)"
          data-testid="look-at-some"
          onClick={() => actions.run('accept')}
        >
          <kbd>A</kbd> See {LOOK_SIZE} of {number(open)}
        </button>
      )}
      <span class="spacer" />
      {picked > 0 ? (
        <p class="tabular" data-testid="picked-count">
          {plural(picked, 'image')} picked{' '}
          <button type="button" class="link" data-testid="clear-picked" onClick={actions.pages.clearPicked}>
            Clear
          </button>
        </p>
      ) : (
        <Progress classId={subject.classId} />
      )}
    </footer>
  );
}

/** Sets aside what is picked. */
function Aside(): JSX.Element {
  const { store, actions } = useApp();
  const none = store.picked.value.size === 0 && store.currentRow.value === null;
  return (
    <>
      <button
        type="button"
        class="plain"
        title="Set aside what is picked or pointed at: it can be looked at later (U)"
        data-testid="set-unsure"
        disabled={none}
        onClick={() => actions.run('unsure')}
      >
        <kbd>U</kbd> Unsure
      </button>
      <button
        type="button"
        class="plain wide-only"
        title="What is picked or pointed at takes part in nothing: a bad picture, an empty one (I)"
        data-testid="set-ignored"
        disabled={none}
        onClick={() => actions.run('ignore')}
      >
        <kbd>I</kbd> Ignore
      </button>
    </>
  );
}

function Progress({ classId }: { classId: number | null }): JSX.Element | null {
  const { store } = useApp();
  const info = classId === null ? undefined : store.classById.value.get(classId);
  if (!info) return null;
  const { done, about } = progressOf(info.id, store.known.value);
  return (
    <div class="progress tabular" data-testid="class-progress">
      <p class="words told muted">
        <span>
          {number(done)} of about {number(about)}
        </span>{' '}
        <span class="words" dir="auto" title={info.name}>
          {info.name}
        </span>
      </p>
      <span
        class="bar"
        style={{ '--class': info.color, '--done': `${(100 * done) / Math.max(1, about)}%` }}
      />
    </div>
  );
}

function acceptWords(of: string, rest: number, changed: number): string {
  const others = changed > 0 ? `, ${number(changed)} changed` : '';
  if (rest === 0) return `Next page${others}`;
  return `${of === 'labeled' ? `${number(rest)} right` : `Accept ${number(rest)}`}${others}`;
}

function digits(classes: number): string {
  return classes <= 1 ? '1' : `1 … ${Math.min(9, classes)}`;
}

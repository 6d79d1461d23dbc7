import type { JSX } from 'preact';
import { number, plural } from '../state/format';
import { expectedLabels, type QueryCandidate } from '../state/guidance';
import { peopleOf } from '../state/history';
import { UNLABELED } from '../state/labels';
import { useApp } from './actions';
import { ClustersPanel } from './ClustersPanel';
import { IconButton, Panel, Slider } from './controls';
import { Guess } from './Guess';
import { NextStep } from './NextStep';
import { SettleList } from './SettleList';
import { Thumb } from './Thumb';
import { VerifyList } from './VerifyList';

const THUMBS = 4;
const THUMB = 30;

/**
 * What to look at next, what the labels so far suggest, and which of them to verify. While a group is selected, that is
 * what matters: only the way on is shown.
 */
export function GuidancePanel(): JSX.Element {
  const { store, actions } = useApp();
  if (store.toVerify.value !== null)
    return (
      <Panel
        title="Labels to verify"
        aside={
          <button type="button" class="link" data-testid="verified" onClick={() => actions.run('verify')}>
            Done
          </button>
        }
      >
        <VerifyList />
      </Panel>
    );
  if (store.toSettle.value !== null)
    return (
      <Panel
        title="Disagreements"
        aside={
          <button type="button" class="link" data-testid="settled" onClick={() => actions.run('settle')}>
            Done
          </button>
        }
      >
        <SettleList />
      </Panel>
    );
  if (store.clusters.value !== null) return <ClustersPanel />;
  return (
    <Panel title="Next best" aside={<kbd>G</kbd>}>
      {store.selection.value.kind !== 'none' ? (
        <Next />
      ) : (
        <div class="stack">
          {store.labeled.value > 0 && <NextStep />}
          <Groups />
          <Clusters />
          {store.labeled.value > 0 && <Suggested />}
          <Settle />
        </div>
      )}
    </Panel>
  );
}

/** The way to what was labelled otherwise by others; nothing where nobody else labels. */
function Settle(): JSX.Element | null {
  const { store, actions } = useApp();
  if (store.columns.value.length < 2 && peopleOf(store.history.value).length < 2) return null;
  return (
    <button
      type="button"
      class="plain wide"
      title="Images that were given several classes, in two label columns or by two people (J)"
      data-testid="to-settle"
      onClick={() => actions.run('settle')}
    >
      Disagreements <kbd>J</kbd>
    </button>
  );
}

function Next(): JSX.Element {
  const { actions } = useApp();
  return (
    <button
      type="button"
      class="plain wide"
      title="The group that would tell most (G); before there is advice, the densest without labels"
      data-testid="densest"
      onClick={() => actions.run('densest')}
    >
      Next best group
    </button>
  );
}

/** The way to groups of the whole set. */
function Clusters(): JSX.Element {
  const { store, actions } = useApp();
  return (
    <button
      type="button"
      class="plain wide"
      title="Groups of the whole set, as fine as you like (K)"
      data-testid="find-clusters"
      disabled={store.findingClusters.value}
      onClick={() => actions.run('clusters')}
    >
      {store.findingClusters.value ? 'Looking for clusters …' : 'Clusters'} <kbd>K</kbd>
    </button>
  );
}

/** Groups worth a look, the best first. */
function Groups(): JSX.Element {
  const { store } = useApp();
  const labels = store.labels.value;
  const free = store.candidates.value.filter(({ focus }) => labels[focus] === UNLABELED);
  if (free.length === 0) return <Next />;
  return (
    <ol class="candidates" data-testid="candidates">
      {free.map((candidate) => (
        <Group key={candidate.focus} candidate={candidate} />
      ))}
    </ol>
  );
}

function Group({ candidate }: { candidate: QueryCandidate }): JSX.Element {
  const { store, actions } = useApp();
  const { focus, members, classId, confidence } = candidate;
  const info = classId === null ? undefined : store.classById.value.get(classId);
  const shown = [focus, ...members].slice(0, THUMBS);
  const current = store.selection.value.focus === focus;
  return (
    <li>
      <button
        type="button"
        class={current ? 'candidate current' : 'candidate'}
        aria-pressed={current}
        title={info ? `Select this group\n${info.name}` : 'Select this group'}
        data-testid="candidate"
        data-row={focus}
        onClick={() => actions.visitCandidate(candidate)}
      >
        <span class="strip">
          {shown.map((row) => (
            <Thumb key={row} row={row} size={THUMB} />
          ))}
        </span>
        <span class="words tabular">
          about {plural(expectedLabels(candidate), 'label')}
          <Guess info={info} share={confidence} unknown="of a kind not seen yet" />
        </span>
      </button>
    </li>
  );
}

/** Suggested labels: shown hollow in the picture, and accepted above a confidence; and the way to labels to verify. */
function Suggested(): JSX.Element {
  const { store, actions } = useApp();
  const count = store.acceptableCount.value;
  return (
    <div class="suggested">
      <div class="sure">
        <label class="check" title="Colours what has no label yet by its likeliest class, hollow (U)">
          <input
            type="checkbox"
            checked={store.suggestionsShown.value}
            data-testid="show-suggestions"
            onChange={() => actions.run('suggestions')}
          />
          <span>
            Suggested <kbd>U</kbd>
          </span>
        </label>
        <Slider
          label="≥"
          tight
          hint="Accept, and show, suggestions of at least this probability, in per cent"
          min={50}
          max={99}
          value={store.sureFrom.value}
          testId="sure-slider"
          onInput={actions.setSureFrom}
        >
          <span class="tabular">{store.sureFrom.value} %</span>
        </Slider>
      </div>
      <div class="buttons">
        <button
          type="button"
          class="plain"
          title="Look at some of what is sure enough, drawn at random; then accept the rest (A)"
          data-testid="accept"
          disabled={count === 0}
          onClick={() => actions.run('accept')}
        >
          Accept {number(count)} <kbd>A</kbd>
        </button>
        <IconButton
          icon="pages"
          label="Review suggestions page by page"
          keys="R"
          testId="review-suggestions"
          onClick={() => actions.run('review')}
        />
        <button
          type="button"
          class="plain"
          title="Labels that look wrong beside their neighbours (C)"
          data-testid="verify"
          disabled={store.verifying.value}
          onClick={() => actions.run('verify')}
        >
          {store.verifying.value ? 'Looking …' : 'Verify'} <kbd>C</kbd>
        </button>
      </div>
    </div>
  );
}

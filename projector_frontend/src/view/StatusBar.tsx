import type { JSX } from 'preact';
import { manageProblem } from '../state/access';
import { number, percent, plural, rate } from '../state/format';
import { signInWords, waitingWords } from '../state/outbox';
import { aboutTime, leastWords, secondsAnAction } from '../state/standing';
import { useApp } from './actions';
import { Crew } from './Crew';
import { DownloadMenu } from './DownloadMenu';
import { EffortCurve } from './EffortCurve';
import { Icon } from './icons';

/** The effort so far, whether it is safe, and the ways out. */
export function StatusBar(): JSX.Element {
  const { store, actions } = useApp();
  const labeled = store.labeled.value;
  const total = store.counted.value;
  const seen = store.seen.value;
  const standing = store.standing.value;
  const { actions: count, labels } = store.effort.value;
  const ready = store.samples.value !== null;
  const problem = manageProblem(store.runs.value);
  return (
    <footer class="status-bar tabular">
      <span data-testid="labeled-count">
        <b>{number(labeled)}</b> labelled ({percent(labeled, total)})
      </span>
      {seen > 0 && (
        <span class="dot" title="Images that somebody saw when they got their label">
          <b data-testid="seen-count">{number(seen)}</b> seen
        </span>
      )}
      {/* That nothing at all is wrong is more than anybody knows. */}
      {standing && standing.seen + standing.unseen > 0 && standing.least < 1 && (
        <span
          class="dot"
          title="At least this share of the labels is right, in nineteen of twenty cases, unless a group was misnamed as a whole: verify (C) finds those"
        >
          at least <b data-testid="share-right">{leastWords(standing.least)}</b> right
        </span>
      )}
      {count > 0 && (
        <>
          <span
            class="dot"
            title="One action to label an image, one more for a group, one for each image taken out of it."
          >
            <b data-testid="action-count">{number(count)}</b> {count === 1 ? 'action' : 'actions'}
          </span>
          <span class="dot wide-only">
            <b data-testid="labels-an-action">{(labels / count).toFixed(1)}</b> labels an action
          </span>
          <ToGo />
          <EffortCurve />
        </>
      )}
      <Problem />
      <span class="spacer" />
      {ready && (
        <>
          <DownloadMenu />
          <button
            type="button"
            class="quiet"
            data-testid="save-logdir"
            disabled={problem !== null}
            title={
              problem ?? "Write the labels into the run's metadata.tsv, where the Projector tab shows them"
            }
            onClick={actions.save}
          >
            <Icon name="save" /> Save to log dir
          </button>
          <button
            type="button"
            class="quiet"
            aria-label="Import labels"
            title={problem ?? 'Labels from a table or a dataset'}
            data-testid="import"
            disabled={problem !== null}
            onClick={() => actions.openDialog('import')}
          >
            <Icon name="upload" /> <span class="wide-only">Import</span>
          </button>
          <button
            type="button"
            class="quiet"
            aria-label="Copy Python"
            title="Copy the Python that reads these labels"
            data-testid="copy-snippet"
            onClick={actions.copySnippet}
          >
            <Icon name="copy" /> <span class="wide-only">Python</span>
          </button>
        </>
      )}
      <Elsewhere />
      <Crew />
      {ready && <Saved />}
      <button
        type="button"
        class="quiet"
        title="Keys and settings (?)"
        aria-label="Keys and settings"
        data-testid="help"
        onClick={() => actions.run('help')}
      >
        <Icon name="keys" />
      </button>
    </footer>
  );
}

/** How long it takes to the end, at today's pace. */
function ToGo(): JSX.Element | null {
  const { store } = useApp();
  const toGo = store.actionsToGo.value;
  const pace = secondsAnAction(store.history.value, Date.now());
  if (pace === null || toGo === 0) return null;
  return (
    <span
      class="dot"
      title={`About ${plural(toGo, 'action')} to go until every image is seen, ${rate(pace)} seconds each as today`}
    >
      about <b data-testid="time-to-go">{aboutTime(toGo * pace)}</b> to go
    </span>
  );
}

/** Changes that wait for other labels than these. */
function Elsewhere(): JSX.Element | null {
  const { store, actions } = useApp();
  const count = store.elsewhere.value.length;
  if (count === 0) return null;
  return (
    <button
      type="button"
      class="quiet"
      title="Changes made on labels that are not here now, or by somebody else, kept in this browser"
      data-testid="elsewhere"
      onClick={() => actions.openDialog('waiting')}
    >
      {waitingWords(
        store.elsewhere.value,
        store.runs.value?.account ?? '',
        store.runs.value?.can_edit ?? true,
      )}
    </button>
  );
}

function Saved(): JSX.Element {
  const { store } = useApp();
  const state = store.saved.value;
  const mine = store.runs.value?.account ?? '';
  const held = store.elsewhere.value.filter(
    (each) => each.store === store.labelStore.value && each.account === mine,
  ).length;
  const offline = state.kind === 'offline' || store.connection.value !== 'there';
  const kind = offline ? 'offline' : held > 0 ? 'saving' : state.kind;
  const waiting = state.kind === 'offline' ? state.waiting : 0;
  return (
    <span class={`saved ${kind}`} data-testid="saved-state" data-state={kind} role="status">
      {kind === 'saved' && (
        <>
          <Icon name="check" /> saved
        </>
      )}
      {kind === 'saving' && 'saving …'}
      {kind === 'offline' && (
        <>
          <Icon name="cloudOff" /> offline{waiting > 0 ? ` (${number(waiting)} waiting)` : ''}
        </>
      )}
    </span>
  );
}

/** Why labels cannot be given, or what they lack. */
function Problem(): JSX.Element | null {
  const { store } = useApp();
  const problem = signInWords(store.connection.value, store.saved.value) ?? store.editProblem.value;
  const { orphans } = store.labelState.value;
  if (problem)
    return (
      <span class="problem" role="alert" title={problem} data-testid="edit-problem">
        <Icon name="warning" /> <span class="words">{problem}</span>
      </span>
    );
  if (orphans > 0)
    return (
      <span class="dot muted" title="Labels of samples that this run no longer holds. They are kept.">
        {plural(orphans, 'label')} without a sample
      </span>
    );
  return null;
}

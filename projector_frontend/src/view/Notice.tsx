import type { JSX } from 'preact';
import { short } from '../state/format';
import { statusWords } from '../state/session';
import type { Phase } from '../state/store';
import { useApp } from './actions';
import { IconButton } from './controls';

interface Words {
  title: string;
  text: string;
  command?: string;
  busy?: boolean;
  retry?: string;
  /** Loads the whole page again, TensorBoard's too. */
  reload?: string;
}

/** What stands in the middle while there is no picture: what is the matter, and what to do. */
export function Notice(): JSX.Element | null {
  const { store, actions } = useApp();
  const words = store.contextLost.value ? LOST : wordsOf(store.phase.value, store.run.value);
  const shown = words ?? (store.hasFrame.value ? null : firstPicture(store));
  if (!shown) return null;
  return (
    <div class="notice" data-testid="notice" role="status">
      <h1 class={shown.busy ? 'busy' : ''}>{shown.title}</h1>
      <p>{shown.text}</p>
      {shown.command && <Command text={shown.command} />}
      {shown.retry && (
        <button type="button" class="primary" data-testid="retry" onClick={actions.retry}>
          {shown.retry}
        </button>
      )}
      {shown.reload && (
        <button type="button" class="primary" data-testid="reload" onClick={actions.reload}>
          {shown.reload}
        </button>
      )}
    </div>
  );
}

/** What is to be typed elsewhere. */
function Command({ text }: { text: string }): JSX.Element {
  const { actions } = useApp();
  return (
    <p class="command">
      <code>
        {text.split(' ').map((word) => (
          <>
            <span>{word}</span>{' '}
          </>
        ))}
      </code>
      <IconButton icon="copy" label="Copy" testId="copy-command" onClick={() => actions.copy(text)} />
    </p>
  );
}

const LOST: Words = {
  title: 'Graphics interrupted',
  text: 'The browser took the graphics card away. The picture comes back as soon as it is returned.',
  busy: true,
};

function firstPicture(store: ReturnType<typeof useApp>['store']): Words | null {
  const state = store.session.value;
  const words = statusWords(state, store.runs.value?.can_edit, store.startProblem.value);
  return { title: words.title, text: words.next, busy: words.busy || state?.status === 'running' };
}

function wordsOf(phase: Phase, run: string | null): Words | null {
  switch (phase.kind) {
    case 'ready':
      return null;
    case 'loading':
      return { title: 'Loading', text: `${phase.words} …`, busy: true };
    case 'no-runs':
      return {
        title: 'No runs yet',
        text: 'No folder under the log dir holds features to show. Write one, for example from a folder of images:',
        command: 'tb-tsne export IMAGES --logdir LOGDIR/run',
        retry: 'Look again',
      };
    case 'bad-run':
      return {
        title: `${short(run ?? 'This run')} cannot be shown`,
        text: `${phase.reason} Mend it and look again, or choose another run on the left.`,
        retry: 'Look again',
      };
    case 'unreachable':
      return {
        title: 'The server does not answer',
        text: 'Is TensorBoard still running? Labels given so far are stored.',
        retry: 'Try again',
      };
    case 'refused':
      return {
        title: 'Not under this address',
        text: phase.message,
        command: `tensorboard --logdir LOGDIR ${phase.flag}`,
        retry: 'Try again',
      };
    case 'intercepted':
      return { title: 'Something else answered', text: phase.message, reload: 'Reload the page' };
    case 'failed':
      return { title: 'This did not work', text: phase.message, retry: 'Try again' };
  }
}

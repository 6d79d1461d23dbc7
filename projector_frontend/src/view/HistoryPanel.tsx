import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { HistoryEntry } from '../contract';
import { ago } from '../state/format';
import { readable } from '../state/history';
import { useApp } from './actions';
import { IconButton, Panel } from './controls';

const SHOWN = 60;

/** What was done, newest first; what was undone is struck through. */
export function HistoryPanel(): JSX.Element {
  const { store, actions } = useApp();
  const { canUndo, canRedo } = store.book.value;
  const busy = store.pending.value.length > 0;
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 15_000);
    return () => clearInterval(timer);
  }, [now]);
  const entries = readable(store.history.value).slice(0, SHOWN);
  return (
    <Panel
      title="History"
      grow
      aside={
        <>
          <IconButton
            icon="undo"
            label="Undo"
            keys="Ctrl+Z"
            testId="undo"
            disabled={!canUndo && !busy}
            onClick={() => actions.run('undo')}
          />
          <IconButton
            icon="redo"
            label="Redo"
            keys="Ctrl+Shift+Z"
            testId="redo"
            disabled={!canRedo}
            onClick={() => actions.run('redo')}
          />
        </>
      }
    >
      {entries.length === 0 ? (
        <p class="note" data-testid="history">
          Every change is listed here, and can be undone, after a reload too.
        </p>
      ) : (
        <ol class="history" data-testid="history">
          {entries.map((entry) => (
            <Entry key={entry.revision} entry={entry} now={Math.max(now.value, Date.parse(entry.time))} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Entry({ entry, now }: { entry: HistoryEntry; now: number }): JSX.Element {
  const { store } = useApp();
  const color = entry.class_id === null ? undefined : store.classById.value.get(entry.class_id)?.color;
  const who = entry.author ? ` by ${entry.author}` : '';
  return (
    <li
      class={entry.undone ? 'undone' : ''}
      title={`${entry.summary}, ${new Date(entry.time).toLocaleString()}${who}`}
    >
      <span class={color ? 'swatch' : 'swatch empty'} style={color ? { background: color } : {}} />
      <span class="words">{entry.summary}</span>
      <time dateTime={entry.time}>{entry.undone ? 'undone' : ago(entry.time, now)}</time>
    </li>
  );
}

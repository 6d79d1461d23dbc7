import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { HistoryEntry } from '../api/types';
import { ago, short } from '../state/format';
import { chosenHow, isFirstImport, peopleOf, readable } from '../state/history';
import { useApp } from './actions';
import { IconButton, Panel, Select } from './controls';
import { Told } from './Told';
import { Visitor } from './Visitor';
import { You } from './You';

/** Entries shown at first, and as many more each time that older ones are asked for. */
const STEP = 60;

/** What was done, newest first; what was undone is struck through. */
export function HistoryPanel(): JSX.Element {
  const { store, actions } = useApp();
  const { canUndo, canRedo } = store.labelState.value;
  const busy = store.pending.value.length > 0;
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 15_000);
    return () => clearInterval(timer);
  }, [now]);
  const shown = useSignal(STEP);
  // Another label column has another history, and so has one person.
  const of = store.labelColumn.value;
  const whose = store.historyOf.value;
  useEffect(() => void (shown.value = STEP), [of, whose]);
  const known = readable(whose === null ? store.history.value : store.theirHistory.value.entries);
  const hasOlder = whose === null ? store.hasOlder.value : store.theirHistory.value.more;
  const entries = known.slice(0, shown.value);
  const older = known.length > shown.value || hasOlder;
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
      <Whose />
      {entries.length === 0 && whose === null ? (
        <p class="note" data-testid="history">
          Every change is listed here, and can be undone, after a reload too.
        </p>
      ) : (
        <ol class="history" data-testid="history">
          {entries.map((entry) => (
            <Entry key={entry.revision} entry={entry} now={Math.max(now.value, Date.parse(entry.time))} />
          ))}
          {older && (
            <li>
              <button
                type="button"
                class="link"
                data-testid="older"
                onClick={() => {
                  shown.value += STEP;
                  if (shown.value > known.length && hasOlder) actions.loadOlder();
                }}
              >
                Older changes
              </button>
            </li>
          )}
        </ol>
      )}
      <You />
      <Visitor />
    </Panel>
  );
}

/** Whose part of the history is shown; nothing to choose where only one person has one. */
function Whose(): JSX.Element | null {
  const { store, actions } = useApp();
  const whose = store.historyOf.value;
  const people = peopleOf(store.history.value);
  if (people.length < 2 && whose === null) return null;
  return (
    <Select
      label="Changes of"
      testId="history-of"
      value={whose ?? ''}
      options={[
        { value: '', text: 'everybody' },
        ...people.map((name) => ({ value: name, text: name })),
        ...(whose === null || people.includes(whose) ? [] : [{ value: whose, text: whose }]),
      ]}
      onChange={(name) => actions.showHistoryOf(name === '' ? null : name)}
    />
  );
}

/** What was done; a labelling ends with the name of its class. */
function Summary({ entry: { kind, summary, class_id: given } }: { entry: HistoryEntry }): JSX.Element {
  const { store } = useApp();
  const name = kind === 'apply' && given !== null ? store.classById.value.get(given)?.name : undefined;
  if (name === undefined || !summary.endsWith(` ${name}`)) return <span class="words">{summary}</span>;
  return <Told words={summary.slice(0, -name.length - 1)} name={name} />;
}

/** One change; a click shows who made it, how the images were chosen, and the way back to it. */
function Entry({ entry, now }: { entry: HistoryEntry; now: number }): JSX.Element {
  const { store, actions } = useApp();
  const color = entry.class_id === null ? undefined : store.classById.value.get(entry.class_id)?.color;
  const how = chosenHow(entry.selection);
  const isFirst = isFirstImport(entry);
  const newest = store.history.value[0]?.revision === entry.revision;
  return (
    <li class={entry.undone ? 'undone' : ''}>
      <details>
        <summary title={entry.summary}>
          <span class={color ? 'swatch' : 'swatch empty'} style={color ? { '--class': color } : {}} />
          <Summary entry={entry} />
          {!entry.own && (
            <span class="who" title={entry.author}>
              {short(entry.author)}
            </span>
          )}
          <time dateTime={entry.time}>{entry.undone ? 'undone' : ago(entry.time, now)}</time>
        </summary>
        <div class="entry">
          <p>
            {new Date(entry.time).toLocaleString()}
            {entry.author ? ` · ${entry.author}` : ''}
          </p>
          {how && <p>{how}</p>}
          {!isFirst && (
            <button
              type="button"
              class="link"
              data-testid={entry.undone ? 'do-again' : 'take-back'}
              title="What others changed since stays as it is"
              onClick={() => (entry.undone ? actions.doAgain : actions.takeBack)(entry.revision)}
            >
              {entry.undone ? 'Do again' : 'Take back'}
            </button>
          )}
          {!newest && (
            <button
              type="button"
              class="link"
              data-testid="restore"
              title="Makes all labels and classes as they were after this change; that can be undone too"
              onClick={() => actions.restore(entry.revision)}
            >
              Go back to here
            </button>
          )}
        </div>
      </details>
    </li>
  );
}

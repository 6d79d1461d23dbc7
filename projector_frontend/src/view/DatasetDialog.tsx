import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { DatasetPreview, SentFile } from '../api/types';
import { FORMATS, isAnnotations, SPLITS, type Chosen } from '../state/datasets';
import { number, plural, short } from '../state/format';
import { useApp } from './actions';
import { Dialog } from './Dialog';

const MOST_NOTES = 5;
const OWN = 'own';

/** A dataset before it is downloaded: what can be chosen of it, and what it will hold. */
export function DatasetDialog(): JSX.Element {
  const { store, actions } = useApp();
  const name = store.datasetFormat.value;
  const format = FORMATS[name];
  const chosen = useSignal<Chosen>({ split: '', suggestions: null, spreadsheet: false, authors: false });
  const files = useSignal<readonly SentFile[] | null>(null);
  const preview = useSignal<DatasetPreview | null>(null);
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  /** Answers to what is no longer chosen do not count. */
  const asked = useRef(0);
  const looking = useRef<Promise<void>>(Promise.resolve());
  const told = (error: unknown): void => {
    preview.value = null;
    problem.value = error instanceof Error ? error.message : String(error);
  };
  const look = async (answer: Promise<DatasetPreview>): Promise<void> => {
    const mine = (asked.current += 1);
    problem.value = null;
    busy.value = true;
    try {
      const found = await answer;
      if (mine === asked.current) preview.value = found;
    } catch (error) {
      if (mine === asked.current) told(error);
    } finally {
      if (mine === asked.current) busy.value = false;
    }
  };
  useEffect(() => {
    if (!isAnnotations(name)) looking.current = look(actions.previewDataset(name, chosen.value));
    else if (files.value) looking.current = look(actions.previewAnnotations(name, files.value));
  }, [name, chosen.value, files.value]);
  const choose = async (list: FileList | null): Promise<void> => {
    asked.current += 1; // of what was chosen before, nothing more is told
    preview.value = null;
    problem.value = null;
    files.value = null;
    if (!isAnnotations(name) || !list || list.length === 0) return;
    try {
      files.value = await actions.readFiles(name, [...list]);
    } catch (error) {
      told(error);
    }
  };
  /** Whoever is quick need not wait for the look: what it finds wrong still counts. */
  const take = async (): Promise<void> => {
    await looking.current;
    if (preview.value === null) return;
    busy.value = true;
    try {
      if (!isAnnotations(name)) await actions.downloadDataset(name, chosen.value);
      else await actions.downloadAnnotations(name, files.value ?? [], preview.value.file);
      actions.closeDialog();
    } catch (error) {
      told(error);
    }
    busy.value = false;
  };
  return (
    <Dialog title={`Download as ${format.title}`} testId="dataset-dialog">
      <p class="note">{format.holds}</p>
      {format.group === 'With pictures' && (
        <p class="note">
          The pictures are those that the run keeps, in their size. The command “tb-tsne labels export” takes
          your own files.
        </p>
      )}
      {format.annotations && (
        <input
          type="file"
          ref={(field) => void field?.toggleAttribute('webkitdirectory', format.files?.folder === true)}
          autofocus
          aria-label={format.files?.what}
          data-testid="dataset-files"
          onChange={(event) => void choose(event.currentTarget.files)}
        />
      )}
      <Options chosen={chosen.value} choose={(next) => (chosen.value = next)} />
      {problem.value && (
        <p class="problem" role="alert" data-testid="dataset-problem">
          {problem.value}
        </p>
      )}
      {preview.value && <Preview {...preview.value} />}
      <footer>
        <button
          type="button"
          class={busy.value ? 'primary busy' : 'primary'}
          autofocus={!format.annotations}
          disabled={problem.value !== null || (format.annotations === true && files.value === null)}
          data-testid="dataset-download"
          onClick={() => void take()}
        >
          Download
        </button>
        <button type="button" class="plain" onClick={actions.closeDialog}>
          Cancel
        </button>
      </footer>
    </Dialog>
  );
}

/** What a format has a place for. */
function Options({ chosen, choose }: { chosen: Chosen; choose: (next: Chosen) => void }): JSX.Element | null {
  const { store } = useApp();
  const own = useSignal(false);
  const percent = useSignal(store.sureFrom.peek());
  const format = FORMATS[store.datasetFormat.value];
  return (
    <>
      {format.splits && (
        <label class="row">
          <span class="name">Parts</span>
          <select
            data-testid="dataset-split"
            value={own.value ? OWN : chosen.split}
            onChange={(event) => {
              const { value } = event.currentTarget;
              own.value = value === OWN;
              if (value !== OWN) choose({ ...chosen, split: value });
            }}
          >
            {SPLITS.map(({ value, text }) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
            <option value={OWN}>others …</option>
          </select>
        </label>
      )}
      {format.splits && own.value && (
        <label class="row">
          <span class="name">Shares</span>
          <input
            type="text"
            value={chosen.split}
            placeholder="train=.7,val=.15,test=.15"
            data-testid="dataset-shares"
            onChange={(event) => choose({ ...chosen, split: event.currentTarget.value })}
          />
        </label>
      )}
      {format.suggestions && (
        <div class="check">
          <label class="check">
            <input
              type="checkbox"
              checked={chosen.suggestions !== null}
              data-testid="dataset-suggestions"
              onChange={(event) =>
                choose({ ...chosen, suggestions: event.currentTarget.checked ? percent.value : null })
              }
            />
            <span>Suggestions too, marked as such, from</span>
          </label>
          <input
            type="number"
            class="number"
            min={0}
            max={100}
            value={percent.value}
            aria-label="Suggestions from, per cent"
            data-testid="dataset-percent"
            onChange={(event) => {
              const { valueAsNumber } = event.currentTarget;
              percent.value = Math.min(100, Math.max(0, Number.isNaN(valueAsNumber) ? 100 : valueAsNumber));
              if (chosen.suggestions !== null) choose({ ...chosen, suggestions: percent.value });
            }}
          />
          %
        </div>
      )}
      {format.authors && (
        <label class="check">
          <input
            type="checkbox"
            checked={chosen.authors}
            data-testid="dataset-authors"
            onChange={(event) => choose({ ...chosen, authors: event.currentTarget.checked })}
          />
          <span>Who gave each label, and when</span>
        </label>
      )}
      {format.spreadsheet && (
        <label class="check">
          <input
            type="checkbox"
            checked={chosen.spreadsheet}
            data-testid="dataset-spreadsheet"
            onChange={(event) => choose({ ...chosen, spreadsheet: event.currentTarget.checked })}
          />
          <span>For a spreadsheet: nothing in it runs as a formula</span>
        </label>
      )}
    </>
  );
}

function Preview({ file, count, left_out: left, notes }: DatasetPreview): JSX.Element {
  return (
    <div class="dataset-preview" data-testid="dataset-preview">
      <p>
        <b class="tabular">{number(count)}</b> {count === 1 ? 'image leaves' : 'images leave'}
        {left > 0 && `; ${plural(left, 'other stays', 'others stay')}`}
      </p>
      <p class="muted" dir="auto" title={file}>
        {short(file)}
      </p>
      {notes.slice(0, MOST_NOTES).map((note) => (
        <p class="note" key={note} dir="auto">
          {short(note)}
        </p>
      ))}
    </div>
  );
}

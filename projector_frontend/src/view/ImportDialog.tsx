import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Imported, ImportedName, ImportPreview } from '../api/types';
import { FORMATS, isImported, type FormatName } from '../state/datasets';
import { decodeTable } from '../state/decoding';
import { number, plural, short } from '../state/format';
import { useApp } from './actions';
import { takeFocus } from './controls';
import { Dialog } from './Dialog';

/** A body may have 1 MiB, and its quotes and line ends grow in JSON. */
const MOST_BYTES = 900_000;
const MOST_NOTES = 5;
const FORM_NAMES = (Object.keys(FORMATS) as FormatName[]).filter(isImported);

/** Labels from a table or a dataset: chosen, looked at, then taken in. */
export function ImportDialog(): JSX.Element {
  const { actions } = useApp();
  /** What it is: a table, or files of a format. */
  const form = useSignal<ImportedName | null>(null);
  const file = useSignal<{ name: string; table: Imported; note: string | null } | null>(null);
  const replace = useSignal(false);
  const preview = useSignal<ImportPreview | null>(null);
  const problem = useSignal<string | null>(null);
  /** Whether so many new classes are meant. */
  const asked = useSignal(false);

  const reset = (): void => {
    file.value = null;
    preview.value = null;
    problem.value = null;
    asked.value = false;
  };
  const choose = async (list: FileList | null): Promise<void> => {
    reset();
    const [chosen] = list ?? [];
    if (!chosen) return;
    const { value: format } = form;
    if (format) {
      try {
        const files = await actions.readFiles(format, [...(list ?? [])]);
        file.value = {
          name: chosen.webkitRelativePath.split('/')[0] || chosen.name,
          table: { format, files },
          note: null,
        };
      } catch (error) {
        problem.value = error instanceof Error ? error.message : String(error);
      }
      return;
    }
    if (chosen.size > MOST_BYTES) {
      problem.value = 'The file is larger than 900 kB; use “tb-tsne labels import” for it.';
      return;
    }
    const { text, note } = decodeTable(new Uint8Array(await chosen.arrayBuffer()));
    file.value = { name: chosen.name, table: text, note };
  };
  useEffect(() => {
    if (!file.value) return;
    const { name, table } = file.value;
    problem.value = null;
    asked.value = false;
    actions.previewImport(table, name, replace.value).then(
      (answer) => (preview.value = answer),
      (error: unknown) => (problem.value = error instanceof Error ? error.message : String(error)),
    );
  }, [file.value, replace.value]);
  const changes = preview.value ? preview.value.labeled + preview.value.changed + preview.value.set_aside : 0;
  const take = (manyClasses: boolean): void => {
    const { name, table } = file.value ?? { name: '', table: '' };
    void actions
      .importTable(table, name, replace.value, manyClasses)
      .then((done) => done && actions.closeDialog());
  };
  const isFolder = form.value !== null && FORMATS[form.value].files?.folder === true;
  return (
    <Dialog title="Import labels" testId="import-dialog">
      <label class="row">
        <span class="name">What it is</span>
        <select
          value={form.value ?? ''}
          data-testid="import-form"
          onChange={(event) => {
            reset();
            form.value = FORM_NAMES.find((name) => name === event.currentTarget.value) ?? null;
          }}
        >
          <option value="">table</option>
          {FORM_NAMES.map((name) => (
            <option key={name} value={name}>
              {FORMATS[name].title}
            </option>
          ))}
        </select>
      </label>
      <p class="note">
        {form.value ? (
          FORMATS[form.value].holds
        ) : (
          <>
            A table with a column <code>sample_id</code> or <code>file</code> and a column <code>label</code>:
            one downloaded here, a spreadsheet’s CSV, or the stock Projector’s.
          </>
        )}
      </p>
      <input
        key={form.value}
        type="file"
        ref={(field) => void field?.toggleAttribute('webkitdirectory', isFolder)}
        accept={form.value ? undefined : '.tsv,.csv,.txt,text/tab-separated-values,text/csv'}
        aria-label={form.value ? FORMATS[form.value].files?.what : 'Table with labels'}
        data-testid="import-file"
        onChange={(event) => void choose(event.currentTarget.files)}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={replace.value}
          data-testid="import-replace"
          onChange={(event) => (replace.value = event.currentTarget.checked)}
        />
        <span>Replace labels that images have already</span>
      </label>
      {problem.value && (
        <p class="problem" role="alert" data-testid="import-problem">
          {problem.value}
        </p>
      )}
      {preview.value && (
        <Preview
          {...preview.value}
          notes={file.value?.note ? [file.value.note, ...preview.value.notes] : preview.value.notes}
        />
      )}
      {preview.value && asked.value ? (
        <ManyClasses count={preview.value.new_classes.length} make={() => take(true)} />
      ) : (
        <footer>
          <button
            type="button"
            class="primary"
            disabled={changes === 0}
            data-testid="import-apply"
            onClick={() => (preview.value?.many_classes ? (asked.value = true) : take(false))}
          >
            {!preview.value
              ? 'Import'
              : changes === 0
                ? 'Nothing to import'
                : `Import ${plural(changes, 'label')}${preview.value.many_classes ? ' …' : ''}`}
          </button>
          <button type="button" class="plain" onClick={actions.closeDialog}>
            Cancel
          </button>
        </footer>
      )}
    </Dialog>
  );
}

/** Very many classes are more often names or measurements: asked once more, and not by the button just pressed. */
function ManyClasses({ count, make }: { count: number; make: () => void }): JSX.Element {
  const { actions } = useApp();
  const what = plural(count, 'class', 'classes');
  return (
    <div class="asking" role="group" aria-label={`Make ${what}?`} data-testid="many-classes">
      <p role="alert">
        <b>Are these {what}?</b> Names and measurements need not be labels: as columns of the run they can be
        searched, and numbers can colour the picture.
      </p>
      <footer>
        <button type="button" class="plain" ref={takeFocus} onClick={actions.closeDialog}>
          Cancel
        </button>
        <button type="button" class="plain" data-testid="make-many-classes" onClick={make}>
          Make {what}
        </button>
      </footer>
    </div>
  );
}

function Preview(preview: ImportPreview): JSX.Element {
  const { labeled, changed, set_aside: aside, unchanged, unknown, unknown_examples: examples } = preview;
  const fresh = preview.new_classes;
  const notes = preview.notes.slice(0, MOST_NOTES);
  const lines: [string, number, string?][] = [
    ['newly labelled', labeled],
    ['given another label or state', changed],
    ...(aside > 0 ? [['set aside', aside] as [string, number]] : []),
    ['left as they are', unchanged],
    ['not in this run, left out', unknown, examples.slice(0, 3).join(', ')],
    ['new classes', fresh.length, fresh.slice(0, 6).join(', ')],
  ];
  return (
    <div data-testid="import-preview">
      <dl class="facts tabular">
        {lines.map(([what, count, more]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{number(count)}</dd>
            <dd class="words muted" title={more} dir="auto">
              {count > 0 ? more : ''}
            </dd>
          </div>
        ))}
      </dl>
      {notes.map((note) => (
        <p class="note" key={note} dir="auto">
          {short(note)}
        </p>
      ))}
    </div>
  );
}

import { batch } from '@preact/signals';
import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import { lastLabel, NO_EFFORT } from '../state/history';
import { labelStateFrom, DEFAULT_COLUMN, EMPTY_LABEL_STATE } from '../state/labels';
import { toldColumns } from '../state/metadata';
import { NOTHING } from '../state/selection';
import { COLOR_BY_LABEL, type Phase, type Store } from '../state/store';
import { noteRefusal, noteToken } from './connection';
import { loadHistory } from './history';
import { readLabels } from './labels';
import { remember, remembered } from './memory';
import { showNewNotes } from './notes';
import { sentence, toast } from './toasts';

const DEFAULT_K = 20;

/**
 * Finds the runs and opens the one that this tab shows. A new tab, or one whose run is gone, opens the one of last time,
 * whichever tab that was in, or the first that can be read.
 */
export async function openFirst(client: Client, store: Store): Promise<void> {
  store.phase.value = { kind: 'loading', words: 'Looking for runs' };
  try {
    store.runs.value = await client.runs();
  } catch (error) {
    noteToken(store, error);
    store.phase.value = failure(error);
    return;
  }
  const { runs } = store.runs.value;
  const here = { run: store.run.value, tensor: store.tensor.value ?? undefined, column: store.column.value };
  const known = [here, remembered()].find(({ run }) => runs.some((each) => each.run === run));
  const first = runs.find((each) => each.problem === null) ?? runs[0];
  if (known?.run) await open(client, store, known.run, known.tensor, known.column);
  else if (first) await open(client, store, first.run);
  else store.phase.value = { kind: 'no-runs' };
}

/**
 * Opens a run; its labels, samples and pictures are there, and its t-SNE started, when this resolves.
 *
 * @param column the label column; the run's first where it has none of that name
 */
export async function open(
  client: Client,
  store: Store,
  run: string,
  tensor?: string,
  column = DEFAULT_COLUMN,
): Promise<void> {
  const info = store.runs.value?.runs.find((each) => each.run === run);
  clear(store);
  store.run.value = run;
  // Kept where this fails, for the next try.
  store.column.value = column;
  const name = info?.tensors.find((each) => each.name === tensor)?.name ?? info?.tensors[0]?.name ?? null;
  store.tensor.value = name;
  if (!info || info.problem !== null || name === null) {
    const reason = info?.problem ?? 'It has no features.';
    store.phase.value = { kind: 'bad-run', reason };
    return;
  }
  store.phase.value = { kind: 'loading', words: 'Loading samples and labels' };
  const current = (): boolean => store.run.value === run && store.tensor.value === name;
  try {
    const there = column === DEFAULT_COLUMN ? null : await client.labelColumns(run);
    if (!current()) return;
    const known = there === null || there.columns.includes(column);
    store.blind.value = there?.blind ?? {};
    store.column.value = known ? column : DEFAULT_COLUMN;
    remember({ run, tensor: name, column: store.column.value });
    // The worker starts meanwhile; what it has to say is only asked for afterwards.
    const starting = startSession(client, store);
    const of = store.labelColumn.value;
    const [samples, labels] = await Promise.all([
      client.samples(run, name),
      readLabels(client, store, of, name),
    ]);
    await starting;
    if (!current()) return;
    store.columns.value = labels.columns;
    store.blind.value = labels.blind;
    const last = remembered();
    store.spritesWanted.value = samples.sprite !== null && (last.sprites ?? true);
    batch(() => {
      store.textColumns.value = toldColumns(samples);
      store.samples.value = samples;
    });
    if (store.colorColumns.value.some((column) => column.name === last.colorBy))
      store.colorBy.value = last.colorBy ?? COLOR_BY_LABEL;
    store.labelState.value = labelStateFrom(labels);
    store.k.value = Math.min(remembered().k ?? DEFAULT_K, Math.max(1, samples.count - 1));
    store.phase.value = { kind: 'ready' };
    showNewNotes(store);
    await Promise.all([
      samples.sprite ? loadSheet(client, store, run, name) : null,
      showHistory(client, store),
    ]);
  } catch (error) {
    if (!current()) return;
    noteToken(store, error);
    store.phase.value = failure(error);
  }
}

/** Looks at another label column of the same run: the picture and what is selected stay. */
export async function openColumn(client: Client, store: Store, column: string): Promise<void> {
  const { value: run } = store.run;
  const { value: tensor } = store.tensor;
  if (run === null || tensor === null) return;
  const labels = await readLabels(client, store, { run, column }, tensor);
  if (store.run.value !== run || store.tensor.value !== tensor) return;
  batch(() => {
    forgetLabels(store);
    store.column.value = column;
    store.columns.value = labels.columns;
    store.blind.value = labels.blind;
    store.labelState.value = labelStateFrom(labels);
  });
  remember({ column });
  await Promise.all([startSession(client, store), showHistory(client, store)]);
}

async function showHistory(client: Client, store: Store): Promise<void> {
  try {
    await loadHistory(client, store);
    store.lastClass.value ??= lastLabel(store.history.value);
  } catch (error) {
    toast(store, sentence(error), 'bad');
  }
}

async function startSession(client: Client, store: Store): Promise<void> {
  const of = store.labelColumn.value;
  const tensor = store.tensor.value ?? '';
  try {
    // Somebody who may only look can still watch a session that others have started.
    const state = store.runs.value?.can_edit
      ? await client.start(store.toFollow.value, tensor)
      : await client.sessionState(of.run, tensor);
    if (store.labelColumn.value === of && store.tensor.value === tensor) store.session.value = state;
  } catch (error) {
    if (noteRefusal(store, error)) return;
    // For somebody who may only look, no session is no fault: the page says so by itself.
    if (!(error instanceof ApiError && error.code === 'no_session')) toast(store, sentence(error), 'bad');
  }
}

/** Loads the sheet; a run without its pictures is still worth showing, as dots. */
async function loadSheet(client: Client, store: Store, run: string, tensor: string): Promise<void> {
  try {
    const blob = await client.sprite(run, tensor);
    const bitmap = await createImageBitmap(blob, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
    if (store.run.value === run && store.tensor.value === tensor) store.sheet.value = bitmap;
    else bitmap.close();
  } catch (error) {
    const reason = error instanceof ApiError ? error.message : 'The sprite sheet cannot be decoded.';
    store.sheetProblem.value = reason;
    toast(store, `${reason} Dots are shown instead.`, 'bad');
  }
}

function clear(store: Store): void {
  store.sheet.value?.close();
  store.sheet.value = null;
  store.sheetProblem.value = null;
  store.notesOpen.value = false;
  store.samples.value = null;
  store.textColumns.value = new Map();
  store.measuredColumns.value = new Map();
  store.cells.value = new Map();
  forgetLabels(store);
  store.columns.value = [DEFAULT_COLUMN];
  store.blind.value = {};
  store.session.value = null;
  store.startProblem.value = null;
  store.hasFrame.value = false;
  store.selection.value = NOTHING;
  store.hover.value = null;
  store.query.value = '';
  store.hasImages.value = true;
  store.hasPictures.value = true;
  store.placeRow.value = null;
  if (store.dialog.value === 'place') store.dialog.value = null;
  store.forecast.value = null;
  store.outline.value = null;
  store.queryProblem.value = null;
}

function forgetLabels(store: Store): void {
  store.labelState.value = EMPTY_LABEL_STATE;
  store.history.value = [];
  store.historyOf.value = null;
  store.authors.value = null;
  store.toSettle.value = null;
  store.hasOlder.value = false;
  store.effortBefore.value = NO_EFFORT;
  store.lastClass.value = null;
  store.overwrite.value = false;
  store.colorBy.value = COLOR_BY_LABEL;
  store.hiddenGroups.value = new Set();
  store.labeledHidden.value = false;
}

/** What stands in the picture's place after an error. */
function failure(error: unknown): Phase {
  const message = sentence(error);
  if (!(error instanceof ApiError)) return { kind: 'failed', message };
  switch (error.code) {
    case 'bad_run':
      return { kind: 'bad-run', reason: message };
    case 'host_refused':
    case 'origin_refused':
      return { kind: 'refused', message, flag: `--tsne_allowed_hosts ${location.hostname}` };
    case 'intercepted':
      return { kind: 'intercepted', message };
    default:
      return error.transient ? { kind: 'unreachable' } : { kind: 'failed', message };
  }
}

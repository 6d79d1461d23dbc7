import { computed, signal } from '@preact/signals';
import type {
  ClassInfo,
  Column,
  HistoryEntry,
  RunInfo,
  RunsAnswer,
  SamplesAnswer,
  SessionState,
} from '../contract';
import { colorColumns, columnColors, labelColors, legendOf, type LegendEntry } from './coloring';
import { effort, type Effort } from './history';
import { countByClass, EMPTY_BOOK, UNLABELED, withPending, type LabelBook, type Pending } from './labels';
import type { SavedState } from './outbox';
import { members, NOTHING, shownRows, type Selection } from './selection';

/** What the middle of the page shows. */
export type Phase =
  | { kind: 'loading'; words: string }
  | { kind: 'ready' }
  | { kind: 'no-runs' }
  | { kind: 'bad-run'; reason: string }
  | { kind: 'unreachable' }
  | { kind: 'no-webgl' }
  | { kind: 'failed'; message: string };

export interface Toast {
  id: number;
  text: string;
  tone: 'info' | 'good' | 'bad';
}

/** Where the pointer rests: a row, and where its card goes (CSS pixels in the view). */
export interface Hover {
  row: number;
  x: number;
  y: number;
}

export const COLOR_BY_LABEL = '';

/** Everything the page knows. Only `main` writes; views read. */
export function createStore() {
  const phase = signal<Phase>({ kind: 'loading', words: 'Looking for runs' });
  const runs = signal<RunsAnswer | null>(null);
  const run = signal<string | null>(null);
  const tensor = signal<string | null>(null);
  const samples = signal<SamplesAnswer | null>(null);
  const sheet = signal<ImageBitmap | null>(null);
  /** Why images cannot be shown although the run has a sprite sheet. */
  const sheetProblem = signal<string | null>(null);
  const book = signal<LabelBook>(EMPTY_BOOK);
  const pending = signal<readonly Pending[]>([]);
  const history = signal<readonly HistoryEntry[]>([]);
  const session = signal<SessionState | null>(null);
  const frameEpoch = signal(0);
  const hasFrame = signal(false);
  const selection = signal<Selection>(NOTHING);
  const overwrite = signal(false);
  const k = signal(20);
  const lastClass = signal<number | null>(null);
  const colorBy = signal(COLOR_BY_LABEL);
  const query = signal('');
  const queryProblem = signal<string | null>(null);
  const hover = signal<Hover | null>(null);
  /** Size of the picture, CSS pixels. */
  const viewport = signal({ width: 0, height: 0 });
  const spritesWanted = signal(true);
  const spriteSize = signal(28);
  /** The size was set by hand, and no longer follows the number of images. */
  const sizeChosen = signal(false);
  const autoFit = signal(true);
  const toasts = signal<readonly Toast[]>([]);
  const helpOpen = signal(false);
  const dark = signal(false);
  const connected = signal(true);
  const contextLost = signal(false);

  const labels = computed(() => withPending(book.value.labels, pending.value));
  const counts = computed(() => countByClass(labels.value));
  const labelled = computed(() => labels.value.length - (counts.value.get(UNLABELED) ?? 0));
  const rowOf = computed(() => new Map(samples.value?.sample_ids.map((id, row) => [id, row])));
  const colorColumn = computed((): Column | null => {
    const name = colorBy.value;
    return (name !== COLOR_BY_LABEL && samples.value?.columns.find((each) => each.name === name)) || null;
  });
  const legend = computed((): LegendEntry[] => (colorColumn.value ? legendOf(colorColumn.value) : []));
  const shown = computed(() => shownRows(selection.value));
  const selected = computed(() => members(selection.value));

  return {
    phase,
    runs,
    run,
    tensor,
    samples,
    sheet,
    sheetProblem,
    book,
    pending,
    history,
    session,
    frameEpoch,
    hasFrame,
    selection,
    /** Replace labels that the selection already carries, for the next labelling. */
    overwrite,
    k,
    lastClass,
    colorBy,
    query,
    queryProblem,
    hover,
    viewport,
    spritesWanted,
    spriteSize,
    sizeChosen,
    autoFit,
    toasts,
    helpOpen,
    dark,
    connected,
    contextLost,
    /** Set by `main` once its outbox exists. */
    saved: signal<SavedState>({ kind: 'saved' }),

    labels,
    counts,
    labelled,
    rowOf,
    legend,
    /** Rows in the grid, dropped ones included; and those really selected. */
    shown,
    selected,
    labelledInSelection: computed(() => {
      const now = labels.value;
      return selected.value.reduce((sum, row) => sum + (now[row] === UNLABELED ? 0 : 1), 0);
    }),
    colorColumns: computed((): Column[] => {
      const answer = samples.value;
      return answer ? colorColumns(answer.columns, answer.count) : [];
    }),
    colors: computed((): Uint8Array => {
      const column = colorColumn.value;
      return column ? columnColors(column, legend.value) : labelColors(labels.value, book.value.classes);
    }),
    classById: computed(
      () => new Map(book.value.classes.map((each): [number, ClassInfo] => [each.id, each])),
    ),
    effort: computed((): Effort => effort(history.value)),
    runInfo: computed((): RunInfo | null => runs.value?.runs.find((each) => each.run === run.value) ?? null),
    /** Why nothing can be edited at present, or null. */
    editProblem: computed((): string | null => {
      if (runs.value && !runs.value.can_edit)
        return runs.value.edit_problem ?? 'This page may look, but not edit.';
      return book.value.problem;
    }),
    spritesShown: computed(() => spritesWanted.value && sheet.value !== null),
  };
}

export type Store = ReturnType<typeof createStore>;

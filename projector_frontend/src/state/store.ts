import { computed, signal } from '@preact/signals';
import type {
  ClassInfo,
  Disagreement,
  Colleague,
  HistoryEntry,
  LabelColumn,
  RunInfo,
  RunsAnswer,
  SamplesAnswer,
  SessionState,
  StandingAnswer,
} from '../api/types';
import {
  colorColumns,
  columnColors,
  labelColors,
  legendOf,
  LIT,
  litColors,
  type LegendEntry,
} from './coloring';
import { scaleColors, scaleOf, type Scale } from './scale';
import { effort, NO_EFFORT, type Effort } from './history';
import {
  countByClass,
  DEFAULT_COLUMN,
  EMPTY_LABEL_STATE,
  IGNORED,
  SEEN,
  UNLABELED,
  UNSURE,
  withPending,
  type LabelState,
  type Pending,
} from './labels';
import {
  acceptable,
  withSuggestedColors,
  type Forecast,
  type ToVerify,
  type QueryCandidate,
  type Suggestions,
} from './guidance';
import { heldRows } from './crew';
import { RESOLUTION_STEPS, type Cluster } from './clusters';
import type { FormatName } from './datasets';
import { hiddenRows } from './hiding';
import type { KeyMap } from './keys';
import type { MeasuredColumn, MetadataColumn } from './metadata';
import { notesOf } from './notes';
import { placesOf } from './places';
import type { ChangeName, Connection, SavedState } from './outbox';
import { nextStep, type NextStep } from './next_steps';
import { classesToReview, type Known, type Review } from './review';
import { members, NOTHING, shownRows, type Selection } from './selection';
import { actionsToGo } from './standing';
import { largestTiles, tilingFor, usualEdge, type Room, type Tiling } from './tiling';

/** What the middle of the page shows. */
export type Phase =
  | { kind: 'loading'; words: string }
  | { kind: 'ready' }
  | { kind: 'no-runs' }
  | { kind: 'bad-run'; reason: string }
  | { kind: 'unreachable' }
  /** The server answers nobody under this address; `flag` lets it. */
  | { kind: 'refused'; message: string; flag: string }
  /** Somebody else answered in the server's place. */
  | { kind: 'intercepted'; message: string }
  | { kind: 'failed'; message: string };

/** What draws the picture, and why the processor does where it does. */
export type DrawnBy = { kind: 'graphics' } | { kind: 'processor'; reason: 'no-webgl' | 'no-card' | 'chosen' };

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
  /** How far from there its card begins, so that it does not cover what is pointed at. */
  reach?: number;
}

export const COLOR_BY_LABEL = '';
/** By who gave the label; no column has such a name. */
export const COLOR_BY_PERSON = '\n';

export type Tool = 'orbit' | 'box' | 'lasso';
export type Dialog = 'keys' | 'import' | 'waiting' | 'place' | 'dataset' | 'question';
export type RendererWanted = 'auto' | 'graphics' | 'processor';

export interface Question {
  title: string;
  words: string;
  /** What the button says that does it. */
  act: string;
  yes: () => void;
  /** It cannot be undone: then Enter alone does not do it. */
  forGood?: true;
}

/** Everything the page knows. Only `app` writes; views read. */
export function createStore() {
  const phase = signal<Phase>({ kind: 'loading', words: 'Looking for runs' });
  const runs = signal<RunsAnswer | null>(null);
  const run = signal<string | null>(null);
  const tensor = signal<string | null>(null);
  /** The label column looked at, and all that the run has. */
  const column = signal(DEFAULT_COLUMN);
  const columns = signal<readonly string[]>([DEFAULT_COLUMN]);
  /** Whose those columns are that are blind, by name. */
  const blind = signal<Readonly<Record<string, string>>>({});
  const samples = signal<SamplesAnswer | null>(null);
  /** The columns of the metadata that are here: their cells, and what they measure. Of a run that is not very large, all cells. */
  const textColumns = signal<ReadonlyMap<string, MetadataColumn>>(new Map());
  const measuredColumns = signal<ReadonlyMap<string, MeasuredColumn>>(new Map());
  /** The cells of rows that were pointed at, where not all are here. */
  const cells = signal<ReadonlyMap<number, readonly string[]>>(new Map());
  const sheet = signal<ImageBitmap | null>(null);
  /** Why images cannot be shown although the run has a sprite sheet. */
  const sheetProblem = signal<string | null>(null);
  /** Whether the notes on the run are open, and whether somebody asked for them. */
  const notesOpen = signal<false | 'asked' | 'unasked'>(false);
  const labelState = signal<LabelState>(EMPTY_LABEL_STATE);
  const pending = signal<readonly Pending[]>([]);
  /** The newest entries of the history, newest first; whether there are older ones, and what those cost. */
  const history = signal<readonly HistoryEntry[]>([]);
  const hasOlder = signal(false);
  const effortBefore = signal<Effort>(NO_EFFORT);
  /** Whose part of the history is shown alone, and what is known of it; null for everybody's. */
  const historyOf = signal<string | null>(null);
  const theirHistory = signal<{ entries: readonly HistoryEntry[]; more: boolean }>({
    entries: [],
    more: false,
  });
  /** Who gave each row its label; null until that is asked for. */
  const authors = signal<MetadataColumn | null>(null);
  const session = signal<SessionState | null>(null);
  /** Why there is none, where the server would not start one. */
  const startProblem = signal<string | null>(null);
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
  const tool = signal<Tool>('orbit');
  /** The outline being dragged, CSS pixels in the view. */
  const outline = signal<readonly number[] | null>(null);
  /** Classes (or values of the colour column) that are not drawn. */
  const hiddenGroups = signal<ReadonlySet<string>>(new Set());
  const labeledHidden = signal(false);
  /** Where neighbours are looked for. */
  const space = signal<'embedding' | 'features'>('embedding');
  const gridOrder = signal<'near' | 'unlikely'>('near');
  /** What is known of the selection before it is labeled; guidance writes it. */
  const forecast = signal<Forecast | null>(null);
  /** Groups worth a look, best first. */
  const candidates = signal<readonly QueryCandidate[]>([]);
  const suggestions = signal<Suggestions | null>(null);
  const suggestionsShown = signal(false);
  /** Suggestions of at least so many per cent are accepted and shown. */
  const sureFrom = signal(90);
  /** Labels to verify; null before they were asked for. */
  const toVerify = signal<ToVerify | null>(null);
  const verifying = signal(false);
  /** Images that were given several classes, and how many there are in all; null before they were asked for. */
  const toSettle = signal<{ rows: readonly Disagreement[]; count: number } | null>(null);
  /** Groups of the whole set; null before they were asked for. How fine they are, and those passed over. */
  const clusters = signal<readonly Cluster[] | null>(null);
  const clusterStep = signal(Math.round(RESOLUTION_STEPS / 2));
  const skippedClusters = signal<ReadonlySet<number>>(new Set());
  const findingClusters = signal(false);
  /** False once an image was asked for in vain: this run holds none. */
  const hasImages = signal(true);
  /** The same of whole pictures that samples are parts of; and the row whose picture is open. */
  const hasPictures = signal(true);
  const placeRow = signal<number | null>(null);
  const keyMap = signal<KeyMap>({});
  const dialog = signal<Dialog | null>(null);
  /** What the dialog of that name asks, and what is done after a yes. */
  const question = signal<Question | null>(null);
  /** What the person here calls themselves; null before they were asked. */
  const ownName = signal<string | null>(null);
  /** What the dialog of that name is about. */
  const datasetFormat = signal<FormatName>('csv');
  /** Size of the view, CSS pixels. */
  const viewSize = signal({ width: 0, height: 0 });
  const spritesWanted = signal(true);
  const spriteSize = signal(28);
  /** The size was set by hand, and no longer follows the number of images. */
  const sizeChosen = signal(false);
  const autoFit = signal(true);
  /** What is looked through page by page in the picture's place; null while the picture is there. */
  const review = signal<Review | null>(null);
  /** Rows on its page that are picked, and the one that the pointer or the arrows were at last. */
  const picked = signal<ReadonlySet<number>>(new Set());
  const currentRow = signal<number | null>(null);
  /** Where the menu of the picked rows is open, the row it stands at. */
  const menuAt = signal<number | null>(null);
  /** The room for tiles, CSS pixels; and the edge of a tile where one was chosen. */
  const room = signal<Room>({ width: 960, height: 600 });
  const tileEdge = signal<number | null>(null);
  /** Larger pictures of some rows, square as they are shown; counted up as more arrive. */
  const sharpTiles = signal<{ at: (row: number) => ImageBitmap | undefined; count: number }>({
    at: () => undefined,
    count: 0,
  });
  /** Whether what takes part in nothing is drawn all the same. */
  const ignoredShown = signal(false);
  /** What to do next, best first, as the server says it. */
  const nextSteps = signal<readonly NextStep[]>([]);
  /** The share of right labels, as the server says it: 0 to 1, from and to. */
  const standing = signal<StandingAnswer | null>(null);
  /** Who else works on these labels. */
  const crew = signal<readonly Colleague[]>([]);
  const toasts = signal<readonly Toast[]>([]);
  const dark = signal(false);
  const connection = signal<Connection>('there');
  const signingIn = signal(false);
  const contextLost = signal(false);
  const rendererWanted = signal<RendererWanted>('auto');
  const drawnBy = signal<DrawnBy | null>(null);

  const rowOf = computed(() => new Map(samples.value?.sample_ids.map((id, row) => [id, row])));
  const marks = computed(() => {
    const { store } = labelState.value;
    const waiting = pending.value.filter(
      (each) => each.store === store && each.run === run.value && each.column === column.value,
    );
    return withPending(labelState.value, waiting, rowOf.value);
  });
  const labels = computed(() => marks.value.labels);
  const counts = computed(() => countByClass(labels.value));
  const labeled = computed(() => {
    const others = [UNLABELED, UNSURE, IGNORED].map((each) => counts.value.get(each) ?? 0);
    return others.reduce((rest, count) => rest - count, labels.value.length);
  });
  const known = computed((): Known => ({ ...marks.value, suggestions: suggestions.value }));
  const toReview = computed(
    () =>
    classesToReview(known.value, labelState.value.classes.map(({ id }) => id)), // prettier-ignore
  );
  const pageTiling = computed(() => tilingFor(room.value, tileEdge.value ?? usualEdge(room.value)));
  const columnNames = computed(() => samples.value?.columns.map(({ name }) => name) ?? []);
  const offeredColumns = computed(() => colorColumns(samples.value?.columns ?? []));
  const colorInfo = computed(() => offeredColumns.value.find(({ name }) => name === colorBy.value) ?? null);
  const colorColumn = computed((): MetadataColumn | null => {
    if (colorBy.value === COLOR_BY_PERSON) return authors.value;
    const info = colorInfo.value;
    return info?.kind === 'groups' ? (textColumns.value.get(info.name) ?? null) : null;
  });
  const scale = computed((): Scale | null => {
    const measured = measuredColumns.value.get(colorInfo.value?.name ?? '');
    return colorInfo.value && measured ? scaleOf(measured) : null;
  });
  const legend = computed((): LegendEntry[] =>
    colorColumn.value ? legendOf(colorColumn.value, runs.value?.palette ?? []) : [],
  );
  const shown = computed(() => shownRows(selection.value));
  const selected = computed(() => members(selection.value));
  const sureRows = (rows: readonly number[] | null): ReadonlyMap<number, readonly number[]> =>
    suggestions.value
      ? acceptable(suggestions.value, labels.value, sureFrom.value, rows, labelState.value.classes)
      : new Map<number, number[]>();
  const suggestedRows = computed(() => sureRows(null));
  const acceptableRows = computed(() =>
    selected.value.length > 0 ? sureRows(selected.value) : suggestedRows.value,
  );
  /** 1 for each row that is not drawn, or null. */
  const hidden = computed((): Uint8Array | null =>
    hiddenRows(labels.value, colorColumn.value, hiddenGroups.value, labeledHidden.value, !ignoredShown.value),
  );

  return {
    phase,
    runs,
    run,
    tensor,
    column,
    columns,
    blind,
    /** Where labels are read and written now. */
    labelColumn: computed((): LabelColumn => ({ run: run.value ?? '', column: column.value })),
    /** Whose the label column is, where it is blind; then the t-SNE, which all see, does not follow it. */
    blindOwner: computed(() => blind.value[column.value] ?? null),
    toFollow: computed(() => ({
      run: run.value ?? '',
      ...(!(column.value in blind.value) && { column: column.value }),
    })),
    samples,
    textColumns,
    measuredColumns,
    cells,
    columnNames,
    /** The cells of all columns, in the order of the columns; null where not all are here. */
    allCells: computed((): readonly MetadataColumn[] | null => {
      const there = columnNames.value.flatMap((name) => textColumns.value.get(name) ?? []);
      return there.length === columnNames.value.length ? there : null;
    }),
    sheet,
    sheetProblem,
    notesOpen,
    /** What one should know of the run: its files, its pictures, and what its t-SNE leaves out. */
    notes: computed((): string[] =>
      notesOf(
        samples.value?.notes ?? [],
        sheetProblem.value === null ? [] : [sheetProblem.value],
        samples.value ? (session.value?.notes ?? []) : [],
      ),
    ),
    labelState,
    pending,
    history,
    hasOlder,
    effortBefore,
    historyOf,
    theirHistory,
    authors,
    session,
    startProblem,
    frameEpoch,
    hasFrame,
    selection,
    /** Replace labels that the selection already carries, for the next labeling. */
    overwrite,
    k,
    lastClass,
    colorBy,
    query,
    queryProblem,
    hover,
    tool,
    outline,
    hiddenGroups,
    labeledHidden,
    space,
    gridOrder,
    forecast,
    candidates,
    suggestions,
    suggestionsShown,
    sureFrom,
    toVerify,
    verifying,
    toSettle,
    clusters,
    clusterStep,
    skippedClusters,
    findingClusters,
    hasImages,
    hasPictures,
    placeRow,
    keyMap,
    dialog,
    question,
    ownName,
    datasetFormat,
    viewSize,
    spritesWanted,
    spriteSize,
    sizeChosen,
    autoFit,
    review,
    picked,
    currentRow,
    menuAt,
    room,
    tileEdge,
    sharpTiles,
    ignoredShown,
    nextSteps,
    standing,
    crew,
    /** Who holds each row that somebody else holds. */
    held: computed(() => heldRows(crew.value, rowOf.value)),
    toasts,
    dark,
    connection,
    /** Whether somebody who looks without a token is about to give one, and why the last that was given is none. */
    signingIn,
    /** Whether the page asks for a token, and shows nothing else. */
    tokenAsked: computed((): boolean => signingIn.value || connection.value === 'signed-out'),
    signInProblem: signal<string | null>(null),
    /** Who is here, and whom the address would have in their place: in words, while that is asked. */
    signInOffer: signal<{ here: string; other: string } | null>(null),
    contextLost,
    drawnBy,
    rendererWanted,
    /** Set by `app` once its outbox exists. */
    saved: signal<SavedState>({ kind: 'saved' }),
    /** Changes that wait in this browser for labels that are not here. */
    elsewhere: signal<readonly ChangeName[]>([]),
    /** The identity of the label store looked at; empty while there is none. */
    labelStore: computed(() => labelState.value.store),

    /** Class ids in row order, and what stands in their place, as they are shown; the states beside them. */
    labels,
    marks,
    counts,
    labeled,
    /** Images that take part, and those of them that a person saw when they got their label. */
    counted: computed(() => labels.value.length - (counts.value.get(IGNORED) ?? 0)),
    seen: computed(() => {
      const { labels: ids, states } = marks.value;
      return states.reduce((sum, state, row) => sum + (state >= SEEN && (ids[row] ?? -1) >= 0 ? 1 : 0), 0);
    }),
    rowOf,
    /** Where samples lie in pictures; null where they are no parts of any. */
    places: computed(() => placesOf(columnNames.value, textColumns.value)),
    known,
    /** Classes with something to harvest, the one with most first. */
    toReview,
    /** How the tiles of a usual page lie, and how many there are on it; and how they lie on the page that is shown. */
    pageTiling,
    pageSize: computed(() => pageTiling.value.columns * pageTiling.value.rows),
    tiling: computed((): Tiling => {
      const { value: usual } = pageTiling;
      if (!review.value) return usual;
      const { page, turned, subject, look } = review.value;
      const shown = page.rows.length;
      // A look, and a set that fits on one page, have a number of their own, and fill the room with it.
      const fits = subject.rows !== null && turned.length === 0 && page.left === shown;
      const alone = fits && tileEdge.value === null;
      const own = look !== null || alone || shown > usual.columns * usual.rows;
      return own && shown > 0 ? largestTiles(shown, room.value) : usual;
    }),
    /** The rows that a class would be given to. */
    targets: computed((): readonly number[] => {
      const { value: looked } = review;
      if (!looked) return selected.value;
      if (picked.value.size > 0) return [...picked.value];
      const names = looked.subject.rows !== null && looked.subject.classId === null;
      return names ? looked.page.rows.filter((row) => labels.value[row] === UNLABELED) : [];
    }),
    /** About how many actions are left until every image is seen. */
    actionsToGo: computed(() =>
      actionsToGo(known.value, toReview.value, pageTiling.value.columns * pageTiling.value.rows),
    ),
    /** What to do next. */
    nextStep: computed((): NextStep | null =>
      nextStep(
        nextSteps.value,
        known.value,
        toReview.value,
        pageTiling.value.columns * pageTiling.value.rows,
        new Set(review.value?.subject.of === 'unsure' ? review.value.turned.flatMap(({ rows }) => rows) : []),
      ),
    ),
    /** What colours the view in the labels' place, or null: a column, once it is here with its groups, or with its scale. */
    colorInfo,
    colorColumn,
    legend,
    scale,
    /** Rows in the grid, dropped ones included; and those really selected. */
    shown,
    selected,
    /** The same as `shown`, in the order asked for. */
    gridRows: computed(() => {
      const dropChances = forecast.value?.dropChances;
      if (gridOrder.value === 'near' || !dropChances) return shown.value;
      return [...shown.value].sort((a, b) => (dropChances.get(b) ?? 0) - (dropChances.get(a) ?? 0));
    }),
    labeledInSelection: computed(() => {
      const now = labels.value;
      return selected.value.reduce((sum, row) => sum + (now[row] === UNLABELED ? 0 : 1), 0);
    }),
    colorColumns: offeredColumns,
    colors: computed((): Uint8Array => {
      const column = colorColumn.value;
      if (scale.value) return scaleColors(scale.value, dark.value);
      if (column) return columnColors(column, legend.value);
      const colors = labelColors(labels.value, labelState.value.classes);
      if (!suggestionsShown.value || !suggestions.value) return colors;
      const { classes } = labelState.value;
      return withSuggestedColors(colors, labels.value, suggestions.value, classes, sureFrom.value);
    }),
    /** The same where the picture is an inset: only what is on the page has a colour, of the class it is taken for. */
    litColors: computed((): Uint8Array | null => {
      const { value: looked } = review;
      if (!looked) return null;
      const info = labelState.value.classes.find(({ id }) => id === looked.subject.classId);
      return litColors(labels.value.length, looked.page.rows, info?.color ?? LIT);
    }),
    classById: computed(
      () => new Map(labelState.value.classes.map((each): [number, ClassInfo] => [each.id, each])),
    ),
    /** Rows without a label by the class that is suggested for them, surely enough. */
    suggestedRows,
    /** Those that would be accepted: in the selection where there is one, else everywhere. */
    acceptableRows,
    acceptableCount: computed((): number =>
      [...acceptableRows.value.values()].reduce((sum, each) => sum + each.length, 0),
    ),
    effort: computed((): Effort => effort(history.value, effortBefore.value)),
    runInfo: computed((): RunInfo | null => runs.value?.runs.find((each) => each.run === run.value) ?? null),
    /** Why nothing can be edited at present, or null. */
    editProblem: computed((): string | null => {
      if (runs.value && !runs.value.can_edit)
        return runs.value.edit_problem ?? 'This page may look, but not edit.';
      return labelState.value.problem;
    }),
    hidden,
    /** How many are hidden that one might look for: what takes part in nothing is not. */
    hiddenCount: computed(() => {
      const now = labels.value;
      const shown = ignoredShown.value;
      return (
        hidden.value?.reduce((sum, each, row) => sum + (shown || now[row] !== IGNORED ? each : 0), 0) ?? 0
      );
    }),
    spritesShown: computed(() => spritesWanted.value && sheet.value !== null),
  };
}

export type Store = ReturnType<typeof createStore>;

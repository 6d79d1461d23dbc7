import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type {
  AnnotationsName,
  DatasetName,
  DatasetPreview,
  Imported,
  ImportedName,
  ImportPreview,
  ParameterChanges,
  SentFile,
} from '../api/types';
import type { Cluster } from '../state/clusters';
import type { Chosen, FormatName } from '../state/datasets';
import type { GroupIssue, QueryCandidate } from '../state/guidance';
import type { Command, KeyMap } from '../state/keys';
import type { Order, Subject } from '../state/review';
import type { Room } from '../state/tiling';
import type { Dialog, Hover, RendererWanted, Store, Tool } from '../state/store';

export type PickMode = 'focus' | 'add' | 'remove';

/** What a pointer can do to the picture; coordinates are CSS pixels from the view's left and top. */
export interface ViewControl {
  attach: (canvas: HTMLCanvasElement) => void;
  resize: (width: number, height: number, ratio: number) => void;
  orbit: (dx: number, dy: number) => void;
  pan: (dx: number, dy: number) => void;
  zoom: (factor: number, x: number, y: number) => void;
  hover: (x: number, y: number) => void;
  leave: () => void;
  click: (x: number, y: number, mode: PickMode) => void;
  /** Shows the outline being dragged (x, y, x, y, …), or none. */
  draw: (outline: readonly number[] | null) => void;
  /** Takes what an outline holds. */
  enclose: (kind: 'box' | 'lasso', outline: readonly number[], mode: PickMode) => void;
}

/** What can be done on pages of images that are looked through. */
export interface PagesControl {
  open: (subject: Subject, order?: Order) => void;
  /** What is suggested to be of a class; where nothing is, what is labeled so. */
  openClass: (id: number) => void;
  verifyClass: (id: number) => void;
  openAside: (of: 'unsure' | 'ignored') => void;
  setRoom: (room: Room) => void;
  setOrder: (order: Order) => void;
  setTileEdge: (edge: number) => void;
  /** The pointer is at a tile, or at none; where its card goes, CSS pixels in the room of the page. */
  point: (row: number | null, at?: Omit<Hover, 'row'>) => void;
  /** `range`: all from the one that was meant last. */
  pick: (row: number, range: boolean) => void;
  /** By their places on the page; `before` stay picked. */
  pickBetween: (from: number, to: number, before: ReadonlySet<number>) => void;
  clearPicked: () => void;
  openMenu: (row: number | null) => void;
  /** A class, or none, for what is picked or pointed at. */
  give: (id: number | null) => void;
  setAside: (aside: 'unsure' | 'ignored') => void;
  /** After a look: the rest unseen, or page by page. */
  acceptRest: () => void;
  lookThrough: () => void;
  close: () => void;
}

/** Everything the page can be asked to do. `app` does it; views only ask. */
export interface Actions {
  view: ViewControl;
  pages: PagesControl;
  run: (command: Command) => void;

  chooseRun: (run: string) => void;
  chooseTensor: (tensor: string) => void;
  /** Looks at another label column, which the t-SNE then follows. */
  chooseColumn: (column: string) => Promise<void>;
  /** Adds a label column and looks at it. Resolves to false when refused. */
  addColumn: (name: string) => Promise<boolean>;
  /** Adds a blind label column of one's own and looks at it. Resolves to false when refused. */
  addBlindColumn: (about: string) => Promise<boolean>;
  /** Asks, and lets everybody read the label column that is looked at. */
  openColumn: () => void;
  retry: () => void;
  /** Loads the page again, with all that is round it. */
  reload: () => void;
  /** Puts text on the clipboard. */
  copy: (text: string) => void;
  search: (query: string) => void;
  colorBy: (column: string) => void;
  setSpriteSize: (size: number) => void;
  setSprites: (on: boolean) => void;
  setTool: (tool: Tool) => void;
  /** Hides a group of the legend, or shows it again. */
  toggleGroup: (group: string) => void;
  isolateGroup: (group: string, all: readonly string[]) => void;
  /** Selects what is of a group of the column that colours the view. */
  selectGroup: (group: string) => void;
  showAll: () => void;
  /** Draws what takes part in nothing, or not. */
  showIgnored: (on: boolean) => void;
  /** Where a row's image is at full size; not every run has them. */
  imageUrl: (row: number) => string;
  /** Where the whole picture is that a row is a part of: one address for all of its parts. */
  pictureUrl: (row: number) => string;
  /** Looks at another part of the picture that is open; at the next one, or the one before. */
  lookInPicture: (row: number) => void;
  stepInPicture: (by: 1 | -1) => void;
  /** Gives it the class of a digit, or none. */
  labelInPicture: (which: number | null) => void;

  setK: (k: number) => void;
  setSpace: (space: 'embedding' | 'features') => void;
  setGridOrder: (order: 'near' | 'unlikely') => void;
  toggleRow: (row: number) => void;
  selectClass: (id: number) => void;
  /** Selects what is suggested to be of a class, surely enough. */
  selectSuggested: (id: number) => void;
  visitCandidate: (candidate: QueryCandidate) => void;
  setSureFrom: (percent: number) => void;
  /** Shows one image by itself. */
  lookAt: (row: number) => void;
  /** Takes a label off the list to verify: changed to the one expected, or kept. */
  settleIssue: (row: number, change: boolean) => void;
  settleGroup: (issue: GroupIssue, change: boolean) => void;
  lookThroughGroup: (issue: GroupIssue) => void;
  setClusterStep: (step: number) => void;
  /** Selects what has no label in a cluster; `add` to what is selected already. */
  selectCluster: (cluster: Cluster, add: boolean) => void;
  lookThroughCluster: (cluster: Cluster) => void;
  skipCluster: (cluster: Cluster) => void;
  setOverwrite: (on: boolean) => void;

  applyClass: (id: number | null) => void;
  /** Adds a class, and gives it to the selection where there is one. Resolves to false when refused. */
  addClass: (name: string) => Promise<boolean>;
  renameClass: (id: number, name: string) => Promise<boolean>;
  recolorClass: (id: number, color: string) => void;
  moveClass: (id: number, position: number) => void;
  mergeClass: (id: number, into: number) => void;
  deleteClass: (id: number) => void;
  /** Reads older entries of the history. */
  loadOlder: () => void;
  /** Gives an image that was labelled in several ways its final label, by the name of the class. */
  settle: (row: number, label: string) => void;
  /** Shows one person's part of the history alone; null for everybody's. */
  showHistoryOf: (author: string | null) => void;
  /** Makes everything as it was at a revision. */
  restore: (revision: number) => void;
  /** Takes back an edit of the history, whoever made it; or does it again. */
  takeBack: (revision: number) => void;
  doAgain: (revision: number) => void;
  /** What the history calls the person here; empty for what it knows by itself. */
  setName: (name: string) => void;
  /** Comes in with a token; resolves to the sentence why not, or to null. */
  enter: (token: string) => Promise<string | null>;
  /** Puts the field for a token away, where looking without one is allowed. */
  goOnWithout: () => void;
  /** Says whether to sign in as whoever a link is for, in place of who is here. */
  answerOffer: (takes: boolean) => void;
  signOut: () => void;
  save: () => void;
  /** Stores changes that wait as those of whoever is here. */
  claimWaiting: (opIds: ReadonlySet<string>) => Promise<void>;
  /** Gives up changes that wait for labels that are not here. */
  discardWaiting: (opIds: ReadonlySet<string>) => Promise<void>;
  /** The labels as a table, at once. */
  /** Downloads the table at once; `authors` adds who gave each label, and when. */
  downloadTsv: (authors: boolean) => void;
  /** Shows what a dataset would hold, before it is downloaded. */
  openDataset: (format: FormatName) => void;
  /** What a dataset would hold; this and the following reject with a sentence where that cannot be. */
  previewDataset: (name: DatasetName, chosen: Chosen) => Promise<DatasetPreview>;
  downloadDataset: (name: DatasetName, chosen: Chosen) => Promise<void>;
  /** Files that were chosen, as they are sent. */
  readFiles: (name: ImportedName, files: readonly File[]) => Promise<SentFile[]>;
  previewAnnotations: (name: AnnotationsName, files: readonly SentFile[]) => Promise<DatasetPreview>;
  downloadAnnotations: (name: AnnotationsName, files: readonly SentFile[], file: string) => Promise<void>;
  /** What a table or a dataset would change; rejects with a sentence where it cannot be read. */
  previewImport: (table: Imported, name: string, replace: boolean) => Promise<ImportPreview>;
  /** `manyClasses` says that very many new classes are meant. Resolves to false when refused. */
  importTable: (table: Imported, name: string, replace: boolean, manyClasses: boolean) => Promise<boolean>;
  /** Puts the Python that reads the labels on the clipboard. */
  copySnippet: () => void;

  step: () => void;
  restart: () => void;
  perturb: () => void;
  /** Has the t-SNE follow the labels that are looked at. */
  follow: () => void;
  startAgain: () => void;
  setParameters: (parameters: ParameterChanges) => void;

  openNotes: () => void;
  /** Closes the notes on the run, which do not open by themselves again. */
  closeNotes: () => void;
  openDialog: (dialog: Dialog) => void;
  closeDialog: () => void;
  setKeys: (keys: KeyMap) => void;
  setRenderer: (renderer: RendererWanted) => void;
  dismiss: (toast: number) => void;
}

export interface App {
  store: Store;
  actions: Actions;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('A component is outside the page.');
  return app;
}

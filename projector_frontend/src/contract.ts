/** The shapes of docs/http_api.md, shared by every layer (types only). */

export interface TensorInfo {
  name: string;
  shape: [number, number];
}

export interface RunInfo {
  run: string;
  /** Why the run cannot be read, or null. */
  problem: string | null;
  tensors: TensorInfo[];
}

export interface RunsAnswer {
  version: string;
  can_edit: boolean;
  edit_problem: string | null;
  runs: RunInfo[];
  /** Strengths of the supervision, by name. */
  presets: Record<string, Preset>;
}

export type Preset = Pick<Parameters, 'label_importance' | 'repulsion_emphasis' | 'ramp_epochs'>;

export interface Column {
  name: string;
  values: string[];
}

export interface SpriteInfo {
  pages: number;
  /** Width and height of one image in the sheet, in pixels. */
  tile: [number, number];
  columns: number;
}

export interface SamplesAnswer {
  count: number;
  sample_ids: string[];
  columns: Column[];
  sprite: SpriteInfo | null;
  notes: string[];
}

export interface ClassInfo {
  id: number;
  name: string;
  /** `#RRGGBB`. */
  color: string;
}

/** One set of labels of a run, with classes and a history of its own. */
export interface LabelColumn {
  run: string;
  column: string;
}

export interface LabelsAnswer {
  revision: number;
  can_undo: boolean;
  can_redo: boolean;
  /** Why labels cannot be stored at present, or null. */
  problem: string | null;
  orphans: number;
  /** The run's label columns, oldest first. */
  columns: string[];
  classes: ClassInfo[];
  /** Class ids in row order, -1 where unlabelled. */
  labels: number[];
}

export interface EditResult {
  revision: number;
  repeated?: boolean;
  kind?: string;
  target?: number | null;
  class_id?: number | null;
  can_undo: boolean;
  can_redo: boolean;
  changes: [string, number | null][];
  classes: ClassInfo[];
}

/** How samples were chosen; kept in the history. */
export interface SelectionNote {
  kind: 'neighbors' | 'box' | 'lasso' | 'search' | 'label' | 'suggestion' | 'single';
  focus?: string;
  k?: number;
  dropped?: number;
  query?: string;
}

export interface HistoryEntry {
  revision: number;
  kind: string;
  time: string;
  author: string | null;
  summary: string;
  class_id: number | null;
  count: number;
  target: number | null;
  undone: boolean;
  selection: Partial<SelectionNote> | null;
}

export interface HistoryAnswer {
  entries: HistoryEntry[];
  more: boolean;
}

export type ClassAction =
  | { action: 'add'; name: string; color?: string }
  | { action: 'rename'; class_id: number; name: string }
  | { action: 'recolor'; class_id: number; color: string }
  | { action: 'move'; class_id: number; position: number }
  | { action: 'merge'; class_id: number; into: number }
  | { action: 'delete'; class_id: number };

export interface Parameters {
  n_components: 2 | 3;
  perplexity: number;
  theta: number;
  early_exaggeration: number;
  learning_rate: number | 'auto';
  label_importance: number;
  repulsion_emphasis: number;
  labeling_start: number;
  ramp_epochs: number;
  n_epochs: number;
  metric: string;
  random_state: number | null;
  speed_limit: number | null;
}

export type SessionStatus =
  'starting' | 'compiling' | 'preparing' | 'running' | 'paused' | 'settled' | 'failed';

export interface SessionState {
  status: SessionStatus;
  message: string | null;
  epoch: number;
  epochs_per_second: number | null;
  cost: number | null;
  /** The label column that it follows, and the revision of it that it has. */
  column: string;
  revision: number;
  cost_curve: [number, number][];
  parameters: Parameters;
  notes: string[];
}

/** One picture of the embedding: `columns` holds all x, then all y, then (3-D) all z. */
export interface Frame {
  number: number;
  epoch: number;
  revision: number;
  dimensions: 2 | 3;
  columns: Float32Array;
}

export interface SaveAnswer {
  file: string;
  revision: number;
}

/** Square tiles larger than the sprite's, in pages of `columns` x `rows`, in row order. */
export interface TilesAnswer {
  tile_size: number;
  columns: number;
  rows: number;
  pages: number;
  count: number;
}

export interface NeighborsAnswer {
  sample_ids: string[];
  distances: number[];
}

export interface ImportBody {
  tensor: string;
  table: string;
  file_name: string;
  only_unlabeled: boolean;
}

/** What a table would change. */
export interface ImportPreview {
  revision: number;
  rows: number;
  labelled: number;
  changed: number;
  cleared: number;
  unchanged: number;
  unknown: number;
  unknown_examples: string[];
  new_classes: string[];
}

/** The next best groups, best first. */
export interface ProspectsAnswer {
  number: number;
  epoch: number;
  column: string;
  revision: number;
  prospects: {
    sample_id: string;
    class_id: number | null;
    confidence: number;
    k: number;
    gain: number;
    members: string[];
    belongs: number[];
  }[];
}

export interface SuggestionsAnswer {
  number: number;
  column: string;
  revision: number;
  class_ids: number[];
  percent: number[];
}

/** A label to verify, and why. */
export interface Doubt {
  sample_id: string;
  class_id: number;
  expected: number;
  self_confidence: number;
  n_labeled: number;
  n_same: number;
  n_expected: number;
}

export interface DoubtfulAnswer {
  column: string;
  revision: number;
  doubtful: Doubt[];
}

import type { Preset, SessionParameters, SessionState, SessionStatus } from '../api/types';

export interface StatusWords {
  title: string;
  /** What happens next, or what to do. */
  next: string;
  /** Whether a start is under way, to be shown as such. */
  busy: boolean;
}

const WORDS: Record<SessionStatus, StatusWords> = {
  starting: { title: 'Starting', next: 'The t-SNE worker is starting.', busy: true },
  compiling: {
    title: 'Compiling',
    next: 'Preparing fast code; only the very first time, up to a minute.',
    busy: true,
  },
  preparing: { title: 'Preparing', next: "Finding every image's nearest neighbours.", busy: true },
  running: { title: 'Running', next: 'The picture follows your labels.', busy: false },
  paused: { title: 'Paused', next: 'Space goes on.', busy: false },
  settled: { title: 'Settled', next: 'A label sets it going again.', busy: false },
  failed: { title: 'Stopped', next: 'No label is lost.', busy: false },
};

const NOT_STARTED: StatusWords = {
  title: 'Not started',
  next: 'It starts once somebody who may edit opens this run.',
  busy: false,
};

/**
 * @param canStart whether this page may start a session, where there is none
 * @param problem why the server would not start one
 */
export function statusWords(
  state: SessionState | null,
  canStart = true,
  problem: string | null = null,
): StatusWords {
  if (!state && problem !== null) return { ...NOT_STARTED, next: problem };
  if (!state) return canStart ? WORDS.starting : NOT_STARTED;
  const words = WORDS[state.status];
  if (state.status === 'failed')
    return { ...words, next: sentences(state.message, wayOn(state), words.next) };
  return state.message ? { ...words, next: state.message } : words;
}

/** What to do about a failure: starting again would only fail again where the features themselves were refused. */
function wayOn({ restartable }: SessionState): string {
  return restartable
    ? 'Start it again.'
    : 'Starting it again would not help. Choose other features or another run on the left, or export this run again.';
}

function sentences(...parts: (string | null)[]): string {
  return parts.filter(Boolean).join(' ');
}

/** Play means "make it move": true where the next press should resume. */
export function canPlay(status: SessionStatus): boolean {
  return status === 'paused' || status === 'settled';
}

/** The name of the preset in force: told by f and r, for the ramp has a control of its own (and defaults to 10). */
export function presetOf(parameters: SessionParameters, presets: Record<string, Preset>): string | undefined {
  return Object.keys(presets).find(
    (name) =>
      presets[name]?.label_importance === parameters.label_importance &&
      presets[name].repulsion_emphasis === parameters.repulsion_emphasis,
  );
}

/** A parameter as the panel shows it. */
export interface Knob {
  name: keyof SessionParameters;
  label: string;
  /** One sentence on what it does. */
  hint: string;
  /** The values a slider stops at: even steps would spend most of the way on values nobody wants. */
  stops: readonly (number | null | 'auto')[];
}

const EPOCHS = [250, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000];

/** What most people need. */
export const KNOBS: readonly Knob[] = [
  {
    name: 'label_importance',
    label: 'Importance f',
    hint: 'How strongly images of one label attract each other. 0: not at all.',
    stops: [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
  },
  {
    name: 'repulsion_emphasis',
    label: 'Repulsion r',
    hint: 'How much more images of different labels repel each other. 0: no more than others.',
    stops: [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
  },
  {
    name: 'perplexity',
    label: 'Perplexity',
    hint: 'How many neighbours count as near. Changing it starts again from epoch 0.',
    stops: [5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100],
  },
];

/** The rest. */
export const MORE_KNOBS: readonly Knob[] = [
  {
    name: 'speed_limit',
    label: 'Speed limit',
    hint: 'Most epochs a second: slow motion, or less work for the machine.',
    stops: [1, 2, 5, 10, 20, 50, 100, 200, 500, null],
  },
  {
    name: 'ramp_epochs',
    label: 'Ramp u',
    hint: 'Over how many epochs a new label’s rate u rises from 0 to 1, its full effect.',
    stops: [1, 2, 5, 10, 20, 50, 100],
  },
  {
    name: 'labeling_start',
    label: 'Labels from s',
    hint: 'The epoch s from which labels count: before it the picture finds its own shape.',
    stops: [0, 50, 100, 150, 200, 250, 300, 500, 1000],
  },
  {
    name: 'theta',
    label: 'Theta θ',
    hint: 'Accuracy against speed in large runs: 0 sums every pair, more lumps what is far away together.',
    stops: [0, 0.2, 0.4, 0.5, 0.6, 0.8, 1, 1.2],
  },
  {
    name: 'early_exaggeration',
    label: 'Exaggeration',
    hint: 'How much stronger neighbours attract in the first 250 epochs, so that groups form.',
    stops: [1, 2, 4, 6, 8, 12, 16, 24],
  },
  {
    name: 'learning_rate',
    label: 'Learning rate',
    hint: 'How far a point goes in an epoch. Auto: a sixteenth of the number of images, 50 at least.',
    stops: ['auto', 10, 20, 50, 100, 200, 500, 1000, 2000],
  },
  {
    name: 'n_epochs',
    label: 'Epochs',
    hint: 'After how many epochs a picture that nobody touches comes to rest.',
    stops: EPOCHS,
  },
];

/** A parameter's value in a few characters. */
export function knobText(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return 'off';
  return typeof value === 'number' ? shortNumber(value) : value;
}

function shortNumber(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000} M`;
  if (value >= 10_000) return `${value / 1000} k`;
  return String(Math.round(value * 1000) / 1000);
}

/** The place of the stop nearest to a value, for values set elsewhere; words and null only match themselves. */
export function nearestStop(stops: Knob['stops'], value: number | string | null | undefined): number {
  const exact = stops.findIndex((stop) => stop === value);
  if (exact >= 0 || typeof value !== 'number') return Math.max(0, exact);
  let best = 0;
  let least = Infinity;
  stops.forEach((stop, index) => {
    const far = typeof stop === 'number' ? Math.abs(stop - value) : Infinity;
    if (far < least) [best, least] = [index, far];
  });
  return best;
}

/** Whether labels pull at the picture, so that its groups are no evidence any more. */
export function supervised(parameters: SessionParameters | undefined, labeled: number): boolean {
  return (
    !!parameters && labeled > 0 && (parameters.label_importance > 0 || parameters.repulsion_emphasis > 0)
  );
}

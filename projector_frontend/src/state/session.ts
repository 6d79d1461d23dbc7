import type { Parameters, SessionState, SessionStatus } from '../contract';

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
  failed: { title: 'Stopped', next: 'Start it again. No label is lost.', busy: false },
};

const NOT_STARTED: StatusWords = {
  title: 'Not started',
  next: 'It starts once somebody who may edit opens this run.',
  busy: false,
};

/** @param canStart whether this page may start a session, where there is none */
export function statusWords(state: SessionState | null, canStart = true): StatusWords {
  if (!state) return canStart ? WORDS.starting : NOT_STARTED;
  const words = WORDS[state.status];
  return state.message
    ? { ...words, next: `${state.message} ${state.status === 'failed' ? words.next : ''}`.trim() }
    : words;
}

/** Play means "make it move": true where the next press should resume. */
export function canPlay(status: SessionStatus): boolean {
  return status === 'paused' || status === 'settled';
}

export interface Preset {
  name: string;
  hint: string;
  values: Pick<Parameters, 'label_importance' | 'repulsion_emphasis' | 'ramp_epochs'>;
}

export const PRESETS: readonly Preset[] = [
  {
    name: 'unsupervised',
    hint: 'Labels are shown, and do not move the picture (f 0, r 0).',
    values: { label_importance: 0, repulsion_emphasis: 0, ramp_epochs: 10 },
  },
  {
    name: 'slight',
    hint: 'Labels pull a little (f 0.01, r 0.1, ramp 1).',
    values: { label_importance: 0.01, repulsion_emphasis: 0.1, ramp_epochs: 1 },
  },
  {
    name: 'strong',
    hint: 'Labels pull strongly (f 0.1, r 0.1, ramp 10).',
    values: { label_importance: 0.1, repulsion_emphasis: 0.1, ramp_epochs: 10 },
  },
];

/** The preset in force: told by f and r, for the ramp has a control of its own (and defaults to 10). */
export function presetOf(parameters: Parameters): Preset | undefined {
  return PRESETS.find(
    ({ values }) =>
      values.label_importance === parameters.label_importance &&
      values.repulsion_emphasis === parameters.repulsion_emphasis,
  );
}

/** The values a slider stops at: even steps would spend most of the way on values nobody wants. */
export const STOPS = {
  perplexity: [5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100],
  label_importance: [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
  repulsion_emphasis: [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
  ramp_epochs: [1, 2, 5, 10, 20, 50, 100],
} as const;

/** The stop nearest to a value, for values set elsewhere. */
export function nearestStop(stops: readonly number[], value: number): number {
  let best = 0;
  stops.forEach((stop, index) => {
    if (Math.abs(stop - value) < Math.abs((stops[best] ?? 0) - value)) best = index;
  });
  return best;
}

/** Whether labels pull at the picture, so that its groups are no evidence any more. */
export function supervised(parameters: Parameters | undefined, labelled: number): boolean {
  return (
    !!parameters && labelled > 0 && (parameters.label_importance > 0 || parameters.repulsion_emphasis > 0)
  );
}

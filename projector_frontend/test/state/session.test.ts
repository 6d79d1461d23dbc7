import { describe, expect, test } from 'vitest';
import type { SessionParameters, SessionState } from '../../src/api/types';
import { KNOBS, MORE_KNOBS, nearestStop, presetOf, statusWords, supervised } from '../../src/state/session';

describe('session words', () => {
  const parameters = {
    label_importance: 0.01,
    repulsion_emphasis: 0.1,
    ramp_epochs: 10,
  } as SessionParameters;
  const state = (more: Partial<SessionState>): SessionState =>
    ({ status: 'failed', message: null, ...more }) as SessionState;

  test('a failure gives its reason and the way out', () => {
    const { next } = statusWords(state({ message: 'Out of memory.', restartable: true }));
    expect(next).toContain('Out of memory.');
    expect(next).toContain('Start it again');
  });

  test('a failure that would come again says what else to do', () => {
    const { next } = statusWords(state({ message: 'No sample has finite features.', restartable: false }));
    expect(next).toContain('No sample has finite features.');
    expect(next).not.toContain('Start it again');
    expect(next).toContain('Choose other features or another run');
  });

  test('no state yet is a start', () => {
    expect(statusWords(null)).toMatchObject({ title: 'Starting', busy: true });
  });

  test('no state is no start for somebody who may only look', () => {
    expect(statusWords(null, false)).toMatchObject({ title: 'Not started', busy: false });
  });

  test('a start that was refused is told, and is none', () => {
    expect(statusWords(null, true, 'Not from here.')).toEqual({
      title: 'Not started',
      next: 'Not from here.',
      busy: false,
    });
  });

  const presets = {
    unsupervised: { label_importance: 0, repulsion_emphasis: 0, ramp_epochs: 1 },
    strong: { label_importance: 0.1, repulsion_emphasis: 0.1, ramp_epochs: 10 },
  };

  test('a preset is recognised by its own values, whatever the ramp', () => {
    expect(presetOf({ ...parameters, ...presets.strong, ramp_epochs: 50 }, presets)).toBe('strong');
    expect(presetOf({ ...parameters, label_importance: 0.3 }, presets)).toBeUndefined();
  });

  test('every default is a stop of its slider', () => {
    const defaults: Partial<SessionParameters> = {
      ...parameters,
      perplexity: 20,
      theta: 0.8,
      early_exaggeration: 4,
    };
    for (const { name, stops } of [...KNOBS, ...MORE_KNOBS])
      if (name in defaults) expect(stops, name).toContain(defaults[name]);
  });

  test('a value set elsewhere stands at the nearest stop, and words only at their own', () => {
    expect(nearestStop([0, 0.5, 1], 0.7)).toBe(1);
    expect(nearestStop([5, 10, null], null)).toBe(2);
    expect(nearestStop(['auto', 10, 20], 18)).toBe(2);
  });

  test('labels are evidence only where they do not pull', () => {
    expect(supervised(parameters, 3)).toBe(true);
    expect(supervised(parameters, 0)).toBe(false);
    expect(supervised({ ...parameters, label_importance: 0, repulsion_emphasis: 0 }, 3)).toBe(false);
    expect(supervised({ ...parameters, label_importance: 0 }, 3)).toBe(true);
  });
});

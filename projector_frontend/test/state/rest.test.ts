import { describe, expect, test } from 'vitest';
import type { Parameters, SessionState } from '../../src/contract';
import { chunks } from '../../src/state/chunks';
import { ago, percent, plural, rate } from '../../src/state/format';
import { searchRows } from '../../src/state/search';
import { tileRect } from '../../src/state/sprites';
import { KNOBS, MORE_KNOBS, nearestStop, presetOf, statusWords, supervised } from '../../src/state/session';

describe('search', () => {
  const columns = [
    { name: 'file', values: ['Cat_1.png', 'dog.png', 'cat_2.png'] },
    { name: 'kind', values: ['x', 'catfish', 'y'] },
  ];

  test('finds text in any column, case ignored', () => {
    expect([...(searchRows(columns, 'cat').rows ?? [])]).toEqual([0, 1, 2]);
  });

  test('takes what stands between slashes as a regular expression', () => {
    expect([...(searchRows(columns, '/^cat_\\d/').rows ?? [])]).toEqual([2]);
    expect([...(searchRows(columns, '/^cat_\\d/i').rows ?? [])]).toEqual([0, 2]);
  });

  test('says so while an expression is incomplete', () => {
    expect(searchRows(columns, '/(/')).toEqual({
      rows: null,
      problem: expect.stringContaining('regular') as string,
    });
  });

  test('takes signs in plain text as they are', () => {
    expect(searchRows(columns, '(').rows).toHaveLength(0);
  });
});

describe('parts of a long operation', () => {
  test('stay under the limit of a request, and lose nothing', () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => i);
    const parts = chunks(rows, () => 40);
    expect(parts.length).toBe(3);
    expect(parts.flat()).toEqual(rows);
    expect(Math.max(...parts.map((part) => part.length * 43))).toBeLessThan(1_000_000);
  });

  test('are one for anything usual, and none for nothing', () => {
    expect(chunks([1, 2, 3], () => 20)).toEqual([[1, 2, 3]]);
    expect(chunks([], () => 20)).toEqual([]);
  });
});

describe('session words', () => {
  const parameters = { label_importance: 0.01, repulsion_emphasis: 0.1, ramp_epochs: 10 } as Parameters;
  const state = (more: Partial<SessionState>): SessionState =>
    ({ status: 'failed', message: null, ...more }) as SessionState;

  test('a failure gives its reason and the way out', () => {
    const { next } = statusWords(state({ message: 'Out of memory.' }));
    expect(next).toContain('Out of memory.');
    expect(next).toContain('Start it again');
  });

  test('no state yet is a start', () => {
    expect(statusWords(null)).toMatchObject({ title: 'Starting', busy: true });
  });

  test('no state is no start for somebody who may only look', () => {
    expect(statusWords(null, false)).toMatchObject({ title: 'Not started', busy: false });
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
    const defaults: Partial<Parameters> = {
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

test('image i stands in column i mod columns, row i div columns of the sheet', () => {
  const sprite = { pages: 1, columns: 4, tile: [48, 32] as [number, number] };
  expect(tileRect(sprite, 0)).toEqual([0, 0, 48, 32]);
  expect(tileRect(sprite, 6)).toEqual([96, 32, 48, 32]);
});

test('numbers read as people write them', () => {
  expect(plural(1, 'image')).toBe('1 image');
  expect(plural(1234, 'image')).toBe('1,234 images');
  expect(percent(1, 1000)).toBe('< 1 %');
  expect(percent(999, 1000)).toBe('99 %');
  expect(percent(0, 0)).toBe('0 %');
  expect(rate(949.6)).toBe('950');
  expect(rate(4.21)).toBe('4.2');
});

test.each([
  [10, 'now'],
  [60, '1 min'],
  [3540, '59 min'],
  [3600, '1 h'],
  [86_400, '1 d'],
  [-5, 'now'],
])('%i seconds ago is "%s"', (seconds, words) => {
  const now = Date.parse('2026-01-05T10:31:02Z');
  expect(ago(new Date(now - 1000 * seconds).toISOString(), now)).toBe(words);
});

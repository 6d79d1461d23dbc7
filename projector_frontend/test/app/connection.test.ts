// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { RunsAnswer } from '../../src/api/types';
import { Polling } from '../../src/app/polling';
import { Visiting } from '../../src/app/visiting';
import { signInWords } from '../../src/state/outbox';
import { createStore } from '../../src/state/store';

const NO_SESSION = new ApiError(404, 'no_session', 'The t-SNE is not running; start it.');
const REFUSED = new ApiError(
  403,
  'origin_refused',
  'Start TensorBoard with --tsne_allowed_hosts lab.example.',
);
const SIGN_IN = new ApiError(401, 'intercepted', 'Something on the way answered.');
const NOTHING = (): Promise<never> => new Promise(() => undefined);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A page that polls for a run; what is asked for besides the state of the session never comes. */
function page(client: Partial<Record<keyof Client, unknown>>, crew: () => Promise<void> = NOTHING) {
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.samples.value = { count: 0, version: '', sample_ids: [], columns: [], sprite: null, notes: [] };
  store.runs.value = { can_edit: true } as RunsAnswer;
  const asked = { frame: NOTHING, labelChanges: NOTHING, ...client } as unknown as Client;
  const reopen = vi.fn();
  const replaced = vi.fn();
  const polling = new Polling(
    asked,
    store,
    {} as never,
    { poll: NOTHING } as never,
    { poll: crew } as never,
    new Visiting(asked, store, reopen),
    { whenShown: () => Promise.resolve() } as never,
    replaced,
  );
  polling.restart();
  return { store, polling, reopen, replaced };
}

test('a start that was refused is told, and not asked for again', async () => {
  const start = vi.fn(() => Promise.reject(REFUSED));
  const { store, polling } = page({ sessionState: () => Promise.reject(NO_SESSION), start });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(start).toHaveBeenCalledTimes(1);
  expect(store.startProblem.value).toBe(REFUSED.message);
  expect(store.toasts.value).toEqual([]);
  polling.stop();
});

test('after somebody signed in elsewhere all goes on, and what was refused is asked for once more', async () => {
  const answers = [NO_SESSION, SIGN_IN, SIGN_IN, NO_SESSION];
  const sessionState = vi.fn(() => Promise.reject(answers.shift() ?? NO_SESSION));
  const start = vi.fn(() => Promise.reject(REFUSED));
  const { store, polling } = page({ sessionState, start });
  const seen: string[] = [];
  store.connection.subscribe((now) => seen.push(now));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen).toEqual(['there', 'intercepted', 'there']);
  expect(start).toHaveBeenCalledTimes(2);
  polling.stop();
});

test('rights are looked at again where there were none, and the server came back', async () => {
  const answers = [new ApiError(0, 'unreachable', 'The server does not answer.'), NO_SESSION];
  const runs = vi.fn(() => Promise.resolve({ can_edit: false, edit_problem: 'Only look.' }));
  const labels = vi.fn(() =>
    Promise.resolve({ store: 's', revision: 0, problem: null, classes: [], labels: [], states: [] }),
  );
  const sessionState = (): Promise<never> => Promise.reject(answers.shift() ?? NO_SESSION);
  const { store, polling } = page({ sessionState, runs, labels, start: () => Promise.reject(REFUSED) });
  store.labelState.value = { ...store.labelState.value, problem: 'Not from here.' };
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runs).toHaveBeenCalledTimes(1);
  expect(store.editProblem.value).toBe('Only look.');
  polling.stop();
});

test('who may not say where they look is not asked for ever, and whose the page is is looked at', async () => {
  const crew = vi.fn(() => Promise.reject(new ApiError(403, 'right_missing', 'You may look, but not edit.')));
  const runs = vi.fn(() => Promise.resolve({ can_edit: false, account: 'ben', right: 'look' }));
  const { store, polling, reopen } = page({ sessionState: NOTHING, runs }, crew);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(store.runs.value?.account).toBe('ben');
  expect(reopen).toHaveBeenCalledTimes(1);
  expect(crew.mock.calls.length).toBeLessThan(4);
  polling.stop();
});

test('a run that has grown is loaded anew once, also for who may start no session on it', async () => {
  const changed = new ApiError(409, 'run_changed', 'The run was exported again.');
  const sessionState = () => Promise.resolve({ version: 'before' });
  const { store, polling, replaced } = page({ sessionState, frame: () => Promise.reject(changed) });
  const samples = store.samples.value!;
  store.samples.value = { ...samples, version: 'before' };
  await vi.advanceTimersByTimeAsync(2000);
  expect(replaced).toHaveBeenCalled();
  replaced.mockClear();
  store.samples.value = { ...samples, version: 'grown' };
  await vi.advanceTimersByTimeAsync(30_000);
  expect(replaced).not.toHaveBeenCalled();
  polling.stop();
});

test('what to do is said with how many changes wait', () => {
  expect(signInWords('intercepted', { kind: 'offline', waiting: 1 })).toBe(
    'Sign in again in another tab: 1 change is waiting.',
  );
  expect(signInWords('intercepted', { kind: 'offline', waiting: 3 })).toContain('3 changes are waiting.');
  expect(signInWords('intercepted', { kind: 'saved' })).toContain('Sign in again in another tab');
  expect(signInWords('away', { kind: 'offline', waiting: 1 })).toBeNull();
});

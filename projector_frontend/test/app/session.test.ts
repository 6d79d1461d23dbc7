import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import { Company } from '../../src/app/company';
import { Session } from '../../src/app/session';
import type { Viewport } from '../../src/app/viewport';
import type { SessionState } from '../../src/api/types';
import { createStore } from '../../src/state/store';

function failed(restartable: boolean) {
  const start = vi.fn(() => new Promise<never>(() => undefined));
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.session.value = { status: 'failed', message: 'Why.', restartable } as unknown as SessionState;
  const viewport = { scene: null } as unknown as Viewport;
  const session = new Session({ start } as unknown as Client, store, viewport, new Company(store));
  session.playPause();
  return start;
}

test('Space starts a t-SNE again that stopped, where that can work', () => {
  expect(failed(true)).toHaveBeenCalledOnce();
  expect(failed(false)).not.toHaveBeenCalled();
});

test('A t-SNE that went while nobody looked is started before it is told anything', async () => {
  const gone = new ApiError(404, 'no_session', 'The t-SNE is not running; start it.');
  const calls: string[] = [];
  const client = {
    step: () => {
      calls.push('step');
      return calls.includes('start') ? Promise.resolve({ status: 'running' }) : Promise.reject(gone);
    },
    start: () => {
      calls.push('start');
      return Promise.resolve({ status: 'starting' });
    },
  };
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  const viewport = { scene: null } as unknown as Viewport;
  new Session(client as unknown as Client, store, viewport, new Company(store)).step();
  await vi.waitFor(() => expect(store.session.value?.status).toBe('running'));
  expect(calls).toEqual(['step', 'start', 'step']);
  expect(store.toasts.value).toEqual([]);
});

test('what turns the picture of others too is done after a yes, and for a while without another question', async () => {
  const parameters = vi.fn((_run: string, _tensor: string, changes: object) =>
    Promise.resolve({ ...state, parameters: { n_components: 2, ...changes } }),
  );
  const state = { status: 'running', others: ['ben'], parameters: { n_components: 3 } };
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.session.value = state as unknown as SessionState;
  const viewport = { scene: null } as unknown as Viewport;
  const session = new Session({ parameters } as unknown as Client, store, viewport, new Company(store));
  session.toggleDimensions();
  expect(parameters).not.toHaveBeenCalled();
  expect(store.dialog.value).toBe('question');
  expect(store.question.value?.words).toBe('ben is looking at this picture too: change it for both?');
  store.question.value?.yes();
  await vi.waitFor(() => expect(store.session.value?.parameters.n_components).toBe(2));
  session.toggleDimensions();
  expect(parameters).toHaveBeenCalledTimes(2);
});

test('what others do to the picture is told once, and what was done before not at all', () => {
  const store = createStore();
  const company = new Company(store);
  const shown = (number: number, own = false): void => {
    const lastChange = { number, author: 'ben', own, doing: 'pause' };
    store.session.value = { last_change: lastChange, others: [], parameters: {} } as unknown as SessionState;
  };
  store.run.value = 'r';
  shown(3);
  expect(store.toasts.value).toEqual([]);
  shown(4);
  shown(4);
  shown(5, true);
  expect(store.toasts.value.map(({ text }) => text)).toEqual(['ben paused the t-SNE.']);
  company.agree(() => (store.run.value = 'alone'));
  expect(store.run.value).toBe('alone');
});

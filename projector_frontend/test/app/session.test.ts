import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
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
  const session = new Session({ start } as unknown as Client, store, { scene: null } as unknown as Viewport);
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
  new Session(client as unknown as Client, store, { scene: null } as unknown as Viewport).step();
  await vi.waitFor(() => expect(store.session.value?.status).toBe('running'));
  expect(calls).toEqual(['step', 'start', 'step']);
  expect(store.toasts.value).toEqual([]);
});

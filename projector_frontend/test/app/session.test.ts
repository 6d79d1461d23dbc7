import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
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

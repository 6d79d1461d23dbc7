// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { RunsAnswer } from '../../src/api/types';
import { noteAnswer } from '../../src/app/connection';
import { Entering } from '../../src/app/entering';
import { createStore } from '../../src/state/store';

const ANN = { account: 'ann', right: 'label', token: 'given' };
const NOBODY = { account: '', right: 'look', token: 'missing' };
const BEN = { name: 'ben', right: 'look' };

function page(runs: unknown = ANN) {
  const client = {
    runs: vi.fn((): Promise<unknown> => Promise.resolve(runs)),
    enter: vi.fn((): Promise<unknown> => Promise.resolve(BEN)),
    holderOf: vi.fn((): Promise<unknown> => Promise.resolve(BEN)),
  };
  const store = createStore();
  store.runs.value = runs as RunsAnswer;
  const reopen = vi.fn();
  return { client, store, reopen, entering: new Entering(client as unknown as Client, store, reopen) };
}

beforeEach(() => {
  location.hash = '#tsne&token=t';
});

test('a link has nobody take the place of who is signed in before they are asked', async () => {
  const { client, store, entering } = page();
  await entering.arrive();
  expect(location.hash).toBe('#tsne');
  expect(client.enter).not.toHaveBeenCalled();
  expect(store.signInOffer.value).toEqual({ here: 'ann', other: 'ben' });
  await entering.answerOffer(false);
  expect([client.enter.mock.calls.length, store.signInOffer.value]).toEqual([0, null]);
  location.hash = '#tsne&token=t';
  await entering.arrive();
  await entering.answerOffer(true);
  expect(client.enter).toHaveBeenCalledWith('t');
});

test('a link that lets nobody in is said, also to who is signed in', async () => {
  const { client, store, entering } = page();
  client.holderOf.mockImplementation(() =>
    Promise.reject(new ApiError(401, 'token_refused', 'Not known here.')),
  );
  await entering.arrive();
  expect([store.signingIn.value, store.signInProblem.value]).toEqual([true, 'Not known here.']);
});

test('who may look without a token is not taken for signed in', async () => {
  const { store, reopen, entering } = page(NOBODY);
  store.connection.value = 'signed-out';
  expect(await entering.enter('t')).toContain('keeps no cookie');
  expect([store.connection.value, reopen.mock.calls.length]).toEqual(['signed-out', 0]);
  entering.goOnWithout();
  expect([store.connection.value, reopen.mock.calls.length]).toEqual(['there', 1]);
});

test('a server that is away is told as that, and closes no field for a token', async () => {
  const { client, store, entering } = page();
  const away = new ApiError(0, 'unreachable', 'The server does not answer.');
  client.runs.mockImplementation(() => Promise.reject(away));
  expect(await entering.enter('t')).toContain('does not answer');
  store.connection.value = 'signed-out';
  noteAnswer(store, away);
  expect(store.connection.value).toBe('signed-out');
  store.connection.value = 'there';
});

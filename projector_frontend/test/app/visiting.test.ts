// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { Visiting } from '../../src/app/visiting';
import { createStore } from '../../src/state/store';

type Here = { account: string; right: string; token: string };
const ANN: Here = { account: 'änn', right: 'manage', token: 'given' };
const BEN: Here = { account: 'ben', right: 'look', token: 'given' };
const NOBODY: Here = { account: '', right: 'look', token: 'missing' };

/** A page of ann's, in a browser that somebody signs in at in another tab. */
async function page() {
  let here = ANN;
  const asked: string[] = [];
  const answer = (input: RequestInfo | URL): Promise<Response> => {
    asked.push(new URL(input instanceof Request ? input.url : input).pathname);
    const headers = { 'X-TSNE-Account': encodeURIComponent(here.account) };
    return Promise.resolve(Response.json({ runs: [], ...here }, { headers }));
  };
  const client = new Client(new URL('http://localhost/'), answer);
  const store = createStore();
  store.runs.value = await client.runs();
  asked.length = 0;
  const reopen = vi.fn();
  new Visiting(client, store, reopen);
  const poll = () => client.sessionState('r', 't', new AbortController().signal);
  return { client, store, asked, reopen, poll, signIn: (who: Here) => (here = who) };
}

test('the next poll tells a tab that it is somebody else’s by now, and it is opened anew once', async () => {
  const { store, asked, reopen, poll, signIn } = await page();
  await poll();
  expect(asked).toEqual(['/session/state']);
  signIn(BEN);
  await Promise.all([poll(), poll(), poll()]);
  await vi.waitFor(() => expect(reopen).toHaveBeenCalledTimes(1));
  expect(store.runs.value).toMatchObject(BEN);
  expect(asked.filter((each) => each === '/runs')).toHaveLength(1);
  await poll();
  expect(asked.at(-1)).toBe('/session/state');
});

test('where a token ended and looking is for everybody, the next token is asked for', async () => {
  const { store, asked, reopen, poll, signIn } = await page();
  signIn(NOBODY);
  await poll();
  await vi.waitFor(() => expect(store.connection.value).toBe('signed-out'));
  await poll();
  expect(asked.filter((each) => each === '/runs')).toHaveLength(1);
  expect(reopen).not.toHaveBeenCalled();
});

import { describe, expect, test } from 'vitest';
import { Client } from '../../src/api/client';
import type { HistoryEntry } from '../../src/api/types';
import { loadHistory, loadOlder, loadOlderOf, refreshHistory, showHistoryOf } from '../../src/app/history';
import { NO_EFFORT } from '../../src/state/history';
import { createStore } from '../../src/state/store';

/** A server with a history, in which each edit labels one image; and what it was asked. */
class Server {
  readonly asked: string[] = [];
  readonly entries: HistoryEntry[] = [];

  constructor(edits: number) {
    for (let count = 0; count < edits; count++) this.add('apply');
  }

  add(kind: HistoryEntry['kind'], target: number | null = null, more: Partial<HistoryEntry> = {}): void {
    const undone = kind === 'undo' ? this.entries.find(({ revision }) => revision === target) : undefined;
    if (undone) undone.undone = true;
    this.entries.unshift({
      revision: this.entries.length + 1,
      kind,
      time: '2026-01-05T10:31:02Z',
      author: 'ann',
      summary: '',
      class_id: 1,
      count: 1,
      target,
      undone: false,
      selection: { kind: 'single', k: 0 },
      labels: 1,
      own: true,
      yours: 0,
      ...more,
      actions: kind === 'apply' ? 1 : 0,
    });
  }

  readonly answer: typeof fetch = (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const asked = (name: string): number => Number(url.searchParams.get(name) ?? Infinity);
    const author = url.searchParams.get('author');
    const all = this.entries.filter((each) => author === null || each.author === author);
    const older = all.filter(({ revision }) => revision < asked('before'));
    const page = older.slice(0, asked('limit'));
    const actions = older.filter((each) => each.kind === 'apply' && !each.undone).length;
    const route = url.pathname.slice(1);
    this.asked.push(`${route} ${page.length}`);
    const body = {
      'labels/history': {
        entries: page,
        more: (page.at(-1)?.revision ?? 1) > 1 && page.length === asked('limit'),
      },
      'labels/effort': { actions: [actions], labels: [actions] },
    }[route];
    return Promise.resolve(Response.json(body));
  };
}

function page(server: Server) {
  const store = createStore();
  store.run.value = 'r';
  return { store, client: new Client(new URL('http://localhost/'), server.answer) };
}

describe('a history of twenty thousand edits', () => {
  test('is read by one page, and the meter counts all of it', async () => {
    const server = new Server(20_000);
    const { store, client } = page(server);
    await loadHistory(client, store);
    expect(server.asked).toEqual(['labels/history 100', 'labels/effort 19900']);
    expect(store.history.value).toHaveLength(100);
    expect(store.effort.value).toMatchObject({ actions: 20_000, labels: 20_000 });
    expect(store.hasOlder.value).toBe(true);
  });

  test('shows older ones where they are asked for, and counts the same', async () => {
    const server = new Server(150);
    const { store, client } = page(server);
    await loadHistory(client, store);
    await loadOlder(client, store);
    expect(store.history.value.map(({ revision }) => revision)).toEqual(
      Array.from({ length: 150 }, (_, place) => 150 - place),
    );
    expect(store.hasOlder.value).toBe(false);
    expect(store.effortBefore.value).toEqual(NO_EFFORT);
    expect(store.effort.value.actions).toBe(150);
  });

  test('goes on from what is known after a change', async () => {
    const server = new Server(1000);
    const { store, client } = page(server);
    await loadHistory(client, store);
    server.add('apply');
    server.asked.length = 0;
    await refreshHistory(client, store);
    expect(server.asked).toEqual(['labels/history 100']);
    expect(store.history.value).toHaveLength(101);
    expect(store.effort.value.actions).toBe(1001);
  });

  test('tells whose edits changed labels of one’s own, and only new ones', async () => {
    const server = new Server(10);
    const ben = { author: 'ben', own: false, yours: 3, summary: '5 images labelled cat' };
    server.add('apply', null, ben);
    const { store, client } = page(server);
    await loadHistory(client, store);
    await refreshHistory(client, store);
    expect(store.toasts.value).toEqual([]);
    server.add('apply', null, { ...ben, yours: 0 });
    server.add('apply', null, { ...ben, yours: 12 });
    await refreshHistory(client, store);
    await refreshHistory(client, store);
    const told = store.toasts.value.map(({ text }) => text);
    expect(told).toEqual(['ben changed 12 of yours: 5 images labelled cat']);
  });

  test('has no hole where more happened elsewhere than a page tells', async () => {
    const server = new Server(1000);
    const { store, client } = page(server);
    await loadHistory(client, store);
    for (let count = 0; count < 250; count++) server.add('apply');
    await refreshHistory(client, store);
    expect(store.history.value[0]?.revision).toBe(1250);
    expect(store.history.value.at(-1)?.revision).toBe(1151);
    expect(store.effort.value.actions).toBe(1250);
  });

  test('costs less once something further back than what is known was undone', async () => {
    const server = new Server(1000);
    const { store, client } = page(server);
    await loadHistory(client, store);
    server.add('undo', 17);
    await refreshHistory(client, store);
    expect(store.effort.value.actions).toBe(999);
  });
});

test('one person’s part is shown alone, goes on with what is new, and has older pages', async () => {
  const server = new Server(3);
  for (let count = 0; count < 120; count++) server.add('apply', null, { author: 'ben' });
  const { store, client } = page(server);
  await loadHistory(client, store);
  await showHistoryOf(client, store, 'ben');
  const theirs = (): readonly HistoryEntry[] => store.theirHistory.value.entries;
  expect(theirs().length).toBe(100);
  await loadOlderOf(client, store, 'ben');
  expect(theirs().length).toBe(120);
  server.add('apply', null, { author: 'ben' });
  await refreshHistory(client, store);
  expect([theirs()[0]?.revision, store.history.value[0]?.revision]).toEqual([124, 124]);
  expect(theirs().every((each) => each.author === 'ben')).toBe(true);
  expect([theirs().length, store.theirHistory.value.more]).toEqual([121, false]);
  server.add('undo', 5); // by ann
  await refreshHistory(client, store);
  expect(theirs().find(({ revision }) => revision === 5)?.undone).toBe(true);
  for (let count = 0; count < 101; count++) server.add('apply', null, { author: 'ben' });
  await refreshHistory(client, store);
  expect([theirs().length, store.theirHistory.value.more]).toEqual([100, true]);
  await showHistoryOf(client, store, null);
  expect(theirs()).toEqual([]);
});

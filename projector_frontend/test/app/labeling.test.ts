// @vitest-environment happy-dom
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { Labeling } from '../../src/app/labeling';
import { only } from '../../src/state/selection';
import { createStore } from '../../src/state/store';

const OF = { run: 'r', column: 'label' };

function page() {
  const classes = [{ id: 7, name: 'macaque', color: '#E69F00' }];
  const answer = { revision: 1, can_undo: true, can_redo: false, changes: [], classes };
  const client = {
    apply: vi.fn(() => Promise.resolve(answer)),
    classes: vi.fn(() => Promise.resolve(answer)),
    history: vi.fn(() => Promise.resolve({ entries: [], more: false })),
  };
  const store = createStore();
  store.run.value = 'r';
  store.samples.value = {
    count: 2,
    version: '',
    sample_ids: ['a', 'b'],
    columns: [],
    sprite: null,
    notes: [],
  };
  store.labelState.value = { ...store.labelState.value, labels: Int32Array.of(-1, -1) };
  return { client, store, labeling: new Labeling(client as unknown as Client, store) };
}

test('the server chooses a new class’ colour, whether images are selected or not', async () => {
  const { client, store, labeling } = page();
  expect(await labeling.add(' macaque ')).toBe(true);
  expect(client.classes).toHaveBeenCalledWith(OF, expect.anything(), { action: 'add', name: 'macaque' });
  store.selection.value = only(1);
  expect(await labeling.add('lemur')).toBe(true);
  expect(client.apply).toHaveBeenCalledWith(
    OF,
    expect.anything(),
    expect.objectContaining({ sample_ids: ['b'], new_class: { name: 'lemur' } }),
  );
});

test('a change that an earlier version of the page left waiting is sent as it is', async () => {
  const body = {
    new_class: { name: 'macaque', color: '#56B4E9' },
    sample_ids: ['a'],
    only_unlabeled: true,
    selection: { kind: 'neighbors', focus: 'a', k: 0, dropped: 0 },
  };
  const waiting = { opId: 'op', at: 1, run: 'r', column: 'label', seen: 41, body: { route: 'apply', body } };
  const database = await openDB(`tb-tsne ${new URL('.', document.baseURI).pathname}`, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('outbox', { keyPath: 'opId' }),
  });
  await database.put('outbox', waiting);
  const { client, labeling } = page();
  labeling.resume();
  await vi.waitFor(() =>
    expect(client.apply).toHaveBeenCalledWith(OF, { op_id: 'op', base_revision: 41 }, body),
  );
  await vi.waitFor(async () => expect(await database.getAll('outbox')).toEqual([]));
  database.close();
});

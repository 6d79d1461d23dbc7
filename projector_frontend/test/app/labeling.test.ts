// @vitest-environment happy-dom
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { RunsAnswer } from '../../src/api/types';
import { Labeling } from '../../src/app/labeling';
import { only } from '../../src/state/selection';
import { createStore } from '../../src/state/store';

const OF = { run: 'r', column: 'label' };
const OTHER = { store: 'other', revision: 3, problem: null, classes: [], labels: [-1, -1], states: [0, 0] };

/** What is kept in this browser. */
async function kept() {
  const name = `tb-tsne ${new URL('.', document.baseURI).pathname}`;
  const database = await openDB(name, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('outbox', { keyPath: 'opId' }),
  });
  return { database, all: async () => (await database.getAll('outbox')) as { opId: string }[] };
}

function page() {
  const classes = [{ id: 7, name: 'macaque', color: '#E69F00' }];
  const answer = { store: 'this', revision: 1, can_undo: true, can_redo: false, changes: [], classes };
  const client = {
    apply: vi.fn((): Promise<unknown> => Promise.resolve(answer)),
    classes: vi.fn(() => Promise.resolve(answer)),
    createLabels: vi.fn(() => Promise.resolve({ store: 'other' })),
    labels: vi.fn(() => Promise.resolve({ ...OTHER })),
    history: vi.fn(() => Promise.resolve({ entries: [], more: false })),
    runs: vi.fn((): Promise<unknown> => Promise.resolve({})),
  };
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.runs.value = { can_edit: true } as RunsAnswer;
  store.samples.value = {
    count: 2,
    version: '',
    sample_ids: ['a', 'b'],
    columns: [],
    sprite: null,
    notes: [],
  };
  store.labelState.value = { ...store.labelState.value, store: 'this', labels: Int32Array.of(-1, -1) };
  const onOtherPerson = vi.fn();
  const labeling = new Labeling(client as unknown as Client, store, onOtherPerson);
  return { client, store, onOtherPerson, labeling };
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

const BODY = {
  new_class: { name: 'macaque', color: '#56B4E9' },
  sample_ids: ['a'],
  only_unlabeled: true,
  selection: { kind: 'neighbors', focus: 'a', k: 0, dropped: 0 },
};
const WAITING = { at: 1, run: 'r', column: 'label', seen: 41, body: { route: 'apply', body: BODY } };

test('what an earlier visit left is sent as it is to the labels it was made on, and to no others', async () => {
  const { database, all } = await kept();
  await database.put('outbox', { ...WAITING, opId: 'own', store: 'this' });
  await database.put('outbox', { ...WAITING, opId: 'of another version' });
  const { client, store, labeling } = page();
  labeling.resume();
  await vi.waitFor(() =>
    expect(client.apply).toHaveBeenCalledWith(
      OF,
      { store: 'this', account: '', op_id: 'own', base_revision: 41 },
      BODY,
    ),
  );
  await vi.waitFor(async () =>
    expect((await all()).map((each) => each.opId)).toEqual(['of another version']),
  );
  expect(client.apply).toHaveBeenCalledTimes(1);
  expect(store.elsewhere.value.map((each) => each.opId)).toEqual(['of another version']);
  await labeling.discard(new Set(['of another version']));
  expect(await all()).toEqual([]);
  database.close();
});

test('a change for labels that are gone stays here, and the labels that are there are shown', async () => {
  const { database, all } = await kept();
  const { client, store, labeling } = page();
  client.apply.mockImplementation(() => Promise.reject(new ApiError(409, 'other_store', 'Other labels.')));
  store.selection.value = only(1);
  store.labelState.value = {
    ...store.labelState.value,
    classes: [{ id: 7, name: 'x', color: '#E69F00', position: 0 }],
  };
  labeling.apply(7);
  expect([...store.labels.value]).toEqual([-1, 7]); // shown at once
  await vi.waitFor(() => expect(store.labelState.value.store).toBe('other'));
  expect([...store.labels.value]).toEqual([-1, -1]);
  expect(store.elsewhere.value).toHaveLength(1);
  expect(await all()).toHaveLength(1);
  expect(store.toasts.value.map((each) => each.text).join()).not.toContain('taken back');
  client.apply.mockClear();
  client.apply.mockImplementation(() =>
    Promise.resolve({ store: 'this', revision: 1, changes: [], classes: [] }),
  );
  store.labelState.value = { ...store.labelState.value, store: 'this', revision: 0 }; // they are back
  await vi.waitFor(async () => expect(await all()).toEqual([]));
  expect(client.apply).toHaveBeenCalledTimes(1);
  expect(store.elsewhere.value).toEqual([]);
  database.close();
});

test('somebody who may only look keeps what waits', async () => {
  const { database, all } = await kept();
  await database.put('outbox', { ...WAITING, opId: 'own', store: 'this' });
  const { client, store, labeling } = page();
  store.runs.value = { can_edit: false } as RunsAnswer;
  labeling.resume();
  await vi.waitFor(() => expect(store.elsewhere.value).toHaveLength(1));
  expect(client.apply).not.toHaveBeenCalled();
  expect(await all()).toHaveLength(1);
  await labeling.discard(new Set(['own']));
  database.close();
});

test('an undo has seen what was sent from here before it, and names who keeps what stays', async () => {
  const { client, store, labeling } = page();
  const turned = {
    store: 'this',
    revision: 10,
    target: 9,
    can_undo: false,
    can_redo: true,
    changes: [],
    classes: [],
  };
  const stayed = [{ author: 'ben', count: 1 }];
  const undo = vi.fn<(of: unknown, tag: unknown, revision?: number) => Promise<unknown>>(() =>
    Promise.resolve({ ...turned, stayed }),
  );
  Object.assign(client, { undo });
  // Others edited in between: the answer tells a revision that follows on nothing that was seen.
  client.apply.mockImplementation(() => Promise.resolve({ ...turned, revision: 9, target: null }));
  store.selection.value = only(1);
  labeling.apply(7);
  await labeling.turnBack('undo');
  expect(undo.mock.calls[0]?.[1]).toMatchObject({ base_revision: 9 });
  expect(store.toasts.value.at(-1)?.text).toBe('Undone. But 1 stays: ben changed it since.');
  await labeling.turnBack('undo', false, 4);
  expect(undo.mock.calls[1]?.[2]).toBe(4);
});

const ANN = { account: 'ann', right: 'label', token: 'given', can_edit: true } as RunsAnswer;

test.each(['right_missing', 'read_only_client'] as const)(
  'a change that who signed in meanwhile may not make is kept for its maker, not taken back (%s)',
  async (code) => {
    const { database, all } = await kept();
    const { client, store, labeling, onOtherPerson } = page();
    store.runs.value = ANN;
    client.apply.mockImplementation(() => Promise.reject(new ApiError(403, code, 'You may look.')));
    client.runs.mockImplementation(() =>
      Promise.resolve({ account: 'guest', right: 'look', token: 'given', can_edit: false }),
    );
    const how = { onlyUnlabeled: true, selection: { kind: 'suggestion' } } as const;
    labeling.mark([0], { classId: 7 }, how);
    labeling.mark([1], { classId: 7 }, how);
    await vi.waitFor(() => expect(onOtherPerson).toHaveBeenCalledTimes(1));
    expect(client.apply).toHaveBeenCalledTimes(1); // the second waits with the first
    expect(store.elsewhere.value).toHaveLength(2);
    expect(await all()).toHaveLength(2);
    expect(store.toasts.value.map((each) => each.text).join()).not.toContain('taken back');
    await labeling.discard(new Set(store.elsewhere.value.map((each) => each.opId)));
    database.close();
  },
);

test('an import waits for the right to it, and holds up nothing that may be done', async () => {
  const { database, all } = await kept();
  const { client, store, labeling } = page();
  store.runs.value = ANN;
  const mine = { at: 1, run: 'r', column: 'label', seen: 41, store: 'this', account: 'ann' };
  await database.put('outbox', { ...mine, opId: 'import', body: { route: 'import', body: {} } });
  await database.put('outbox', { ...mine, at: 2, opId: 'apply', body: { route: 'apply', body: BODY } });
  labeling.resume();
  await vi.waitFor(async () => expect((await all()).map((each) => each.opId)).toEqual(['import']));
  expect(client.apply).toHaveBeenCalledTimes(1);
  await labeling.discard(new Set(['import']));
  database.close();
});

test('what was made before anybody signed in is stored by who says that it is theirs', async () => {
  const { database, all } = await kept();
  const { client, store, labeling } = page();
  store.runs.value = ANN;
  await database.put('outbox', { ...WAITING, opId: 'mine', store: 'this', account: '' });
  labeling.resume();
  await vi.waitFor(() => expect(store.elsewhere.value).toHaveLength(1));
  expect(client.apply).not.toHaveBeenCalled();
  await labeling.claim(new Set(['mine']));
  await vi.waitFor(async () => expect(await all()).toEqual([]));
  const tag = { store: 'this', account: 'ann', op_id: 'mine', base_revision: 41 };
  expect(client.apply).toHaveBeenCalledWith(OF, tag, BODY);
  database.close();
});

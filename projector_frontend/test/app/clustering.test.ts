// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { Clustering } from '../../src/app/clustering';
import type { Reviewing } from '../../src/app/reviewing';
import type { Selecting } from '../../src/app/selecting';
import { createStore } from '../../src/state/store';

test('K shows the clusters in the place of the list to verify, and puts them away only where they are in sight', async () => {
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.samples.value = {
    count: 2,
    version: '',
    sample_ids: ['a', 'b'],
    columns: [],
    sprite: null,
    notes: [],
  };
  const client = { clusters: vi.fn(() => Promise.resolve({ clusters: [] })) };
  const clustering = new Clustering(
    client as unknown as Client,
    store,
    {} as unknown as Selecting,
    {} as unknown as Reviewing,
  );
  const toVerify = { groups: [], labels: [] };
  store.toVerify.value = toVerify;
  clustering.toggle();
  expect(store.toVerify.value).toBeNull();
  await vi.waitFor(() => expect(store.clusters.value).not.toBeNull());
  store.toVerify.value = toVerify;
  clustering.toggle();
  expect(store.toVerify.value).toBeNull();
  expect(store.clusters.value).not.toBeNull();
  clustering.toggle();
  expect(store.clusters.value).toBeNull();
});

import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import type { Labeling } from '../../src/app/labeling';
import { Settling } from '../../src/app/settling';
import { createStore } from '../../src/state/store';

function page(count: number) {
  const store = createStore();
  store.run.value = 'r';
  const classes = [{ id: 1, name: 'ant', color: '#E69F00', position: 0 }];
  store.labelState.value = { ...store.labelState.value, store: 's', classes, labels: Int32Array.of(1) };
  const mark = vi.fn();
  const labeling = { mark, answered: () => Promise.resolve() } as unknown as Labeling;
  const answer = { store: 's', count, disagreements: count === 0 ? [] : [{ row: 0, given: [] }] };
  const client = { disagreements: () => Promise.resolve(answer) } as unknown as Client;
  return { store, settling: new Settling(client, store, labeling), mark };
}

test('the list is shown, and put away again', async () => {
  const { store, settling } = page(1);
  await settling.toggle();
  expect(store.toSettle.value?.count).toBe(1);
  await settling.toggle();
  expect(store.toSettle.value).toBeNull();
});

test('where all agree that is said, and no list is shown', async () => {
  const { store, settling } = page(0);
  await settling.toggle();
  expect(store.toSettle.value).toBeNull();
  expect(store.toasts.value[0]?.text).toContain('Nothing to settle');
});

test('the final label is one that somebody looked at, of a class that is there or a new one', () => {
  const { settling, mark } = page(1);
  settling.settle(0, 'ant');
  settling.settle(0, 'bee');
  const page0 = { kind: 'page', of: 'labeled', order: 'doubtful', shown: 1 };
  const how = { state: 'verified', onlyUnlabeled: false };
  expect(mark.mock.calls).toEqual([
    [[0], { classId: 1 }, { ...how, selection: { ...page0, changed: 0 } }],
    [[0], { newClass: 'bee' }, { ...how, selection: { ...page0, changed: 1 } }],
  ]);
});

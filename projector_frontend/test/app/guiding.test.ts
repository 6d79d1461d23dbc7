import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import type { Colleague, RunsAnswer, SamplesAnswer, TakenAnswer, TakeRequest } from '../../src/api/types';
import { Crew } from '../../src/app/crew';
import { Guiding } from '../../src/app/guiding';
import type { Labeling } from '../../src/app/labeling';
import type { Reviewing } from '../../src/app/reviewing';
import type { Selecting } from '../../src/app/selecting';
import type { QueryCandidate } from '../../src/state/guidance';
import { only } from '../../src/state/selection';
import { createStore } from '../../src/state/store';

const candidate = (focus: number): QueryCandidate => ({
  focus,
  k: 3,
  members: [],
  belongs: [],
  classId: null,
  confidence: 1,
});

/** A page with groups round rows 0, 1 and 2; others hold some of them, and are known to be here or not. */
function page(others: Record<string, string>, known = false) {
  const take = vi.fn(({ choices }: TakeRequest): Promise<TakenAnswer> => {
    const free = choices.find(([id = '']) => !(id in others));
    const by = [...new Set(choices.flatMap(([id = '']) => others[id] ?? []))];
    const heldBy = free ? [] : by.map((author) => ({ author, count: 1 }));
    return Promise.resolve({ sample_ids: free ?? [], held_by: heldBy });
  });
  const store = createStore();
  const focus = vi.fn<(row: number, k: number) => Promise<void>>((row) => {
    store.selection.value = { ...only(row), focus: row };
    return Promise.resolve();
  });
  const densest = vi.fn(() => Promise.resolve());
  const ids = ['a', 'b', 'c'];
  store.run.value = 'r';
  store.tensor.value = 't';
  store.runs.value = { can_edit: true } as RunsAnswer;
  store.samples.value = { sample_ids: ids, columns: [] } as unknown as SamplesAnswer;
  store.labelState.value = {
    ...store.labelState.value,
    store: 's',
    labels: Int32Array.of(-1, -1, -1),
    states: new Uint8Array(3),
  };
  const client = { take } as unknown as Client;
  const crew = new Crew(client, store);
  const guiding = new Guiding(
    client,
    store,
    { focus, densest } as unknown as Selecting,
    {} as unknown as Labeling,
    {} as unknown as Reviewing,
    crew,
  );
  store.candidates.value = ids.map((_, row) => candidate(row));
  if (known) store.crew.value = [BEN];
  return { store, guiding, take, focus, densest };
}

const BEN: Colleague = { author: 'ben', own: false, kind: 'view', count: 0, class_id: null, sample_ids: [], holds: false }; // prettier-ignore
const shown = (focus: { mock: { calls: readonly (readonly [number, number])[] } }): number[] =>
  focus.mock.calls.map(([row]) => row);

test('whoever is alone gets the best group at once', () => {
  const { guiding, focus } = page({});
  guiding.nextGroup();
  expect(shown(focus)).toEqual([0]);
  guiding.nextGroup(); // a key pressed twice is two groups
  expect(shown(focus)).toEqual([0, 1]);
});

test('where others are here a group is taken before it is shown', async () => {
  const { guiding, take, focus } = page({ a: 'ben', b: 'ben' }, true);
  guiding.nextGroup();
  guiding.nextGroup(); // one at a time
  expect(shown(focus)).toEqual([]);
  await vi.waitFor(() => expect(shown(focus)).toEqual([2]));
  expect(take).toHaveBeenCalledTimes(1);
  expect(take.mock.calls[0]?.[0].choices).toEqual([['a'], ['b'], ['c']]);
});

test('a group that somebody was a moment quicker at gives way to the next', async () => {
  const { guiding, store, focus } = page({ a: 'ben', b: 'ben' });
  guiding.nextGroup();
  await vi.waitFor(() => expect(shown(focus)).toEqual([0, 1, 2]));
  expect(store.toasts.value).toEqual([]);
});

test('what was labelled meanwhile stays, and it is said who looks at it too', async () => {
  const { guiding, store, focus } = page({ a: 'ben' });
  guiding.nextGroup();
  store.labelState.value = { ...store.labelState.value, labels: Int32Array.of(7, -1, -1) };
  await vi.waitFor(() => expect(store.toasts.value.at(-1)?.text).toBe('ben is looking at this group too.'));
  expect(shown(focus)).toEqual([0]);
});

test('where others look at all groups the densest that they do not look at is shown', async () => {
  const { guiding, focus, densest } = page({ a: 'ben', b: 'ben', c: 'cleo' }, true);
  guiding.nextGroup();
  await vi.waitFor(() => expect(densest).toHaveBeenCalledTimes(1));
  expect(shown(focus)).toEqual([]);
});

test('before there is advice two who begin at the same moment get different groups', async () => {
  const { guiding, store, densest } = page({ a: 'ben', b: 'ben' });
  store.candidates.value = [];
  let row = 0;
  densest.mockImplementation(() => {
    store.selection.value = { ...only(row), focus: row };
    row++;
    return Promise.resolve();
  });
  guiding.nextGroup();
  await vi.waitFor(() => expect(store.selected.value).toEqual([2]));
  expect(store.toasts.value).toEqual([]);
});

test('where others were given every dense group it is said who looks at it too', async () => {
  const { guiding, store, densest } = page({ a: 'ben', b: 'ben', c: 'cleo' });
  store.candidates.value = [];
  let row = 0;
  densest.mockImplementation(() => {
    store.selection.value = { ...only(row % 3), focus: row % 3 };
    row++;
    return Promise.resolve();
  });
  guiding.nextGroup();
  await vi.waitFor(() => expect(store.toasts.value.at(-1)?.text).toMatch(/looking at this group too/));
  expect(row).toBeLessThan(20);
});

test('what was selected while a group was asked for stays', async () => {
  const { guiding, store, focus, take } = page({}, true);
  guiding.nextGroup();
  store.selection.value = only(2);
  await Promise.all(take.mock.results.map(({ value }) => value as Promise<unknown>));
  await Promise.resolve();
  expect(shown(focus)).toEqual([]);
});

test('a server that does not answer, or lets nobody edit, holds up nobody', () => {
  const { guiding, store, take, focus } = page({});
  take.mockImplementation(() => Promise.reject(new Error('gone')));
  guiding.nextGroup();
  expect(focus).toHaveBeenCalledWith(0, 3);
  store.runs.value = { can_edit: false } as RunsAnswer;
  guiding.nextGroup();
  expect(focus).toHaveBeenCalledTimes(2);
  expect(take).toHaveBeenCalledTimes(1);
});

test('groups that were proposed for one label column are none of another one', () => {
  const { store } = page({});
  expect(store.candidates.value).toHaveLength(3);
  store.column.value = 'second';
  expect(store.candidates.value).toEqual([]);
});

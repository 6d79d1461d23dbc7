import { expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import type { RunsAnswer, SamplesAnswer, SessionState } from '../../src/api/types';
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

/** A page with groups round rows 0, 1 and 2; others look at some of them. */
function page(others: Record<string, string>) {
  const take = vi.fn((_run: string, _tensor: string, id: string) =>
    Promise.resolve({ taken: !(id in others), by: others[id] ?? null }),
  );
  const store = createStore();
  const focus = vi.fn<(row: number, k: number) => Promise<void>>((row) => {
    store.selection.value = { ...only(row), focus: row };
    return Promise.resolve();
  });
  const ids = ['a', 'b', 'c'];
  store.run.value = 'r';
  store.tensor.value = 't';
  store.runs.value = { can_edit: true } as RunsAnswer;
  store.samples.value = { sample_ids: ids, columns: [] } as unknown as SamplesAnswer;
  store.labelState.value = {
    ...store.labelState.value,
    labels: Int32Array.of(-1, -1, -1),
    states: new Uint8Array(3),
  };
  const selecting = { focus, densest: vi.fn() } as unknown as Selecting;
  const guiding = new Guiding(
    { take } as unknown as Client,
    store,
    selecting,
    {} as unknown as Labeling,
    {} as unknown as Reviewing,
  );
  store.candidates.value = ids.map((_, row) => candidate(row));
  return { store, guiding, take, focus };
}

test('G shows the best group that nobody else is known to look at, at once', () => {
  const { guiding, store, focus } = page({});
  store.session.value = { taken: ['a'] } as unknown as SessionState;
  guiding.nextGroup();
  expect(focus.mock.calls).toEqual([[1, 3]]);
  guiding.nextGroup(); // a key pressed twice is two groups
  expect(focus.mock.calls).toEqual([
    [1, 3],
    [2, 3],
  ]);
});

test('a group that somebody was a moment quicker at gives way to the next', async () => {
  const { guiding, store, focus } = page({ a: 'ben', b: 'ben' });
  guiding.nextGroup();
  await vi.waitFor(() => expect(focus.mock.calls.map(([row]) => row)).toEqual([0, 1, 2]));
  expect(store.toasts.value).toEqual([]);
});

test('what was labelled meanwhile stays, and it is said who looks at it too', async () => {
  const { guiding, store, focus } = page({ a: 'ben' });
  guiding.nextGroup();
  store.labelState.value = { ...store.labelState.value, labels: Int32Array.of(7, -1, -1) };
  await vi.waitFor(() => expect(store.toasts.value.at(-1)?.text).toBe('ben is looking at this group too.'));
  expect(focus).toHaveBeenCalledTimes(1);
});

test('where others look at all groups the best is shown, and it is said who looks at it', async () => {
  const { guiding, store, focus } = page({ a: 'ben', b: 'ben', c: 'cleo' });
  guiding.nextGroup();
  await vi.waitFor(() => expect(store.toasts.value.at(-1)?.text).toContain('is looking at this group too.'));
  expect(focus.mock.calls.length).toBeLessThanOrEqual(4);
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

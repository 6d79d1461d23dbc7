import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import type { HereRequest, RunsAnswer, SamplesAnswer, TakenAnswer, TakeRequest } from '../../src/api/types';
import { Crew } from '../../src/app/crew';
import { createStore } from '../../src/state/store';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A page whose tab holds row 0, which was labelled there just now; the label is on its way. */
async function labeling() {
  const take = vi.fn(({ choices }: TakeRequest): Promise<TakenAnswer> => {
    return Promise.resolve({ sample_ids: choices[0] ?? [], held_by: [] });
  });
  const here = vi.fn<(body: HereRequest) => ReturnType<Client['here']>>();
  here.mockResolvedValue({ held: true, others: [] });
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.runs.value = { can_edit: true } as RunsAnswer;
  store.samples.value = { sample_ids: ['a', 'b'], columns: [] } as unknown as SamplesAnswer;
  store.labelState.value = { ...store.labelState.value, store: 's', labels: Int32Array.of(-1, -1) };
  const leave = vi.fn<Client['leave']>();
  const crew = new Crew({ take, here, leave } as unknown as Client, store);
  await crew.takeGroup([[0]], null);
  store.labelState.value = { ...store.labelState.value, labels: Int32Array.of(1, -1) };
  store.saved.value = { kind: 'offline', waiting: 1 };
  const poll = () => crew.poll(store.labelColumn.peek(), new AbortController().signal);
  return { store, crew, take, here, leave, poll };
}

test('what was labelled is held until the label is stored, and given back then', async () => {
  const { store, here, poll } = await labeling();
  vi.advanceTimersByTime(10_000);
  await poll();
  expect(here.mock.calls[0]?.[0]).toMatchObject({ done: null, op_id: expect.any(String) as string });
  store.saved.value = { kind: 'saved' };
  await poll();
  expect(here.mock.calls[1]?.[0]).toMatchObject({ done: here.mock.calls[0]?.[0].op_id, op_id: null });
});

test('the next group is taken once the labels of the last are stored', async () => {
  const { store, crew, take } = await labeling();
  const given = crew.takeGroup([[1]], null);
  await vi.advanceTimersByTimeAsync(1000);
  expect(take).toHaveBeenCalledTimes(1);
  store.saved.value = { kind: 'saved' };
  expect((await given)?.rows).toEqual([1]);
});

test('where they are not stored for long nothing is taken, and nothing given back', async () => {
  const { crew, take } = await labeling();
  const given = crew.takeGroup([[1]], null);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await given).toBeNull();
  expect(take).toHaveBeenCalledTimes(1);
});

test('who signs out gives back first, and waits for that', async () => {
  const { crew, leave } = await labeling();
  let answer = (): void => undefined;
  leave.mockReturnValue(new Promise((resolve) => (answer = () => resolve({}))));
  const gone = vi.fn();
  const leaving = crew.leave().then(gone);
  await Promise.resolve();
  expect([leave.mock.calls.length, gone.mock.calls.length]).toEqual([1, 0]);
  answer();
  await leaving;
  expect(gone).toHaveBeenCalled();
});

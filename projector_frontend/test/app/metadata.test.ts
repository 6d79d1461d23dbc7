import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { ColumnInfo, SamplesAnswer } from '../../src/api/types';
import { Metadata } from '../../src/app/metadata';
import { toldColumns } from '../../src/state/metadata';
import { COLOR_BY_LABEL, createStore } from '../../src/state/store';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const column = (name: string, kind: ColumnInfo['kind'], values: string[] | null = null): ColumnInfo => ({
  name,
  kind,
  values,
});
const LARGE = [column('file', 'text'), column('site', 'groups'), column('size', 'number')];
const samples = (columns: ColumnInfo[]) =>
  ({ version: 'v', sample_ids: [], columns }) as unknown as SamplesAnswer;

function page(columns: ColumnInfo[] = LARGE, words = ['a', 'b']) {
  const client = {
    columnText: vi.fn<Client['columnText']>().mockResolvedValue({ words, codes: Int8Array.of(0, 1, 1) }),
    columnNumbers: vi.fn<Client['columnNumbers']>().mockResolvedValue(Float64Array.of(0.5, NaN, 2)),
    cells: vi.fn<Client['cells']>().mockResolvedValue([['a.png', 'Ohio', '2']]),
  };
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.samples.value = samples(columns);
  store.textColumns.value = toldColumns(store.samples.value);
  const metadata = new Metadata(client as unknown as Client, store);
  return { client, store, metadata };
}
const soon = () => vi.advanceTimersByTimeAsync(500);

test('a column is loaded when it is to colour the picture, once, and as what it holds', async () => {
  const { client, store } = page();
  await soon();
  expect(client.columnText).not.toHaveBeenCalled();
  store.colorBy.value = 'site';
  expect(store.colorColumn.value).toBeNull();
  await soon();
  expect(store.colorColumn.value?.words).toEqual(['a', 'b']);
  expect(store.legend.value.map(({ name, count }) => [name, count])).toEqual([['a', 1], ['b', 2]]); // prettier-ignore
  store.colorBy.value = 'size';
  await soon();
  expect([store.scale.value?.low, store.scale.value?.high, store.scale.value?.missing]).toEqual([0.5, 2, 1]);
  expect(store.legend.value).toEqual([]);
  store.colorBy.value = 'site';
  await soon();
  expect(client.columnText.mock.calls).toEqual([[{ run: 'r', tensor: 't', version: 'v' }, 'site']]);
  expect(client.columnNumbers).toHaveBeenCalledTimes(1);
});

test('where it cannot be loaded, labels colour the picture, it is said why, and it can be tried again', async () => {
  const { client, store } = page();
  client.columnText.mockRejectedValueOnce(new ApiError(0, 'unreachable', 'The server does not answer.'));
  store.colorBy.value = 'site';
  await soon();
  expect(store.colorBy.value).toBe(COLOR_BY_LABEL);
  expect(store.toasts.value.map(({ text }) => text)).toEqual(['The server does not answer.']);
  store.colorBy.value = 'site';
  await soon();
  expect(store.colorColumn.value).not.toBeNull();
});

test('what comes after another run was opened is let go', async () => {
  const { client, store } = page();
  let answer: (cells: { words: string[]; codes: Int8Array }) => void = () => undefined;
  client.columnText.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  store.colorBy.value = 'site';
  store.samples.value = samples(LARGE.slice(0, 1));
  answer({ words: ['old'], codes: Int8Array.of(0) });
  await soon();
  expect(store.textColumns.value.size).toBe(0);
});

test('the cells of a row come where the pointer rests, and are kept', async () => {
  const { client, store } = page();
  for (const row of [4, 5, 6, 5]) store.hover.value = { row, x: 0, y: 0 };
  await soon();
  expect(store.cells.value.get(5)).toEqual(['a.png', 'Ohio', '2']);
  store.hover.value = null;
  store.hover.value = { row: 5, x: 1, y: 1 };
  await soon();
  expect(client.cells.mock.calls.map(([, rows]) => rows)).toEqual([[5]]);
});

test('a pattern is looked for in the cells of all columns', async () => {
  const { client, metadata } = page();
  const columns = await metadata.all();
  expect(columns.map(({ name }) => name)).toEqual(['file', 'site', 'size']);
  expect(client.columnText).toHaveBeenCalledTimes(3);
  expect(await metadata.all()).toBe(columns);
});

test('where all cells came with the samples, only what a column measures is asked for', async () => {
  const told = LARGE.map(({ name, kind }) => column(name, kind, ['1', '2', '1']));
  const { client, store, metadata } = page(told);
  store.colorBy.value = 'site';
  store.hover.value = { row: 1, x: 0, y: 0 };
  await metadata.all();
  await soon();
  expect(store.colorColumn.value?.words).toEqual(['1', '2']);
  store.colorBy.value = 'size';
  await soon();
  expect(client.columnNumbers).toHaveBeenCalledTimes(1);
  expect([client.columnText, client.cells].map((each) => each.mock.calls)).toEqual([[], []]);
});

test('where samples lie in pictures is loaded with them', async () => {
  const names = ['file', 'object', 'x', 'y', 'width', 'height'];
  const { client, store } = page(
    names.map((name) => column(name, 'text')),
    ['7', '9'],
  );
  await soon();
  expect(client.columnText.mock.calls.map(([, name]) => name)).toEqual(['file', 'x', 'y', 'width', 'height']);
  expect(store.places.value?.files).toEqual(['7', '9']);
});

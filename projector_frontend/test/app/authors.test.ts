import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { AuthorsAnswer } from '../../src/api/types';
import { followAuthors } from '../../src/app/authors';
import { COLOR_BY_PERSON, createStore } from '../../src/state/store';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function page() {
  const answer: AuthorsAnswer = { store: 's', revision: 1, names: ['ann'], authors: [0] };
  const authors = vi.fn<Client['authors']>().mockResolvedValue(answer);
  const store = createStore();
  store.run.value = 'r';
  store.tensor.value = 't';
  store.labelState.value = { ...store.labelState.value, store: 's', revision: 1 };
  followAuthors({ authors } as unknown as Client, store);
  return { store, authors };
}

test('colours by person are asked for anew where another column is chosen meanwhile', async () => {
  const { store, authors } = page();
  store.colorBy.value = COLOR_BY_PERSON;
  await vi.advanceTimersByTimeAsync(100);
  store.column.value = 'second'; // of the same revision
  store.colorBy.value = COLOR_BY_PERSON;
  await vi.advanceTimersByTimeAsync(2000);
  expect(authors.mock.calls.map(([of]) => of.column)).toEqual(['label', 'second']);
});

test('and once the server answers again', async () => {
  const { store, authors } = page();
  authors.mockRejectedValueOnce(new ApiError(0, 'unreachable', 'The server does not answer.'));
  store.colorBy.value = COLOR_BY_PERSON;
  await vi.advanceTimersByTimeAsync(100);
  expect(store.authors.value).toBeNull();
  store.connection.value = 'away';
  store.connection.value = 'there';
  await vi.advanceTimersByTimeAsync(100);
  expect(store.authors.value).not.toBeNull();
});

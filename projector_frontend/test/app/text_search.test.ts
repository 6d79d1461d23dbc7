import { expect, test, vi } from 'vitest';
import { TextSearch } from '../../src/app/text_search';

/** Answers come when they are let. */
function server() {
  const waiting: ((rows: number[] | Error) => void)[] = [];
  const ask = vi.fn<(text: string) => Promise<Int32Array>>(
    () =>
      new Promise<Int32Array>((resolve, reject) =>
        waiting.push((rows) => (rows instanceof Error ? reject(rows) : resolve(Int32Array.from(rows)))),
      ),
  );
  const answer = async (rows: number[] | Error): Promise<void> => {
    waiting.shift()?.(rows);
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { search: new TextSearch(ask), ask, answer };
}

test('of what is typed while the server looks, only the newest is asked for, and told', async () => {
  const { search, ask, answer } = server();
  const done = vi.fn();
  for (const text of ['c', 'ca', 'cat']) search.find(text, (rows) => void done(text, rows));
  await answer([1, 2, 3]);
  expect(done).not.toHaveBeenCalled();
  await answer([2]);
  expect(done.mock.calls).toEqual([['cat', Int32Array.of(2)]]);
  expect(ask.mock.calls).toEqual([['c'], ['cat']]);
  expect(search.busy).toBe(false);
});

test('nothing is told of a search that nobody waits for any more', async () => {
  const { search, answer } = server();
  const done = vi.fn();
  search.find('cat', done);
  search.cancel();
  await answer([1]);
  expect(done).not.toHaveBeenCalled();
});

test('a search that fails says why, and the next one is asked', async () => {
  const { search, answer } = server();
  const done = vi.fn();
  search.find('cat', done);
  await answer(new Error('The server does not answer.'));
  search.find('dog', done);
  await answer([4]);
  expect(done.mock.calls).toEqual([[new Error('The server does not answer.')], [Int32Array.of(4)]]);
});

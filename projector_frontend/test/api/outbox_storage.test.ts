import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { BrowserOutboxStorage } from '../../src/api/outbox_storage';

test('entries outlive the page that put them there, until they are removed', async () => {
  const first = new BrowserOutboxStorage('here');
  await first.put({ opId: 'a', at: 1 });
  await first.put({ opId: 'b', at: 2 });
  await first.remove('a');
  expect(await new BrowserOutboxStorage('here').all()).toEqual([{ opId: 'b', at: 2 }]);
});

test('another place has a storage of its own', async () => {
  expect(await new BrowserOutboxStorage('there').all()).toEqual([]);
});

test('what any earlier version of the page left waiting is found', async () => {
  const database = await openDB('before', 1, {
    upgrade: (fresh) => void fresh.createObjectStore('outbox', { keyPath: 'opId' }),
  });
  const waiting = { opId: 'c', at: 3, run: 'r', column: 'label', seen: 41, body: { route: 'undo' } };
  await database.put('outbox', waiting);
  database.close();
  expect(await new BrowserOutboxStorage('before').all()).toEqual([waiting]);
});

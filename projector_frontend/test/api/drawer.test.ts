import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { BrowserDrawer } from '../../src/api/drawer';

test('entries outlive the page that put them there, until they are removed', async () => {
  const first = new BrowserDrawer('here');
  await first.put({ opId: 'a', at: 1 });
  await first.put({ opId: 'b', at: 2 });
  await first.remove('a');
  expect(await new BrowserDrawer('here').all()).toEqual([{ opId: 'b', at: 2 }]);
});

test('another place has a drawer of its own', async () => {
  expect(await new BrowserDrawer('there').all()).toEqual([]);
});

// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';
import { keepPreferences, remembered } from '../../src/app/memory';
import { createStore } from '../../src/state/store';

beforeEach(() => localStorage.clear());

test('the choices of the last visit are taken up, under the names they were kept by', () => {
  localStorage.setItem('tb-tsne', JSON.stringify({ painter: 'processor', spriteSize: 40 }));
  const store = createStore();
  keepPreferences(store);
  expect([store.rendererWanted.value, store.spriteSize.value]).toEqual(['processor', 40]);
  store.rendererWanted.value = 'graphics';
  expect(remembered()).toMatchObject({ painter: 'graphics', spriteSize: 40 });
});

test('a key chosen for a command stays with it, although the command was called otherwise then', () => {
  localStorage.setItem('tb-tsne', JSON.stringify({ keys: { hideLabelled: ['J'], densest: ['M'] } }));
  const store = createStore();
  keepPreferences(store);
  expect(store.keyMap.value).toEqual({ hideLabeled: ['J'], densest: ['M'] });
  expect(remembered().keys).toEqual({ hideLabeled: ['J'], densest: ['M'] });
});

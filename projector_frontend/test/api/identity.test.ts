// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';
import { identityHeaders, ownName, setOwnName } from '../../src/api/identity';

beforeEach(() => {
  localStorage.clear();
});

test('a browser keeps one tag, that the server takes', () => {
  const { 'X-TSNE-Client': tag } = identityHeaders();
  expect(tag).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
  expect(identityHeaders()).toEqual({ 'X-TSNE-Client': tag });
});

test('a name goes as a header can hold it, and none where none was given', () => {
  setOwnName('Zoë\ud800 M.');
  expect(identityHeaders()['X-TSNE-Author']).toBe('Zo%C3%AB%20M.');
  setOwnName('');
  expect(ownName()).toBe('');
  expect(identityHeaders()).not.toHaveProperty('X-TSNE-Author');
});

import { expect, test } from 'vitest';
import { wayBetween } from '../../eslint/no_circles.js';

const graph = new Map([
  ['page', ['panel', 'store']],
  ['panel', ['button', 'store']],
  ['button', ['page', 'panel']],
  ['store', []],
]);

test('the shortest way between modules goes along what they import', () => {
  expect(wayBetween(graph, 'panel', 'page')).toEqual(['panel', 'button', 'page']);
  expect(wayBetween(graph, 'store', 'page')).toBeNull();
});

test('a circle elsewhere is walked once', () => {
  expect(wayBetween(graph, 'page', 'nowhere')).toBeNull();
});

test('a module that imports itself is a circle of one', () => {
  expect(wayBetween(graph, 'page', 'page')).toEqual(['page']);
});

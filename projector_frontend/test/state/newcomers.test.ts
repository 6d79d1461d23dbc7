import { expect, test } from 'vitest';
import { changeOfRun } from '../../src/state/newcomers';

const AGAIN = 'The run was exported again: it is loaded afresh.';

test.each([
  [['a', 'b'], ['a', 'b', 'c'], '1 image joined.'],
  [['a', 'b'], ['a', 'b', 'c', 'd'], '2 images joined.'],
  [['a', 'b'], ['b', 'a', 'c'], AGAIN],
  [['a', 'b'], ['a', 'b'], AGAIN],
  [['a', 'b'], ['a'], AGAIN],
  [[], ['a'], AGAIN],
])('%j that became %j', (before, after, words) => {
  expect(changeOfRun(before, after)).toBe(words);
});

import { expect, test } from 'vitest';
import type { RunsAnswer } from '../../src/api/types';
import {
  givenToken,
  isAnother,
  isExposed,
  manageProblem,
  tokenIn,
  withoutToken,
} from '../../src/state/access';

test('a token is found behind the # of an address, and taken out of it', () => {
  for (const [hash, token, rest] of [
    ['#tsne&token=aB_-9', 'aB_-9', '#tsne'],
    ['#token=aB_-9', 'aB_-9', ''],
    ['#tsne&token=aB_-9&run=a', 'aB_-9', '#tsne&run=a'],
    ['#tsne&run=a&token=aB_-9', 'aB_-9', '#tsne&run=a'],
    ['#tsne', null, '#tsne'],
    ['', null, ''],
    ['#tsne&mytoken=x', null, '#tsne&mytoken=x'],
  ] as const) {
    expect(tokenIn(hash)).toBe(token);
    expect(withoutToken(hash)).toBe(rest);
  }
});

test('a token is taken as it is, or with the address around it', () => {
  expect(givenToken('  abc \n')).toBe('abc');
  expect(givenToken('http://gpu01:6006/#tsne&token=abc')).toBe('abc');
});

test('only plain http beyond this machine can be read on the way', () => {
  const at = (address: string): boolean => isExposed(new URL(address));
  expect(['http://192.168.1.7:6006', 'http://gpu01:6006', 'http://localhost.example'].map(at)).toEqual([
    true,
    true,
    true,
  ]);
  const near = [
    'http://localhost:6006',
    'http://127.0.0.1',
    'http://[::1]:6006',
    'https://gpu01',
    'http://a.localhost',
  ];
  expect(near.map(at)).toEqual([false, false, false, false, false]);
});

test('another person, another right, or none at all is another page', () => {
  const ann = { account: 'ann', right: 'label', token: 'given' } as RunsAnswer;
  expect(isAnother(ann, { ...ann, author: 'x' })).toBe(false);
  expect(isAnother(null, ann)).toBe(true);
  expect(isAnother(ann, { ...ann, account: 'ben' })).toBe(true);
  expect(isAnother(ann, { ...ann, right: 'look' })).toBe(true);
  expect(isAnother({ ...ann, account: '' }, { ...ann, account: '', token: 'missing' })).toBe(true);
});

test('who may not manage is told why the run cannot be changed for everybody', () => {
  const runs = { right: 'manage', edit_problem: null } as RunsAnswer;
  expect(manageProblem(null)).toBeNull();
  expect(manageProblem(runs)).toBeNull();
  expect(manageProblem({ ...runs, right: 'label' })).toMatch(/not manage/);
  expect(manageProblem({ ...runs, right: 'look', edit_problem: 'You may look.' })).toBe('You may look.');
});

import { expect, test } from 'vitest';
import type { HistoryEntry, SessionState } from '../../src/api/types';
import { listed, sharedQuestion, toldChange, toldEdit, toldStayed } from '../../src/state/company';

test('names are listed as people say them', () => {
  expect([['ann'], ['ann', 'ben'], ['ann', 'ben', 'cleo'], ['a', 'b', 'c', 'd']].map(listed)).toEqual([
    'ann',
    'ann and ben',
    'ann, ben and cleo',
    'a, b and 2 others',
  ]);
});

test('who is here is named before a picture changes for them', () => {
  expect(sharedQuestion(['ben'])).toBe('ben is looking at this picture too: change it for both?');
  expect(sharedQuestion(['ben', 'cleo'], 'turn it')).toBe(
    'ben and cleo are looking at this picture too: turn it for all?',
  );
});

test('what others did to the picture is told', () => {
  const state = { parameters: { n_components: 2 }, column: 'eyes' } as SessionState;
  const change = { number: 1, author: 'ben', own: false };
  expect(toldChange({ ...change, doing: 'dimensions' }, state)).toBe('ben turned the picture to 2-D.');
  expect(toldChange({ ...change, doing: 'column' }, state)).toContain('“eyes”');
});

test('whose labels somebody changed is told, and nobody of their own', () => {
  const entry = { author: 'ben', own: false, yours: 12, summary: '30 images labelled cat' } as HistoryEntry;
  expect(toldEdit(entry)).toBe('ben changed 12 of yours: 30 images labelled cat');
  expect(toldEdit({ ...entry, yours: 0 })).toBeNull();
  expect(toldEdit({ ...entry, own: true })).toBeNull();
});

test('what an undo left as it is has a reason', () => {
  expect(toldStayed([], 12)).toBe('');
  expect(toldStayed([{ author: 'ben', count: 3 }], 12)).toBe('3 of 12 stay: ben changed them since');
  expect(toldStayed([{ author: 'ben', count: 1 }], 1)).toBe('1 of 1 stays: ben changed it since');
  expect(
    toldStayed(
      [
        { author: '', count: 2 },
        { author: 'ben', count: 1 },
      ],
      0,
    ),
  ).toBe('3 stay: ben changed them since, and a class is gone');
});

import { expect, test } from 'vitest';
import type { ClassInfo, Colleague } from '../../src/api/types';
import {
  heldRows,
  initials,
  leftOutWords,
  lookedAtWords,
  spotOf,
  teammates,
  whereWords,
  withOnlookers,
} from '../../src/state/crew';

const CLASSES = new Map<number, ClassInfo>([[1, { id: 1, name: 'cars', color: '#000000', position: 0 }]]);
const colleague = (author: string, more: Partial<Colleague> = {}): Colleague => ({
  author,
  own: false,
  kind: 'view',
  count: 0,
  class_id: null,
  sample_ids: [],
  holds: false,
  ...more,
});

test('what others hold is theirs, in another tab of one\u2019s own too; what they only look at is nobody\u2019s', () => {
  const rowOf = new Map(['a', 'b', 'c'].map((id, row) => [id, row]));
  const others = [
    colleague('ben', { holds: true, kind: 'group', sample_ids: ['a', 'gone'] }),
    colleague('ann', { holds: true, own: true, kind: 'page', sample_ids: ['c'] }),
    colleague('cleo', { sample_ids: ['b'] }),
  ];
  expect([...heldRows(others, rowOf)]).toEqual([
    [0, 'ben'],
    [2, 'ann'],
  ]);
});

test('people are told once, with all that they look at; one\u2019s own tabs are nobody else', () => {
  const group = { kind: 'group', count: 12, class_id: 1 } as const;
  const others = [colleague('ann', { own: true }), colleague('Ben K.', group), colleague('Ben K.')];
  expect(teammates(others, CLASSES)).toEqual([
    { author: 'Ben K.', initials: 'BK', words: ['looks at a group: 12 of cars', 'looks at the picture'] },
  ]);
});

test('whoever may only look is told by name', () => {
  const found = withOnlookers(teammates([colleague('ben')], CLASSES), ['ann', 'ben', 'cleo', 'cleo'], 'ann');
  expect(found.map(({ author, words }) => [author, words])).toEqual([
    ['ben', ['looks at the picture']],
    ['cleo', ['looks at the picture']],
  ]);
});

test.each([
  [{ kind: 'view', count: 0, class_id: null }, 'looks at the picture'],
  [{ kind: 'view', count: 5000, class_id: null }, 'has 5,000 images selected'],
  [{ kind: 'group', count: 1, class_id: 9 }, 'looks at a group: 1 image'],
  [{ kind: 'page', count: 40, class_id: 1 }, 'looks through a page: 40 of cars'],
] as const)('where somebody looks is said: %o', (spot, words) => {
  expect(whereWords(spot, CLASSES)).toBe(words);
});

test.each([
  ['ben', 'BE'],
  ['Zoë M. (self-named)', 'ZM'],
  ['10.0.0.5 (forwarded)', '15'],
  ['王伟', '王伟'],
  ['(self-named)', '?'],
])('%s is %s', (author, letters) => {
  expect(initials(author)).toBe(letters);
});

test('what was left out, and what is looked at twice, is said with names', () => {
  expect(leftOutWords([])).toBe('');
  expect(leftOutWords([{ author: 'ben', count: 1 }])).toBe('1 image is left out: ben is looking at it.');
  const two = [
    { author: 'ben', count: 2 },
    { author: 'cleo', count: 1 },
  ];
  expect(leftOutWords(two)).toBe('3 images are left out: ben and cleo are looking at them.');
  const held = new Map([
    [1, 'ben'],
    [2, 'ben'],
  ]);
  expect(lookedAtWords([3], held)).toBe('');
  expect(lookedAtWords([1, 3], held)).toBe('ben is looking at 1 too.');
  expect(lookedAtWords([1, 2], held)).toBe('ben is looking at them too.');
});

test('where this tab looks is told by a few samples', () => {
  const rows = [...Array(20).keys()];
  expect(spotOf({ kind: 'group', rows, classId: 1 }, (row) => `s${row}`)).toEqual({
    kind: 'group',
    count: 20,
    class_id: 1,
    sample_ids: ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7'],
  });
});

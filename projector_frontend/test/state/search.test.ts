import { describe, expect, test } from 'vitest';
import { encoded } from '../../src/state/metadata';
import { rowsMatching, rowsWithText, wantedBy } from '../../src/state/search';
import cases from './folding_cases.json';

const COLUMNS = [
  encoded('file', ['Cat_1.png', 'dog.png', 'cat_2.png']),
  encoded('kind', ['x', 'catfish', 'y']),
];

function rows(query: string): number[] {
  const wanted = wantedBy(query);
  if (wanted.kind === 'problem') throw new Error(wanted.problem);
  return [
    ...(wanted.kind === 'text' ? rowsWithText(COLUMNS, wanted.text) : rowsMatching(COLUMNS, wanted.pattern)),
  ];
}

describe('search', () => {
  test('finds text in any column, case ignored', () => {
    expect(rows('cAt')).toEqual([0, 1, 2]);
  });

  test('takes what stands between slashes as a regular expression', () => {
    expect(rows('/^cat_\\d/')).toEqual([2]);
    expect(rows('/^cat_\\d/i')).toEqual([0, 2]);
  });

  test('says so while an expression is incomplete', () => {
    expect(wantedBy('/(/')).toEqual({
      kind: 'problem',
      problem: expect.stringContaining('regular') as string,
    });
  });

  test('finds what is written in either of two ways', () => {
    const columns = [encoded('file', ['u\u0308ber.png', '\u00fcber.png', 'uber.png'])];
    for (const typed of ['u\u0308b', '\u00dcB']) {
      const wanted = wantedBy(typed);
      expect(wanted.kind === 'text' && [...rowsWithText(columns, wanted.text)]).toEqual([0, 1]);
    }
    const wanted = wantedBy('/^u\u0308/');
    expect(wanted.kind === 'pattern' && [...rowsMatching(columns, wanted.pattern)]).toEqual([0, 1]);
  });

  test('takes signs in plain text as they are', () => {
    expect(rows('(')).toEqual([]);
    expect(rows('cat.2')).toEqual([]);
    const signs = ['a', '.*', 'x|y', '[b]', '(c)', '{2}', '^d$', 'e\\f', 'g+h?', 'i/j-k'];
    const columns = [encoded('sign', signs)];
    for (const [row, text] of signs.entries()) expect([...rowsWithText(columns, text)]).toEqual([row]);
  });

  test.each(cases)('finds $text where the server finds it', ({ text, cells, found }) => {
    const wanted = wantedBy(text);
    expect(wanted.kind === 'text' && [...rowsWithText([encoded('word', cells)], wanted.text)]).toEqual(found);
  });
});

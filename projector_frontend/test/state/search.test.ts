import { describe, expect, test } from 'vitest';
import { searchRows } from '../../src/state/search';

describe('search', () => {
  const columns = [
    { name: 'file', values: ['Cat_1.png', 'dog.png', 'cat_2.png'] },
    { name: 'kind', values: ['x', 'catfish', 'y'] },
  ];

  test('finds text in any column, case ignored', () => {
    expect([...(searchRows(columns, 'cat').rows ?? [])]).toEqual([0, 1, 2]);
  });

  test('takes what stands between slashes as a regular expression', () => {
    expect([...(searchRows(columns, '/^cat_\\d/').rows ?? [])]).toEqual([2]);
    expect([...(searchRows(columns, '/^cat_\\d/i').rows ?? [])]).toEqual([0, 2]);
  });

  test('says so while an expression is incomplete', () => {
    expect(searchRows(columns, '/(/')).toEqual({
      rows: null,
      problem: expect.stringContaining('regular') as string,
    });
  });

  test('takes signs in plain text as they are', () => {
    expect(searchRows(columns, '(').rows).toHaveLength(0);
  });
});

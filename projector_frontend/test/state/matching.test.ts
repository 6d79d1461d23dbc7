import { expect, test } from 'vitest';
import { matching, placesOf } from '../../src/state/matching';

const itself = (name: string): string => name;
const CELLS = ['neutrophil', 'Eosinophil', 'monocyte'];

test('names are found by their first letters first, whatever their case', () => {
  expect(matching(CELLS, 'N', itself)).toEqual(['neutrophil', 'Eosinophil', 'monocyte']);
  expect(matching(CELLS, 'phil', itself)).toEqual(['neutrophil', 'Eosinophil']);
});

test('a name that is typed whole comes first, however many begin or go on like it', () => {
  const many = Array.from({ length: 1000 }, (_, place) => `a${place}`);
  expect(matching([...many, 'a'], 'a', itself)).toEqual(['a', ...many.slice(0, 7)]);
  expect(matching(many, '', itself)).toEqual(many.slice(0, 8));
});

test('a filter keeps the order, and nothing typed keeps all', () => {
  const cells = CELLS.map((name) => ({ name }));
  expect(placesOf(cells, ' PHIL')).toEqual([0, 1]);
  expect(placesOf(cells, 'x')).toEqual([]);
  expect(placesOf(cells, ' ')).toBeNull();
});

test('a name is found however its accents are written', () => {
  const names = ['Caf\u00e9', 'cafe\u0301 noir', 'cave'];
  expect(matching(names, 'caf\u00e9', itself)).toEqual(names.slice(0, 2));
  expect(matching(names, 'Cafe\u0301', itself)).toEqual(names.slice(0, 2));
  expect(matching(['cafe\u0301s', 'cafe\u0301'], 'caf\u00e9', itself)).toEqual(['cafe\u0301', 'cafe\u0301s']);
  expect(
    placesOf(
      names.map((name) => ({ name })),
      'F\u00c9',
    ),
  ).toEqual([0, 1]);
});

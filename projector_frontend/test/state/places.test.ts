import { expect, test } from 'vitest';
import type { ClassInfo } from '../../src/api/types';
import { encoded } from '../../src/state/metadata';
import {
  boxOf,
  columnsOfPlaces,
  pictureOf,
  placedBoxes,
  placesOf,
  rowAt,
  rowBeside,
  rowsOfPicture,
  sizeOf,
  type Places,
} from '../../src/state/places';

const column = (name: string, ...values: string[]) => ({ name, values });
type Columns = readonly ReturnType<typeof column>[];

/** Objects 0, 2 and 4 lie in a.png, 1 and 3 in b.png; 5 says nothing. */
const COLUMNS = [
  column('file', 'a.png', 'b.png', 'a.png', 'b.png', 'a.png', 'a.png'),
  column('object', '0', '0', '1', '1', '2', '3'),
  column('x', '0', '5', '20', '1.5', '0', '-'),
  column('y', '0', '5', '20', '2.5', '0', '1'),
  column('width', '10', '10', '10', '8', '100', '1'),
  column('height', '10', '10', '10', '8', '50', '1'),
  column('picture_width', '100', '40', '100', '40', '100', '100'),
  column('picture_height', '50', '30', '50', '30', '50', '50'),
];

const placed = (columns: Columns): Places | null =>
  placesOf(
    columns.map(({ name }) => name),
    new Map(columns.map(({ name, values }) => [name, encoded(name, values)])),
  );
const places = (columns: Columns = COLUMNS): Places => {
  const found = placed(columns);
  if (!found) throw new Error('no places');
  return found;
};

test('samples of one file are in one picture, whatever lies between them', () => {
  expect(places().files).toEqual(['a.png', 'b.png']);
  expect([...places().pictureOf]).toEqual([0, 1, 0, 1, 0, -1]);
  expect([...rowsOfPicture(places(), 0)]).toEqual([0, 2, 4]);
  expect([...rowsOfPicture(places(), 1)]).toEqual([1, 3]);
  expect(sizeOf(places(), 1)).toEqual({ width: 40, height: 30 });
  expect(boxOf(places(), 3)).toEqual([1.5, 2.5, 8, 8]);
});

test('what has no box is part of no picture', () => {
  expect(pictureOf(places(), 5)).toBeNull();
  expect(pictureOf(null, 0)).toBeNull();
  const bad = ['NaN', 'Infinity', '', 'x', '0', '-3'];
  const widths = COLUMNS.map((each) => (each.name === 'width' ? { ...each, values: bad } : each));
  expect(placed(widths)).toBeNull();
});

test('runs of whole pictures have no places, and measures of things are none', () => {
  expect(placed([])).toBeNull();
  expect(placed(COLUMNS.filter(({ name }) => name !== 'object'))).toBeNull();
  expect(placed(COLUMNS.filter(({ name }) => name !== 'height'))).toBeNull();
});

test('what says where samples lie is known by name, and waits until all of it is here', () => {
  const names = COLUMNS.map(({ name }) => name);
  expect(columnsOfPlaces(names)).toEqual(names.filter((name) => name !== 'object'));
  expect(columnsOfPlaces(names.filter((name) => name !== 'object'))).toEqual([]);
  const here = new Map(COLUMNS.map(({ name, values }) => [name, encoded(name, values)]));
  here.delete('object');
  expect(placesOf(names, here)).toEqual(places());
  here.delete('picture_width');
  expect(placesOf(names, here)).toBeNull();
});

test('of older runs pictures are known, and their sizes are not', () => {
  const older = places(COLUMNS.filter(({ name }) => !name.startsWith('picture_')));
  expect([...rowsOfPicture(older, 0)]).toEqual([0, 2, 4]);
  expect(sizeOf(older, 0)).toBeNull();
});

test('boxes have the colors of their labels as they are now', () => {
  const classes = new Map<number, ClassInfo>([[7, { id: 7, name: 'ant', color: '#E69F00', position: 0 }]]);
  const before = placedBoxes(places(), 0, 2, Int32Array.of(7, -1, -1, 7, -2, -1), classes);
  expect(before.colors).toEqual(['#E69F00', null, null]);
  expect(before.current).toBe(1);
  expect([...before.boxes.subarray(4, 8)]).toEqual([20, 20, 10, 10]);
  const after = placedBoxes(places(), 0, 2, Int32Array.of(-1, -1, 7, 7, -3, -1), classes);
  expect(after.colors).toEqual([null, '#E69F00', null]);
});

test('the smallest box that holds a point is meant', () => {
  expect(rowAt(places(), 0, 5, 5)).toBe(0);
  expect(rowAt(places(), 0, 25, 25)).toBe(2);
  expect(rowAt(places(), 0, 60, 40)).toBe(4);
  expect(rowAt(places(), 0, 60, 60)).toBeNull();
});

test('one goes from object to object, round', () => {
  expect(rowBeside(places(), 0, 1)).toBe(2);
  expect(rowBeside(places(), 4, 1)).toBe(0);
  expect(rowBeside(places(), 1, -1)).toBe(3);
  expect(rowBeside(places(), 5, 1)).toBe(5);
});

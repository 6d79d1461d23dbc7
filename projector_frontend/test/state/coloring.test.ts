import { describe, expect, test } from 'vitest';
import type { ClassInfo } from '../../src/api/types';
import {
  byPerson,
  colorColumns,
  columnColors,
  labelColors,
  legendOf,
  rowsOfGroup,
} from '../../src/state/coloring';
import { rgb } from '../../src/state/colors';
import { cellAt, encoded } from '../../src/state/metadata';

const info = (id: number, color: string): ClassInfo => ({
  id,
  name: `c${id}`,
  color,
  position: id,
});

test('a colour that is none is grey', () => {
  expect(rgb('#0072B2')).toEqual([0, 114, 178]);
  expect(rgb('url(x)')).toEqual([128, 128, 128]);
});

test('labels colour their rows, and the unlabelled stay neutral', () => {
  const colors = labelColors(Int32Array.of(-1, 7, 99), [info(7, '#010203')]);
  expect([...colors]).toEqual([0, 0, 0, 0, 1, 2, 3, 255, 0, 0, 0, 0]);
});

describe('colouring by a column', () => {
  const palette = ['#E69F00', '#56B4E9'];
  const column = encoded('kind', ['10', '9', '9', 'unlabeled', '']);

  test('lists its values in a natural order, with counts', () => {
    const names = legendOf(column, palette).map((entry) => [entry.name, entry.count]);
    expect(names).toEqual([['9', 2], ['10', 1], ['', 1], ['unlabeled', 1]]); // prettier-ignore
    const sorted = (values: string[]) => legendOf(encoded('', values), []).map((entry) => entry.name);
    expect(sorted(['1e1', '-2', 'NaN', '0.5', '-10', '0.25'])).toEqual([
      '-10',
      '-2',
      '0.25',
      '0.5',
      '1e1',
      'NaN',
    ]);
    expect(sorted(['site 10', 'site 9', 'Site 1'])).toEqual(['Site 1', 'site 9', 'site 10']);
  });

  test('takes the server’s palette in order, and again from its start where it ends; what is neutral is grey', () => {
    const colors = legendOf(encoded('kind', ['1', '2', '3', '', 'unlabeled']), palette);
    expect(colors.map((entry) => entry.color)).toEqual([
      '#E69F00',
      '#56B4E9',
      '#E69F00',
      '#808080',
      '#808080',
    ]);
  });

  test('is grey until the server has told its palette', () => {
    const colors = columnColors(column, legendOf(column, []));
    expect([...colors.subarray(4, 8)]).toEqual([128, 128, 128, 255]);
  });

  test('leaves what has no value neutral', () => {
    const colors = columnColors(column, legendOf(column, palette));
    const coloured = [0, 1, 2, 3, 4].map((row) => colors[4 * row + 3]);
    expect(coloured).toEqual([255, 255, 255, 0, 0]);
  });

  test('is offered for columns that name groups, or measure something', () => {
    const kinds = ['text', 'groups', 'number', 'time', 'states'] as const;
    const columns = kinds.map((kind) => ({ name: kind, kind, values: null }));
    expect(colorColumns(columns).map((each) => each.name)).toEqual(['groups', 'number', 'time']);
  });
});

test('who gave each label colours the view; what nobody labelled stays neutral', () => {
  const column = byPerson({ store: 's', revision: 3, names: ['ben', '', 'ann'], authors: [0, -1, 2, 1, 0] });
  expect([0, 1, 2, 3, 4].map((row) => cellAt(column, row))).toEqual([
    'ben',
    'unlabeled',
    'ann',
    'came with the run',
    'ben',
  ]);
  const legend = legendOf(column, ['#111111', '#222222', '#333333', '#444444']);
  expect(legend.map(({ name, count }) => [name, count])).toEqual([
    ['ann', 1],
    ['ben', 2],
    ['came with the run', 1],
    ['unlabeled', 1],
  ]);
  expect(legend.at(-1)?.color).toBe('#808080');
  expect(columnColors(column, legend)[7]).toBe(0);
  expect([...rowsOfGroup(column, 'ben')]).toEqual([0, 4]);
});

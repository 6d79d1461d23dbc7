import { describe, expect, test } from 'vitest';
import { colorColumns, columnColors, labelColors, legendOf } from '../../src/state/coloring';
import { hslToHex, nextColor, OKABE_ITO, paletteColor, rgb } from '../../src/state/colors';

const info = (id: number, color: string): { id: number; name: string; color: string } => ({
  id,
  name: `c${id}`,
  color,
});

test('a new class gets the first colour nobody has, whatever its case', () => {
  expect(nextColor([])).toBe(OKABE_ITO[0]);
  expect(nextColor([info(1, '#e69f00'), info(2, '#009E73')])).toBe('#56B4E9');
});

test('colours never run out', () => {
  const many = Array.from({ length: 60 }, (_, i) => paletteColor(i));
  expect(new Set(many).size).toBe(60);
  expect(many.every((color) => /^#[0-9A-F]{6}$/.test(color))).toBe(true);
});

test('hues are where they belong', () => {
  expect(hslToHex(0, 1, 0.5)).toBe('#FF0000');
  expect(hslToHex(120, 1, 0.5)).toBe('#00FF00');
  expect(hslToHex(240, 1, 0.25)).toBe('#000080');
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
  const column = { name: 'kind', values: ['10', '9', '9', 'unlabeled', ''] };

  test('lists its values in a natural order, with counts', () => {
    const names = legendOf(column).map((entry) => [entry.name, entry.count]);
    expect(names).toEqual([['', 1], ['9', 2], ['10', 1], ['unlabeled', 1]]); // prettier-ignore
  });

  test('leaves what has no value neutral', () => {
    const colors = columnColors(column, legendOf(column));
    const coloured = [0, 1, 2, 3, 4].map((row) => colors[4 * row + 3]);
    expect(coloured).toEqual([255, 255, 255, 0, 0]);
  });

  test('is offered for columns that name groups only', () => {
    const columns = [
      { name: 'file', values: ['a', 'b', 'c', 'd', 'e'] },
      { name: 'constant', values: ['x', 'x', 'x', 'x', 'x'] },
      { name: 'sex', values: ['f', 'm', 'f', 'm', 'f'] },
    ];
    expect(colorColumns(columns, 5).map((each) => each.name)).toEqual(['sex']);
  });
});

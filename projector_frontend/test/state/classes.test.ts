import { expect, test } from 'vitest';
import { matching } from '../../src/state/classes';

test('classes are found by their first letters first, whatever their case', () => {
  const classes = ['neutrophil', 'Eosinophil', 'monocyte'].map((name, id) => ({
    id,
    name,
    color: '#000000',
    position: id,
  }));
  expect(matching(classes, 'N').map((each) => each.name)).toEqual(['neutrophil', 'Eosinophil', 'monocyte']);
  expect(matching(classes, 'phil').map((each) => each.id)).toEqual([0, 1]);
  expect(matching(classes, '')).toEqual([]);
});

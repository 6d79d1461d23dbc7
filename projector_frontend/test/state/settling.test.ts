import { expect, test } from 'vitest';
import type { Disagreement } from '../../src/api/types';
import { choicesOf, unsettled } from '../../src/state/settling';

const given = (name: string, label: string) => ({ name, kind: 'column' as const, label });

test('of the classes that an image was given the one given most often comes first', () => {
  const disagreement: Disagreement = {
    row: 3,
    given: [given('label', 'bee'), given('second', 'ant'), given('third', 'ant'), given('fourth', 'wasp')],
  };
  expect(choicesOf(disagreement).map(({ label, by }) => [label, by.length])).toEqual([
    ['ant', 2],
    ['bee', 1],
    ['wasp', 1],
  ]);
});

test('what is verified is settled', () => {
  const rows = [0, 1].map((row) => ({ row, given: [] }));
  expect(unsettled(rows, Uint8Array.of(3, 2)).map(({ row }) => row)).toEqual([1]);
});

import { expect, test } from 'vitest';
import type { SamplesAnswer } from '../../src/api/types';
import { asked, FORMATS, offered, type FormatName } from '../../src/state/datasets';

const samples = (...columns: string[]): SamplesAnswer => ({
  count: 0,
  version: '',
  sample_ids: [],
  columns: columns.map((name) => ({ name, kind: 'text', values: [] })),
  sprite: null,
  notes: [],
});
const CHOSEN = { split: 'train=.8,val=.2', suggestions: 95, spreadsheet: true, authors: true };

test('annotations are offered where samples are objects in pictures, and nowhere else', () => {
  const groups = (of: SamplesAnswer | null): string[] => offered(of).map(([group]) => group);
  expect(groups(null)).toEqual(['Tables', 'With pictures', 'For other tools']);
  expect(groups(samples('file', 'object', 'x'))).not.toContain('Your annotations');
  const all = offered(samples('object', 'x', 'y', 'width', 'height'));
  expect(all.at(-1)).toEqual(['Your annotations', ['coco', 'yolo', 'voc']]);
  const names: FormatName[] = all.flatMap(([, found]) => found);
  expect(names.toSorted()).toEqual((Object.keys(FORMATS) as FormatName[]).toSorted());
  expect(names[0]).toBe('tsv');
});

test('only what a format has a place for is asked', () => {
  expect(asked('csv', CHOSEN)).toEqual({
    format: 'csv',
    split: 'train=.8,val=.2',
    suggestions: 0.95,
    spreadsheet: true,
    authors: true,
  });
  expect(asked('folders', CHOSEN)).toEqual({ format: 'folders', split: 'train=.8,val=.2' });
  expect(asked('ecotaxa', CHOSEN)).toEqual({ format: 'ecotaxa', suggestions: 0.95, authors: true });
  expect(asked('csv', { split: ' ', suggestions: null, spreadsheet: false, authors: false })).toEqual({
    format: 'csv',
  });
});

// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';
import type { SamplesAnswer } from '../../src/api/types';
import { closeNotes, showNewNotes } from '../../src/app/notes';
import { createStore } from '../../src/state/store';

beforeEach(() => localStorage.clear());

/** Whether the notes open by themselves at a visit to a run. */
function visit(run: string, notes: string[], then: 'close' | 'leave' = 'leave'): boolean {
  const store = createStore();
  store.run.value = run;
  store.samples.value = { notes, columns: [], sample_ids: [] } as unknown as SamplesAnswer;
  showNewNotes(store);
  const opened = store.notesOpen.value !== false;
  if (then === 'close') closeNotes(store);
  return opened;
}

test('notes open by themselves until they were closed, and again where there is a new one', () => {
  expect(visit('a', ['one', 'two'])).toBe(true);
  expect(visit('a', ['one', 'two'], 'close')).toBe(true);
  expect(visit('a', ['one', 'two'])).toBe(false);
  expect(visit('a', ['one'])).toBe(false);
  expect(visit('a', ['one', 'three'], 'close')).toBe(true);
  expect(visit('a', ['two', 'three'])).toBe(false);
  expect(visit('b', ['one'])).toBe(true);
  expect(visit('a', [])).toBe(false);
});

test('any name of a run will do, and those of many runs do not pile up', () => {
  expect(visit('__proto__', ['one'], 'close')).toBe(true);
  expect(visit('__proto__', ['one'])).toBe(false);
  for (let run = 0; run < 300; run++) visit(`run ${run}`, ['one'], 'close');
  expect(visit('run 299', ['one'])).toBe(false);
  expect(visit('__proto__', ['one'])).toBe(true);
  expect(localStorage.getItem('tb-tsne')?.length).toBeLessThan(10_000);
});

// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/preact';
import { afterEach, expect, test } from 'vitest';
import type { SamplesAnswer, SessionState } from '../../src/api/types';
import type { Store } from '../../src/state/store';
import { Notes, NotesButton } from '../../src/view/Notes';
import { show } from './show';

afterEach(cleanup);

function notes(...all: string[]) {
  return (store: Store) => {
    store.samples.value = { ...(store.samples.value as SamplesAnswer), notes: all };
    store.notesOpen.value = 'unasked';
  };
}
const both = (
  <>
    <NotesButton />
    <Notes />
  </>
);

test('notes on a run are listed whole, many of them folded', () => {
  show(both, notes(...Array.from({ length: 9 }, (_, place) => `Note ${place}. ${'word '.repeat(100)}`)));
  const items = screen.getByTestId('notes').querySelectorAll('li');
  expect(items).toHaveLength(9);
  expect(items[8]?.textContent.length).toBeGreaterThan(500);
  expect(items[8]?.closest('details')?.open).toBe(false);
  expect(screen.getByTestId('more-notes').textContent).toBe('5 more');
  expect(screen.getByTestId('notes-button').textContent).toContain('9 notes');
});

test('what pictures and t-SNE lack is told too, each once', () => {
  const { store } = show(both, notes('No pictures.'));
  store.sheetProblem.value = 'No pictures.';
  store.session.value = { notes: ['1 sample is left out.'] } as unknown as SessionState;
  expect(store.notes.value).toEqual(['No pictures.', '1 sample is left out.']);
});

test('they are closed by their cross, by Escape, and by the button that opens them', () => {
  const { done } = show(both, notes('A note.'));
  fireEvent.click(screen.getByTestId('close-notes'));
  fireEvent.keyDown(screen.getByTestId('notes'), { key: 'Escape' });
  fireEvent.click(screen.getByTestId('notes-button'));
  expect(done).toEqual([['closeNotes'], ['closeNotes'], ['closeNotes']]);
  cleanup();
  const closed = show(both, (prepared) => {
    notes('A note.')(prepared);
    prepared.notesOpen.value = false;
  });
  expect(screen.queryByTestId('notes')).toBeNull();
  fireEvent.click(screen.getByTestId('notes-button'));
  expect(closed.done).toEqual([['openNotes']]);
});

test('a run of which nothing need be said has no button', () => {
  show(both);
  expect(screen.queryByTestId('notes-button')).toBeNull();
});

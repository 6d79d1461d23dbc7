// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ImportPreview } from '../../src/api/types';
import { ImportDialog } from '../../src/view/ImportDialog';
import { show } from './show';

beforeEach(() => vi.spyOn(HTMLDialogElement.prototype, 'showModal').mockImplementation(() => undefined));
afterEach(cleanup);

function preview(classes: number): ImportPreview {
  return {
    revision: 1,
    rows: classes,
    labeled: classes,
    changed: 0,
    cleared: 0,
    set_aside: 0,
    unchanged: 0,
    unknown: 0,
    unknown_examples: [],
    new_classes: Array.from({ length: classes }, (_, place) => `word ${place}`),
    many_classes: classes > 200,
    notes: ['The table was read as semicolon-separated.'],
  };
}

async function choose(classes: number) {
  const { done } = show(<ImportDialog />, undefined, {
    previewImport: () => Promise.resolve(preview(classes)),
  });
  const table = new File(['the table'], 'words.tsv');
  fireEvent.change(screen.getByTestId('import-file'), { target: { files: [table] } });
  await waitFor(() => screen.getByTestId('import-preview'));
  return done;
}

test('a table of a few classes is imported at once', async () => {
  const done = await choose(3);
  expect(screen.getByTestId('import-preview').textContent).toContain('semicolon-separated');
  fireEvent.click(screen.getByTestId('import-apply'));
  expect(done.at(-1)).toEqual(['importTable', 'the table', 'words.tsv', false, false]);
});

test('very many classes are made only after they were asked for by another button', async () => {
  const done = await choose(812);
  expect(screen.getByTestId('import-preview').textContent).toContain('812');
  fireEvent.click(screen.getByTestId('import-apply'));
  expect(done.map(([name]) => name)).not.toContain('importTable');
  expect(screen.getByTestId('many-classes').textContent).toContain('Are these 812 classes?');
  expect(document.activeElement?.textContent).toBe('Cancel');
  fireEvent.click(screen.getByText('Make 812 classes'));
  expect(done.at(-1)).toEqual(['importTable', 'the table', 'words.tsv', false, true]);
});

test('a file in an older encoding is read, and that is said', async () => {
  const { done } = show(<ImportDialog />, undefined, { previewImport: () => Promise.resolve(preview(1)) });
  const table = new File([Uint8Array.from([0x66, 0xfc, 0x72])], 'old.csv');
  fireEvent.change(screen.getByTestId('import-file'), { target: { files: [table] } });
  await waitFor(() => screen.getByText(/was read as Windows-1252 \(für\)/));
  fireEvent.click(screen.getByTestId('import-apply'));
  expect(done.at(-1)).toEqual(['importTable', 'für', 'old.csv', false, false]);
});

test('a dataset is a folder that is read in the browser, and only then looked at', async () => {
  const files = [{ name: 'cells/bee/1.jpg', content: '' }];
  const { done } = show(<ImportDialog />, undefined, {
    previewImport: () => Promise.resolve(preview(1)),
    readFiles: () => Promise.resolve(files),
  });
  fireEvent.change(screen.getByTestId('import-form'), { target: { value: 'folders' } });
  const field = screen.getByTestId('import-file');
  expect(field.hasAttribute('webkitdirectory')).toBe(true);
  const chosen = new File(['a picture'], '1.jpg');
  Object.defineProperty(chosen, 'webkitRelativePath', { value: 'cells/bee/1.jpg' });
  fireEvent.change(field, { target: { files: [chosen] } });
  await waitFor(() => screen.getByTestId('import-preview'));
  fireEvent.click(screen.getByTestId('import-apply'));
  expect(done.at(-1)).toEqual(['importTable', { format: 'folders', files }, 'cells', false, false]);
  fireEvent.change(screen.getByTestId('import-form'), { target: { value: '' } });
  expect(screen.queryByTestId('import-preview')).toBeNull();
  expect(screen.getByTestId('import-file').hasAttribute('webkitdirectory')).toBe(false);
});

test('another choice asks again', async () => {
  const done = await choose(812);
  fireEvent.click(screen.getByTestId('import-apply'));
  fireEvent.click(screen.getByTestId('import-replace'));
  await waitFor(() => screen.getByTestId('import-apply'));
  expect(done.map(([name]) => name)).not.toContain('importTable');
});

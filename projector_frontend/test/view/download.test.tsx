// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DatasetPreview } from '../../src/api/types';
import { sentFiles } from '../../src/app/datasets';
import type { FormatName } from '../../src/state/datasets';
import type { Actions } from '../../src/view/actions';
import { DatasetDialog } from '../../src/view/DatasetDialog';
import { DownloadMenu } from '../../src/view/DownloadMenu';
import { show } from './show';

beforeEach(() => vi.spyOn(HTMLDialogElement.prototype, 'showModal').mockImplementation(() => undefined));
afterEach(cleanup);

const PREVIEW: DatasetPreview = {
  file: 'cells.zip',
  count: 1200,
  left_out: 3,
  notes: ['The part val holds no bee.'],
};

function dialog(name: FormatName, answers: Partial<Actions> = {}) {
  const told = { previewDataset: () => Promise.resolve(PREVIEW), ...answers };
  return show(<DatasetDialog />, (store) => (store.datasetFormat.value = name), told).done;
}

test('the menu is gone through by keys, and its first entry is the TSV', () => {
  const { done } = show(<DownloadMenu />);
  const opener = screen.getByTestId('download');
  fireEvent.keyDown(opener, { key: 'ArrowUp' });
  const focused = (): string | null => (document.activeElement as HTMLElement).getAttribute('data-testid');
  const press = (key: string): void => void fireEvent.keyDown(document.activeElement!, { key });
  expect(focused()).toBe('download-tsv');
  press('ArrowUp');
  expect(focused()).toBe('download-camtrapdp');
  press('Home');
  press('ArrowDown');
  expect(focused()).toBe('download-authors');
  press('ArrowDown');
  expect(focused()).toBe('download-csv');
  press('h');
  expect(focused()).toBe('download-hf');
  press('Escape');
  expect(screen.queryByTestId('download-menu')).toBeNull();
  expect(document.activeElement).toBe(opener);
  fireEvent.click(opener);
  fireEvent.click(screen.getByTestId('download-hf'));
  expect(done).toEqual([['openDataset', 'hf']]);
});

test('a letter pressed in the menu gives no label', () => {
  show(<DownloadMenu />);
  const heard = vi.fn();
  window.addEventListener('keydown', heard);
  fireEvent.click(screen.getByTestId('download'));
  fireEvent.keyDown(document.activeElement!, { key: '1' });
  fireEvent.keyDown(document.activeElement!, { key: 'g' });
  window.removeEventListener('keydown', heard);
  expect(heard).not.toHaveBeenCalled();
});

test('what a dataset will hold is told before it is downloaded, and again for every choice', async () => {
  const done = dialog('parquet');
  await waitFor(() => screen.getByTestId('dataset-preview'));
  expect(screen.getByTestId('dataset-preview').textContent).toContain('1,200 images leave; 3 others stay');
  expect(screen.getByTestId('dataset-preview').textContent).toContain('The part val holds no bee.');
  fireEvent.change(screen.getByTestId('dataset-split'), { target: { value: 'train=.8,val=.2' } });
  fireEvent.click(screen.getByTestId('dataset-suggestions'));
  fireEvent.click(screen.getByTestId('dataset-authors'));
  const chosen = { split: 'train=.8,val=.2', suggestions: 90, spreadsheet: false, authors: true };
  await waitFor(() => expect(done.at(-1)).toEqual(['previewDataset', 'parquet', chosen]));
  await waitFor(() => expect(screen.getByTestId<HTMLButtonElement>('dataset-download').disabled).toBe(false));
  fireEvent.click(screen.getByTestId('dataset-download'));
  await waitFor(() =>
    expect(done.slice(-2)).toEqual([['downloadDataset', 'parquet', chosen], ['closeDialog']]),
  );
});

test('whoever downloads before the look is over gets what it finds, a problem too', async () => {
  const done = dialog('csv');
  fireEvent.click(screen.getByTestId('dataset-download'));
  await waitFor(() => expect(done.map(([name]) => name)).toContain('closeDialog'));
  expect(done.map(([name]) => name)).toEqual(['previewDataset', 'downloadDataset', 'closeDialog']);
  cleanup();
  const refused = dialog('csv', { previewDataset: () => Promise.reject(new Error('Label some first.')) });
  fireEvent.click(screen.getByTestId('dataset-download'));
  await waitFor(() => screen.getByTestId('dataset-problem'));
  expect(refused.map(([name]) => name)).toEqual(['previewDataset']);
});

test('a format is asked for what it has a place for', async () => {
  dialog('labelstudio');
  await waitFor(() => screen.getByTestId('dataset-preview'));
  expect(screen.queryByTestId('dataset-split')).toBeNull();
  expect(screen.queryByTestId('dataset-spreadsheet')).toBeNull();
  expect(screen.getByTestId('dataset-suggestions')).toBeTruthy();
});

test('what cannot be is told in a sentence, and nothing can be downloaded then', async () => {
  dialog('folders', { previewDataset: () => Promise.reject(new Error('Label some first.')) });
  await waitFor(() => expect(screen.getByTestId('dataset-problem').textContent).toBe('Label some first.'));
  expect(screen.getByTestId<HTMLButtonElement>('dataset-download').disabled).toBe(true);
});

test('annotations are chosen, looked at, and given back', async () => {
  const files = [{ name: 'cells.json', content: 'e30=' }];
  const done = dialog('coco', {
    readFiles: () => Promise.resolve(files),
    previewAnnotations: () => Promise.resolve({ ...PREVIEW, file: 'cells_coco.json' }),
  });
  expect(done).toEqual([]);
  const file = new File(['{}'], 'cells.json');
  fireEvent.change(screen.getByTestId('dataset-files'), { target: { files: [file] } });
  await waitFor(() => screen.getByTestId('dataset-preview'));
  await waitFor(() => expect(screen.getByTestId<HTMLButtonElement>('dataset-download').disabled).toBe(false));
  fireEvent.click(screen.getByTestId('dataset-download'));
  await waitFor(() => expect(done.at(-1)).toEqual(['closeDialog']));
  expect(done.at(-2)).toEqual(['downloadAnnotations', 'coco', files, 'cells_coco.json']);
});

test('of a folder only what the format is made of is sent, byte for byte', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const inFolder = (name: string): File => {
    const file = new File([bytes], name);
    Object.defineProperty(file, 'webkitRelativePath', { value: `cells/${name}` });
    return file;
  };
  const sent = await sentFiles('yolo', [inFolder('1.txt'), inFolder('1.jpg'), inFolder('data.yaml')]);
  expect(sent.map(({ name }) => name)).toEqual(['cells/1.txt', 'cells/data.yaml']);
  expect(Uint8Array.from(atob(sent[0]!.content), (byte) => byte.charCodeAt(0))).toEqual(bytes);
  const named = await sentFiles('folders', [inFolder('bee/1.jpg'), inFolder('classes.csv')]);
  expect(named.map(({ content }) => content === '')).toEqual([true, false]);
  await expect(sentFiles('voc', [inFolder('1.jpg')])).rejects.toThrow('Nothing of Pascal VOC is in there.');
});

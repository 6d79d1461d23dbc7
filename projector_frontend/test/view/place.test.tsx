// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ColumnInfo, SamplesAnswer } from '../../src/api/types';
import { toldColumns } from '../../src/state/metadata';
import type { Store } from '../../src/state/store';
import { HoverCard } from '../../src/view/HoverCard';
import { PlaceDialog } from '../../src/view/place/PlaceDialog';
import { show } from './show';

/** Rows 0, 1 and 3 lie in a.png, 2 in b.png. */
const columns = [
  { name: 'file', kind: 'text' as const, values: ['a.png', 'a.png', 'b.png', 'a.png'] },
  { name: 'object', kind: 'text' as const, values: ['0', '1', '0', '2'] },
  { name: 'x', kind: 'text' as const, values: ['0', '20', '0', '40'] },
  { name: 'y', kind: 'text' as const, values: ['0', '0', '0', '0'] },
  { name: 'width', kind: 'text' as const, values: ['10', '10', '10', '10'] },
  { name: 'height', kind: 'text' as const, values: ['10', '10', '10', '10'] },
  { name: 'picture_width', kind: 'text' as const, values: ['100', '100', '100', '100'] },
  { name: 'picture_height', kind: 'text' as const, values: ['50', '50', '50', '50'] },
];

const tell = (store: Store, told: ColumnInfo[]): void => {
  store.samples.value = { ...(store.samples.value as SamplesAnswer), columns: told };
  store.textColumns.value = toldColumns(store.samples.value);
};

const prepare = (store: Store): void => {
  tell(store, columns);
  store.placeRow.value = 1;
  store.dialog.value = 'place';
};

beforeEach(() => {
  // No picture ever arrives here; rooms have a size.
  vi.stubGlobal('Image', class { decode = () => new Promise(() => undefined); }); // prettier-ignore
  vi.stubGlobal('ResizeObserver', class { observe = () => undefined; disconnect = () => undefined; }); // prettier-ignore
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1000);
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(500);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const press = (key: string): void => {
  void act(() => void fireEvent.keyDown(window, { key }));
};
const scale = (): number => Number(screen.getByTestId('whole-picture').dataset['scale']);

test('the whole picture is looked over by keys alone', () => {
  const { done } = show(<PlaceDialog />, prepare);
  expect(scale()).toBe(8); // no larger than so, in a room ten times its size
  press('+');
  expect(scale()).toBe(10);
  press('PageUp');
  expect(scale()).toBe(12.5);
  const { at } = screen.getByTestId('whole-picture').dataset;
  press('ArrowRight');
  expect(screen.getByTestId('whole-picture').dataset['at']).not.toBe(at);
  press('f');
  expect(scale()).toBe(8);
  for (const key of [']', '[', '2', '0', 'E', 'o']) press(key);
  expect(done.filter(([name]) => name !== 'pictureUrl')).toEqual([
    ['stepInPicture', 1],
    ['stepInPicture', -1],
    ['labelInPicture', 2],
    ['labelInPicture', null],
    ['run', 'selectPicture'],
    ['run', 'place'],
  ]);
});

test('it says which object is looked at, and what the colors mean, as labels change', () => {
  const { store } = show(<PlaceDialog />, prepare);
  const words = (): string => screen.getByTestId('place-current').textContent;
  expect(words()).toContain('2 of 3 objects');
  expect(words()).toContain('no label');
  const legend = screen.getByLabelText('Labels in this picture').textContent;
  expect(legend).toContain('neutrophil 0'); // what its key would give
  void act(() => {
    store.labelState.value = { ...store.labelState.value, labels: Int32Array.of(1, 2, -1, -1) };
  });
  expect(words()).toContain('neutrophil');
  expect(screen.getByLabelText('Labels in this picture').textContent).toContain('monocyte 1');
  expect(screen.getByTestId('whole-picture').dataset['boxes']).toBe('3');
});

test('all of the picture is selected by its button', () => {
  const { done } = show(<PlaceDialog />, prepare);
  fireEvent.click(screen.getByTestId('select-picture'));
  expect(done).toContainEqual(['run', 'selectPicture']);
});

test('keys zoom to the object that is looked at, also after a step to another one', () => {
  const { store } = show(<PlaceDialog />, prepare);
  const inSight = (left: number): boolean => {
    const [x = 0] = (screen.getByTestId('whole-picture').dataset['at'] ?? '').split(' ').map(Number);
    return x + scale() * left >= 0 && x + scale() * (left + 10) <= 1000;
  };
  for (let step = 0; step < 4; step += 1) press('+');
  expect(inSight(20)).toBe(true);
  press('f');
  void act(() => {
    store.placeRow.value = 0;
  });
  for (let step = 0; step < 4; step += 1) press('+');
  expect(inSight(0)).toBe(true);
});

test('a long legend is scrolled by keys, which move the picture everywhere else', () => {
  show(<PlaceDialog />, prepare);
  for (let step = 0; step < 4; step += 1) press('+');
  const at = (): string | undefined => screen.getByTestId('whole-picture').dataset['at'];
  const before = at();
  const legend = screen.getByRole('list', { name: 'Labels in this picture' });
  expect(legend.tabIndex).toBe(0);
  void act(() => void fireEvent.keyDown(legend, { key: 'ArrowDown' }));
  expect(at()).toBe(before);
  void act(() => void fireEvent.keyDown(screen.getByTestId('place-room'), { key: 'ArrowDown' }));
  expect(at()).not.toBe(before);
});

test('a long name is cut off by the width of the page only', () => {
  const name = `${'station '.repeat(15)}B.jpg`;
  show(<PlaceDialog />, (store) => {
    prepare(store);
    const named = columns.map((each) =>
      each.name === 'file' ? { ...each, values: Array<string>(4).fill(name) } : each,
    );
    tell(store, named);
  });
  expect(screen.getByRole('heading', { hidden: true }).textContent).toBe(name);
});

test('hovering shows the picture in place of what it says better', () => {
  const { store } = show(<HoverCard room={{ width: 900, height: 600 }} />, prepare);
  void act(() => {
    store.hover.value = { row: 1, x: 10, y: 10 };
  });
  expect(screen.getByTestId('whole-picture').getAttribute('aria-label')).toBe(
    'a.png with 3 boxes; this one: no label',
  );
  const terms = [...screen.getByTestId('hover-card').querySelectorAll('dt')].map((each) => each.textContent);
  expect(terms).toEqual(['file']);
});

test('without whole pictures, as in older runs, everything is as it was', () => {
  const { store } = show(<HoverCard room={{ width: 900, height: 600 }} />, (store) => {
    prepare(store);
    store.hasPictures.value = false;
  });
  void act(() => {
    store.hover.value = { row: 1, x: 10, y: 10 };
  });
  expect(screen.queryByTestId('whole-picture')).toBeNull();
  expect(screen.getByTestId('hover-card').querySelectorAll('dt')).toHaveLength(5);
});

import { expect, test } from 'vitest';
import { BINDINGS, KEY_HELP, lookUp, type Stroke } from '../../src/state/keys';

const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

test('digits name classes, and 0 clears', () => {
  expect(lookUp(stroke('3'))).toBe(3);
  expect(lookUp(stroke('0'))).toBe('clearLabels');
});

test('digits with Ctrl are the browser’s own', () => {
  expect(lookUp(stroke('3', { ctrlKey: true }))).toBeNull();
});

test('undo and redo answer to Ctrl and to Cmd, in every usual form', () => {
  expect(lookUp(stroke('z', { ctrlKey: true }))).toBe('undo');
  expect(lookUp(stroke('Z', { metaKey: true, shiftKey: true }))).toBe('redo');
  expect(lookUp(stroke('y', { ctrlKey: true }))).toBe('redo');
  expect(lookUp(stroke('z'))).toBeNull();
});

test('a letter is the same command with caps lock on', () => {
  expect(lookUp(stroke('G'))).toBe('densest');
});

test('signs count wherever the keyboard has them', () => {
  expect(lookUp(stroke('?', { shiftKey: true }))).toBe('help');
  expect(lookUp(stroke('/', { shiftKey: true }))).toBe('search');
});

test('Alt is left to the system', () => {
  expect(lookUp(stroke('g', { altKey: true }))).toBeNull();
});

test('no stroke is bound twice, and the overlay is not empty', () => {
  const strokes = BINDINGS.map((each) => `${each.ctrl ?? false} ${each.shift ?? false} ${each.key}`);
  expect(new Set(strokes).size).toBe(strokes.length);
  expect(KEY_HELP.flatMap((group) => group.keys).length).toBeGreaterThan(10);
});

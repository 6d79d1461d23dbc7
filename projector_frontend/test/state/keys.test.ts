import { expect, test } from 'vitest';
import { COMMANDS, keyProblem, lookUp, nameOf, rebound, type Stroke } from '../../src/state/keys';

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

const names = (at: 'pages' | 'picture'): string[] =>
  Object.values(COMMANDS).flatMap((each): readonly string[] =>
    (each.theme === 'Pages') === (at === 'pages') ? each.keys : [],
  );

test.each(['picture', 'pages'] as const)('no key of the %s is bound twice, and none that cannot be', (at) => {
  const keys = names(at);
  expect(keys.length).toBeGreaterThan(4);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.filter((key) => keyProblem(key))).toEqual([]);
});

test('a key means one thing at the picture and another on a page', () => {
  expect(lookUp(stroke('Enter'))).toBe('repeatLabel');
  expect(lookUp(stroke('Enter'), {}, 'pages')).toBe('acceptPage');
  expect(lookUp(stroke('u'), {}, 'pages')).toBe('unsure');
  expect(lookUp(stroke('Backspace'))).toBeNull();
  expect(lookUp(stroke('b'), {}, 'pages')).toBeNull();
  expect(lookUp(stroke('z', { ctrlKey: true }), {}, 'pages')).toBe('undo');
});

test('a key taken on a page leaves that of the picture, and one that means the same everywhere is lost', () => {
  expect(rebound({}, 'ignore', 'H').hideLabeled).toBeUndefined();
  expect(lookUp(stroke('h'), rebound({}, 'ignore', 'H'))).toBe('hideLabeled');
  expect(lookUp(stroke('g'), rebound({}, 'ignore', 'G'), 'pages')).toBe('ignore');
  expect(lookUp(stroke('g'), rebound({}, 'ignore', 'G'))).toBeNull();
});

test('a key can be moved to another command, which the first one loses', () => {
  const keys = rebound({}, 'sprites', 'G');
  expect(lookUp(stroke('g'), keys)).toBe('sprites');
  expect(lookUp(stroke('s'), keys)).toBeNull();
  expect(lookUp(stroke('g'), rebound(keys, 'densest', 'G'))).toBe('densest');
});

test('a command with two keys keeps the other when one is taken', () => {
  const keys = rebound({}, 'fit', 'N');
  expect(lookUp(stroke('n'), keys)).toBe('fit');
  expect(lookUp(stroke('+'), keys)).toBe('addClass');
});

test('digits stay with the classes', () => {
  expect(keyProblem('4')).toMatch(/classes/);
  expect(lookUp(stroke('4'), rebound({}, 'fit', '4'))).toBe(4);
});

test('modifiers alone have no name', () => {
  expect(nameOf(stroke('Shift'))).toBeNull();
  expect(nameOf(stroke(' '))).toBe('Space');
});

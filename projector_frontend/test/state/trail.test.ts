import { beforeEach, describe, expect, test } from 'vitest';
import { Trail } from '../../src/state/trail';

const edit = (revision: number, own: boolean) => ({ revision, kind: 'apply' as const, target: null, own });
const turn = (revision: number, kind: 'undo' | 'redo', target: number) => ({
  revision,
  kind,
  target,
  own: false,
});

describe('what an undo would take back', () => {
  let trail: Trail;
  beforeEach(() => {
    trail = new Trail();
    trail.look([edit(4, true)]); // what was there when the page was opened
    trail.send('a', 'edit');
    trail.answer('a', 5);
    trail.send('b', 'edit');
  });

  test('is the last edit, on its way or stored', () => {
    expect(trail.last()).toBe('b');
    trail.answer('b', 6);
    expect(trail.last()).toBe('b');
    expect(trail.newest).toBe(6);
  });

  test('is the one before it once that was undone, and it again once that was done again', () => {
    trail.answer('b', 6);
    trail.send('u', 'undo');
    expect(trail.last()).toBe('a');
    trail.answer('u', 7);
    trail.send('r', 'redo');
    expect(trail.last()).toBe('b');
  });

  test('is one’s own, whatever others do meanwhile', () => {
    trail.look([edit(6, false)]);
    trail.answer('b', 7);
    trail.look([edit(7, true), edit(6, false)]);
    expect(trail.last()).toBe('b');
    trail.send('u', 'undo');
    expect(trail.last()).toBe('a');
  });

  test('is not known after an edit of one’s own in another window', () => {
    trail.answer('b', 6);
    trail.look([edit(7, true), edit(6, true)]);
    expect(trail.last()).toBeNull();
    trail.send('c', 'edit');
    expect(trail.last()).toBe('c');
  });

  test('is none that somebody else has taken back', () => {
    trail.answer('b', 6);
    trail.look([turn(7, 'undo', 6)]);
    expect(trail.last()).toBe('a');
    trail.look([turn(8, 'redo', 6)]);
    expect(trail.last()).toBeNull(); // its place is another one than was thought
  });

  test('is none that was taken back from the history', () => {
    trail.answer('b', 6);
    trail.turn('t', 5);
    expect(trail.last()).toBe('b');
    trail.turn('t', 4); // of another page
    trail.turn('t', 6);
    expect(trail.last()).toBeNull();
  });

  test('is no edit that was refused', () => {
    trail.answer('b', null);
    expect(trail.last()).toBe('a');
  });

  test('may be told before its answer comes', () => {
    trail.look([edit(6, true)]);
    expect(trail.last()).toBe('b');
    trail.answer('b', 6);
    trail.look([edit(7, false), edit(6, true)]);
    expect(trail.last()).toBe('b');
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { Trail } from '../../src/state/trail';

describe('what an undo would take back', () => {
  let trail: Trail;
  beforeEach(() => {
    trail = new Trail();
    trail.send('a', 'edit', 4);
    trail.answer('a', 5);
    trail.send('b', 'edit', 5);
  });

  test('is the last edit, on its way or stored', () => {
    expect(trail.last(5)).toBe('b');
    trail.answer('b', 6);
    expect(trail.last(6)).toBe('b');
  });

  test('is the one before it once that was undone, and it again once that was done again', () => {
    trail.answer('b', 6);
    trail.send('u', 'undo', 6);
    expect(trail.last(6)).toBe('a');
    trail.answer('u', 7);
    trail.send('r', 'redo', 7);
    expect(trail.last(7)).toBe('b');
  });

  test('is not known after somebody else’s edit was seen', () => {
    trail.answer('b', 6);
    expect(trail.last(7)).toBeNull();
    trail.send('c', 'edit', 7);
    expect(trail.last(7)).toBe('c');
    trail.send('u', 'undo', 7);
    expect(trail.last(7)).toBeNull();
  });

  test('is not known behind an edit that came after somebody else’s', () => {
    trail.answer('b', 8);
    expect(trail.last(8)).toBe('b');
    trail.send('u', 'undo', 8);
    expect(trail.last(8)).toBeNull();
  });

  test('is no edit that was refused', () => {
    trail.answer('b', null);
    expect(trail.last(5)).toBe('a');
  });

  test('may be shown before its answer comes', () => {
    expect(trail.last(6)).toBe('b'); // the news of it came first
    trail.answer('b', 6);
    expect(trail.last(6)).toBe('b');
  });
});

import { describe, expect, test } from 'vitest';
import { chunks } from '../../src/state/chunks';

describe('parts of a long operation', () => {
  test('stay under the limit of a request, and lose nothing', () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => i);
    const parts = chunks(rows, () => 40);
    expect(parts.length).toBe(3);
    expect(parts.flat()).toEqual(rows);
    expect(Math.max(...parts.map((part) => part.length * 43))).toBeLessThan(1_000_000);
  });

  test('are one for anything usual, and none for nothing', () => {
    expect(chunks([1, 2, 3], () => 20)).toEqual([[1, 2, 3]]);
    expect(chunks([], () => 20)).toEqual([]);
  });
});

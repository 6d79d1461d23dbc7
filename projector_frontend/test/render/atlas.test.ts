import { describe, expect, test } from 'vitest';
import { atlasOf, fitted } from '../../src/render/atlas';

describe('the sprite sheet', () => {
  test('has as many rows as fit into its height', () => {
    expect(atlasOf(4, 96, 48)).toEqual({ columns: 4, rows: 2 });
    // A sheet of one row, and one whose last row was cut by rounding.
    expect(atlasOf(4, 48, 48).rows).toBe(1);
    expect(atlasOf(4, 95, 48).rows).toBe(2);
  });

  test('is shrunk, in proportion, only where it is too large for a texture', () => {
    expect(fitted(8192, 4096, 4096)).toEqual({ width: 4096, height: 2048 });
    expect(fitted(2000, 1000, 4096)).toEqual({ width: 2000, height: 1000 });
  });
});

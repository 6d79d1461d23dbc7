import { expect, test } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { decodeFrame } from '../../src/api/frame';

function frame(dimensions: number, values: number[]): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + 4 * values.length);
  const view = new DataView(buffer);
  [7, 812, 42].forEach((value, i) => view.setUint32(4 * i, value, true));
  view.setUint16(12, dimensions, true);
  values.forEach((value, i) => view.setFloat32(16 + 4 * i, value, true));
  return buffer;
}

test('header and columns are read little-endian', () => {
  expect(decodeFrame(frame(3, [1, 2, 3, 4, 5, 6]))).toEqual({
    number: 7,
    epoch: 812,
    revision: 42,
    dimensions: 3,
    columns: Float32Array.of(1, 2, 3, 4, 5, 6),
  });
});

test('a frame without samples is a frame', () => {
  expect(decodeFrame(frame(2, [])).columns).toHaveLength(0);
});

test.each([
  ['cut short', new ArrayBuffer(3)],
  ['of four dimensions', frame(4, [1, 2, 3, 4])],
  ['with columns of different lengths', frame(3, [1, 2, 3, 4])],
])('a frame %s is refused', (_, buffer) => {
  expect(() => decodeFrame(buffer)).toThrow(ApiError);
});

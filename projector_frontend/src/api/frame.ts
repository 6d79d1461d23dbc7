import { ApiError } from './errors';

const HEADER_BYTES = 16;

/** One picture of the embedding: `columns` holds all x, then all y, then (3-D) all z. */
export interface Frame {
  number: number;
  epoch: number;
  /** The label revision that it was computed with. */
  revision: number;
  dimensions: 2 | 3;
  columns: Float32Array;
}

/** Reads the binary answer of `session/frame`; the positions are a view into the buffer, not a copy. */
export function decodeFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < HEADER_BYTES) throw malformed(buffer);
  const header = new DataView(buffer);
  const dimensions = header.getUint16(12, true);
  const payload = buffer.byteLength - HEADER_BYTES;
  if ((dimensions !== 2 && dimensions !== 3) || payload % (4 * dimensions) !== 0) throw malformed(buffer);
  return {
    number: header.getUint32(0, true),
    epoch: header.getUint32(4, true),
    revision: header.getUint32(8, true),
    dimensions,
    columns: new Float32Array(buffer, HEADER_BYTES),
  };
}

function malformed(buffer: ArrayBuffer): ApiError {
  return new ApiError(200, 'malformed_frame', `A frame of ${buffer.byteLength} bytes cannot be read.`);
}

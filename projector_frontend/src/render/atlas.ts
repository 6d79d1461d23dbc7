/** A sprite sheet: square or not, filled row by row. */
export interface Atlas {
  columns: number;
  rows: number;
}

/** A sheet's grid; `height` and `tileHeight` in the sheet's own pixels. */
export function atlasOf(columns: number, height: number, tileHeight: number): Atlas {
  return { columns, rows: Math.max(1, Math.round(height / tileHeight)) };
}

/** The size to load a sheet at, so that it fits into one texture. */
export function fitted(width: number, height: number, limit: number): { width: number; height: number } {
  const shrink = Math.min(1, limit / Math.max(width, height));
  return { width: Math.floor(width * shrink), height: Math.floor(height * shrink) };
}

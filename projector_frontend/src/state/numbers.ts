/** What files write where there is no value; infinite ones stand on no scale. */
const NO_VALUE = new Set([
  '',
  'nan',
  'none',
  'null',
  'na',
  'n/a',
  '<na>',
  'nat',
  'inf',
  'infinity',
  'unlabeled',
]);
/** Numbers to JavaScript, but hardly to whoever wrote the table. */
const OTHER_BASE = /^\s*0[box]/i;

/** Whether a cell holds anything but a word for nothing. */
export function hasValue(cell: string): boolean {
  return !NO_VALUE.has(cell.trim().replace(/^[+-]/, '').toLowerCase());
}

export function numberIn(cell: string): number {
  const value = Number(cell);
  if (!Number.isFinite(value) || OTHER_BASE.test(cell)) return NaN;
  // Blanks are 0 to JavaScript.
  return value === 0 && cell.trim() === '' ? NaN : value;
}

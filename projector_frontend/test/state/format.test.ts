import { expect, test } from 'vitest';
import { ago, day, percent, plural, rate } from '../../src/state/format';

test('numbers read as people write them', () => {
  expect(plural(1, 'image')).toBe('1 image');
  expect(plural(1234, 'image')).toBe('1,234 images');
  expect(percent(1, 1000)).toBe('< 1 %');
  expect(percent(999, 1000)).toBe('99 %');
  expect(percent(0, 0)).toBe('0 %');
  expect(rate(949.6)).toBe('950');
  expect(rate(4.21)).toBe('4.2');
});

test.each([
  [10, 'now'],
  [60, '1 min'],
  [3540, '59 min'],
  [3600, '1 h'],
  [86_400, '1 d'],
  [-5, 'now'],
])('%i seconds ago is "%s"', (seconds, words) => {
  const now = Date.parse('2026-01-05T10:31:02Z');
  expect(ago(new Date(now - 1000 * seconds).toISOString(), now)).toBe(words);
});

test('a day tells its year only where that is another one', () => {
  const now = Date.parse('2026-01-05T12:00:00Z');
  expect(day(Date.parse('2026-01-03T12:00:00Z'), now)).toBe('3 Jan');
  expect(day(Date.parse('2025-11-12T12:00:00Z'), now)).toBe('12 Nov 2025');
});

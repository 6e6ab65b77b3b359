import { expect, test } from 'vitest';
import { ago, left, phone } from './format';

test('a number is masked until it may be seen', () => {
  expect(phone('+14155550199', false)).toBe('+1415•••0199');
  expect(phone('+14155550199', true)).toBe('+14155550199');
});

test('what is left', () => {
  expect(left(86399000)).toBe('23 h 59 m');
  expect(left(249000)).toBe('4 m 09 s');
  expect(left(-5)).toBe('0 m 00 s');
});

test('how long ago', () => {
  expect(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:30Z'))).toBe('just now');
  expect(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T05:00:00Z'))).toBe('5 h ago');
});

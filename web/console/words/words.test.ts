import { expect, test } from 'vitest';
import { bytesText, counted, wholeNumber } from './numbers.ts';
import { agoText, clockText, durationText, timeText } from './times.ts';

test('numbers carry their unit', () => {
  expect(counted(1, 'table')).toBe('1 table');
  expect(counted(10_000, 'table')).toBe('10,000 tables');
  expect(counted(2, 'history', 'histories')).toBe('2 histories');
  expect(wholeNumber(1234567)).toBe('1,234,567');
  expect([0, 999, 1500, 16_000_000, 123_456_789_000].map(bytesText)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.5 kB',
    '16 MB',
    '123 GB',
  ]);
});

test('durations are told in the two largest units', () => {
  expect([0, 850, 1499, 9999, 61_000, 200_000, 3_600_000, 187_201_000].map(durationText)).toEqual([
    '0 ms',
    '850 ms',
    '1.4 s',
    '9.9 s',
    '1 min 1 s',
    '3 min 20 s',
    '1 h',
    '2 d 4 h',
  ]);
});

test('a time is told in the zone of its reader, with the zone; an age never lies in the future', () => {
  expect(timeText('2026-07-01T10:00:00Z', 'UTC')).toBe('1 Jul 2026, 10:00:00 UTC');
  expect(timeText('2026-07-01T10:00:00Z', 'Europe/Berlin')).toMatch(/^1 Jul 2026, 12:00:00 (?:CEST|GMT\+2)$/);
  expect(clockText('2026-07-01T10:00:00Z', 'UTC')).toBe('10:00:00');
  expect(agoText(1000, 500)).toBe('just now');
  expect(agoText('1970-01-01T00:00:00Z', 62_500)).toBe('1 min 2 s ago');
});

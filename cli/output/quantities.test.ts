import { expect, it } from 'vitest';
import { bytesText, count, counted, durationText, timeText } from './quantities.ts';

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [16_000_000, '16.0 MB'],
  [999_999_999, '1.0 GB'],
  [5e15, '5000.0 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [12_340, '12.3 s'],
  [59_960, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [3_599_700, '1 h 00 min'],
  [7_620_000, '2 h 07 min'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});

it('counts', () => {
  expect(count(1234567)).toBe('1,234,567');
  expect(counted(1, 'row')).toBe('1 row');
  expect(counted(2000, 'row')).toBe('2,000 rows');
});

it('shows times in the zone of the reader, and the zone', () => {
  const timestamp = '2026-11-21T23:30:05.123456Z';
  expect(timeText(timestamp, 'UTC')).toBe('2026-11-21 23:30:05 UTC');
  expect(timeText(timestamp, 'Europe/Berlin')).toBe('2026-11-22 00:30:05 CET');
  expect(timeText(timestamp, 'Asia/Kolkata')).toBe('2026-11-22 05:00:05 GMT+5:30');
});

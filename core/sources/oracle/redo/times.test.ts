import { expect, it } from 'vitest';
import {
  inUtc,
  inZone,
  readDate,
  readDaySecond,
  readTimestamp,
  readYearMonth,
  readZoned,
  type ZonedTime,
} from './times.ts';

it('reads dates as sessions of LogMiner print them, and no others', () => {
  expect(readDate('2026-02-28 13:45:59', 'YYYY-MM-DD HH24:MI:SS')).toBe('2026-02-28 13:45:59');
  expect(readDate('-0044-03-15 12:00:00', 'SYYYY-MM-DD HH24:MI:SS')).toBe('-0044-03-15 12:00:00');
  expect(readDate(' 2026-02-28 13:45:59', 'SYYYY-MM-DD HH24:MI:SS')).toBe('2026-02-28 13:45:59');
  expect(readDate('2026-02-28 13:45:59', null)).toBe('2026-02-28 13:45:59');
  expect(readDate('28-FEB-26', 'DD-MON-RR')).toBeNull();
  expect(readDate('28-FEB-26', null)).toBeNull();
  expect(readDate('2026-02-28 13:45:59.5', null)).toBeNull();
});

it('reads timestamps with every number of digits, and zones with their offset', () => {
  expect(readTimestamp('2026-02-28 13:45:59.123456789')).toEqual({
    dateTime: '2026-02-28 13:45:59',
    fraction: '123456789',
  });
  expect(readTimestamp('2026-02-28 13:45:59')).toEqual({ dateTime: '2026-02-28 13:45:59', fraction: '' });
  expect(readTimestamp('2026-02-28 13:45:59.')).toEqual({ dateTime: '2026-02-28 13:45:59', fraction: '' });
  expect(readTimestamp('2026-02-28 13:45:59.1 +01:00')).toBeNull();
  expect(readTimestamp('2026-02-28T13:45:59')).toBeNull();
  expect(readZoned('2026-03-29 01:30:00.500000000 -03:30')).toEqual({
    dateTime: '2026-03-29 01:30:00',
    fraction: '500000000',
    offsetMinutes: -210,
  });
  expect(readZoned('2026-03-29 01:30:00 Europe/Berlin')).toBeNull();
  expect(readZoned('2026-03-29 01:30:00')).toBeNull();
});

const MOMENTS: readonly (readonly [string, number, string | null])[] = [
  ['2026-03-29 01:30:00', -210, '2026-03-29 05:00:00'],
  ['2026-12-31 23:30:00', -60, '2027-01-01 00:30:00'],
  ['2026-01-01 00:30:00', 60, '2025-12-31 23:30:00'],
  ['2024-02-28 23:00:00', -120, '2024-02-29 01:00:00'],
  ['1900-03-01 00:00:00', 60, '1900-02-28 23:00:00'],
  // By Julius 1500 was a leap year, and ten days of 1582 never were.
  ['1500-03-01 00:00:00', 60, '1500-02-29 23:00:00'],
  ['1582-10-15 00:30:00', 60, '1582-10-04 23:30:00'],
  ['1582-10-04 23:30:00', -60, '1582-10-15 00:30:00'],
  ['9999-12-31 23:30:00', -60, null],
  ['0001-01-01 00:30:00', 60, null],
  ['-0044-03-15 00:30:00', 60, null],
];

it.each(MOMENTS)('%s at %i minutes is %s in UTC', (dateTime, offsetMinutes, utc) => {
  const time: ZonedTime = { dateTime, fraction: '5', offsetMinutes };
  expect(inUtc(time)).toEqual(utc === null ? null : { dateTime: utc, fraction: '5' });
  if (utc !== null) expect(inZone({ dateTime: utc, fraction: '5' }, offsetMinutes)).toEqual(time);
});

it('reads intervals', () => {
  expect(readYearMonth('+02-03')).toEqual({ isNegative: false, years: 2, months: 3 });
  expect(readYearMonth('-123456789-11')).toEqual({ isNegative: true, years: 123_456_789, months: 11 });
  expect(readYearMonth('2 years')).toBeNull();
  expect(readDaySecond('+05 03:00:00.000000000')).toEqual({
    isNegative: false,
    days: 5,
    clock: '03:00:00',
    fraction: '000000000',
  });
  expect(readDaySecond('-05 03:00:00')).toEqual({ isNegative: true, days: 5, clock: '03:00:00', fraction: '' });
  expect(readDaySecond('5')).toBeNull();
});

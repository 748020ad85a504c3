import {
  inZone,
  padded,
  type DaySecondInterval,
  type RedoTime,
  type YearMonthInterval,
  type ZonedTime,
} from './times.ts';

/**
 * Values in Oracle's own bytes, as SQL_REDO has them where LogMiner's dictionary does not know the table (`"COL 1" = HEXTORAW('c102')`).
 * Oracle Call Interface Programmer's Guide, "Data Types"; the fields that it leaves out as the specification tells them. Null: no value of the type.
 */

const ZERO = 0x80;

/** NUMBER, base 100 with an exponent, as Oracle prints it: `-42.5`, `.5`. */
export function readRawNumber(bytes: Buffer): string | null {
  const [head] = bytes;
  if (head === undefined || bytes.length > 21) return null;
  if (head === ZERO && bytes.length === 1) return '0';
  const isNegative = head < ZERO;
  const end = isNegative && bytes.at(-1) === 102 ? bytes.length - 1 : bytes.length;
  if (end < 2) return null;
  let digits = '';
  for (let index = 1; index < end; index++) {
    const byte = bytes[index] ?? 0;
    const pair = isNegative ? 101 - byte : byte - 1;
    if (pair < 0 || pair > 99) return null;
    digits += padded(pair);
  }
  const wholeDigits = 2 * ((isNegative ? 62 - head : head - 193) + 1);
  const text = placePoint(digits, wholeDigits);
  return isNegative ? `-${text}` : text;
}

/** Puts the point behind so many digits, and takes zeros away that say nothing. */
function placePoint(digits: string, wholeDigits: number): string {
  const filled = wholeDigits <= 0 ? '0'.repeat(-wholeDigits) + digits : digits.padEnd(wholeDigits, '0');
  const place = Math.max(wholeDigits, 0);
  const whole = filled.slice(0, place).replace(/^0+/, '');
  const fraction = filled.slice(place).replace(/0+$/, '');
  return fraction === '' ? whole || '0' : `${whole}.${fraction}`;
}

/** BINARY_FLOAT (4 bytes) or BINARY_DOUBLE (8), whose bytes sort as the numbers do. */
export function readRawFloat(bytes: Buffer): number | null {
  if (bytes.length !== 4 && bytes.length !== 8) return null;
  const own = Buffer.from(bytes);
  const isPositive = ((own[0] ?? 0) & 0x80) !== 0;
  if (isPositive) own[0] = (own[0] ?? 0) & 0x7f;
  else for (let index = 0; index < own.length; index++) own[index] = ~(own[index] ?? 0) & 0xff;
  return own.length === 4 ? own.readFloatBE(0) : own.readDoubleBE(0);
}

/** DATE, 7 bytes: century and year from 100, month, day, hour, minute and second from 1. */
export function readRawDate(bytes: Buffer): string | null {
  if (bytes.length !== 7) return null;
  return rawDateTime(bytes);
}

/** What each byte may be. */
const DATE_BYTES = [
  [53, 199],
  [1, 199],
  [1, 12],
  [1, 31],
  [1, 24],
  [1, 60],
  [1, 60],
] as const;

function rawDateTime(bytes: Buffer): string | null {
  if (DATE_BYTES.some(([least, most], index) => (bytes[index] ?? 0) < least || (bytes[index] ?? 0) > most)) return null;
  const year = (bytes.readUInt8(0) - 100) * 100 + (bytes.readUInt8(1) - 100);
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = bytes.subarray(2);
  const sign = year < 0 ? '-' : '';
  return `${sign}${padded(Math.abs(year), 4)}-${padded(month)}-${padded(day)} ${padded(hour - 1)}:${padded(minute - 1)}:${padded(second - 1)}`;
}

/** TIMESTAMP and, in UTC, TIMESTAMP WITH LOCAL TIME ZONE: a date, and nanoseconds in 4 bytes, which may be left out. */
export function readRawTimestamp(bytes: Buffer): RedoTime | null {
  if (bytes.length !== 7 && bytes.length !== 11) return null;
  const dateTime = rawDateTime(bytes);
  if (dateTime === null) return null;
  if (bytes.length === 7) return { dateTime, fraction: '' };
  const nanoseconds = bytes.readUInt32BE(7);
  return nanoseconds > 999_999_999 ? null : { dateTime, fraction: padded(nanoseconds, 9) };
}

const HOUR_ZERO = 20;
const MINUTE_ZERO = 60;

/** TIMESTAMP WITH TIME ZONE, 13 bytes: in UTC, and the offset. Null too for a zone that is told by the number of its region. */
export function readRawZoned(bytes: Buffer): ZonedTime | null {
  if (bytes.length !== 13) return null;
  const time = readRawTimestamp(bytes.subarray(0, 11));
  const hour = bytes.readUInt8(11);
  if (time === null || (hour & 0x80) !== 0) return null;
  const offset = (hour - HOUR_ZERO) * 60 + (bytes.readUInt8(12) - MINUTE_ZERO);
  return Math.abs(offset) > 900 ? null : inZone(time, offset);
}

const SIGNED_ZERO = 0x80000000;
const PART_ZERO = 60;

/** INTERVAL YEAR TO MONTH, 5 bytes. */
export function readRawYearMonth(bytes: Buffer): YearMonthInterval | null {
  if (bytes.length !== 5) return null;
  const years = bytes.readUInt32BE(0) - SIGNED_ZERO;
  const months = bytes.readUInt8(4) - PART_ZERO;
  if (Math.abs(months) > 11 || (years !== 0 && months !== 0 && years < 0 !== months < 0)) return null;
  return { isNegative: years < 0 || months < 0, years: Math.abs(years), months: Math.abs(months) };
}

/** INTERVAL DAY TO SECOND, 11 bytes. */
export function readRawDaySecond(bytes: Buffer): DaySecondInterval | null {
  if (bytes.length !== 11) return null;
  const days = bytes.readUInt32BE(0) - SIGNED_ZERO;
  const clock = [4, 5, 6].map((at) => bytes.readUInt8(at) - PART_ZERO);
  const nanoseconds = bytes.readUInt32BE(7) - SIGNED_ZERO;
  const parts = [days, ...clock, nanoseconds];
  const isNegative = parts.some((part) => part < 0);
  if (isNegative && parts.some((part) => part > 0)) return null;
  if (clock.some((part) => Math.abs(part) > 59) || Math.abs(nanoseconds) > 999_999_999) return null;
  return {
    isNegative,
    days: Math.abs(days),
    clock: clock.map((part) => padded(Math.abs(part))).join(':'),
    fraction: padded(Math.abs(nanoseconds), 9),
  };
}

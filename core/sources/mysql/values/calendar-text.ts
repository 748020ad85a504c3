/** Dates and times of row images as MySQL prints them (sql-common/my_time.cc, my_..._to_binary; MySQL manual, "Date and Time Data Type Representation"). */

const FRACTION_BYTES = [0, 1, 1, 2, 2, 3, 3];
const MICROSECOND_DIGITS = 6;

/** Bytes that the digits of a fraction take. */
export function fractionBytes(digits: number): number {
  return FRACTION_BYTES[digits] ?? 0;
}

export function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

function four(number: number): string {
  return number > 999 ? String(number) : String(number).padStart(4, '0');
}

export function dateText(year: number, month: number, day: number): string {
  return `${four(year)}-${two(month)}-${two(day)}`;
}

function clockText(hour: number, minute: number, second: number): string {
  return `${two(hour)}:${two(minute)}:${two(second)}`;
}

/** `.fff` from a number of so many digits; nothing where there are none. */
function fractionText(microseconds: number, digits: number): string {
  if (digits === 0) return '';
  return `.${String(microseconds).padStart(MICROSECOND_DIGITS, '0').slice(0, digits)}`;
}

/** Hundredths, ten thousandths or millionths, by how many bytes there are → microseconds. */
function readMicroseconds(bytes: Buffer, at: number, digits: number): number {
  switch (fractionBytes(digits)) {
    case 1:
      return (bytes[at] ?? 0) * 10_000;
    case 2:
      return bytes.readUInt16BE(at) * 100;
    case 3:
      return bytes.readUIntBE(at, 3);
    default:
      return 0;
  }
}

const TIME_ZERO = 0x80_00_00;

/** TIME2: three bytes around a middle that is zero, with the fraction as one number. */
export function time2Text(bytes: Buffer, at: number, digits: number): string {
  const size = 3 + fractionBytes(digits);
  // A number of `size` bytes; the fraction of a negative time counts from below.
  const unit = 256 ** (size - 3);
  const number = bytes.readUIntBE(at, size) - TIME_ZERO * unit;
  const magnitude = Math.abs(number);
  const clock = Math.floor(magnitude / unit);
  const microseconds = (magnitude % unit) * (FRACTION_SCALE[size - 3] ?? 1);
  const text = clockText((clock >> 12) & 0x3ff, (clock >> 6) & 0x3f, clock & 0x3f) + fractionText(microseconds, digits);
  return number < 0 ? `-${text}` : text;
}

/** What one of a fraction's units is in microseconds, by its bytes. */
const FRACTION_SCALE = [1, 10_000, 100, 1];

const DATETIME_ZERO = 0x80_00_00_00_00;
const CLOCK_BITS = 2 ** 17;
const MONTHS = 13;

/** DATETIME2: five bytes: year × 13 + month (17 bits), day (5), hour (5), minute (6), second (6). */
export function datetime2Text(bytes: Buffer, at: number, digits: number): string {
  const number = bytes.readUIntBE(at, 5) - DATETIME_ZERO;
  const day = Math.floor(number / CLOCK_BITS);
  const clock = number % CLOCK_BITS;
  const yearAndMonth = day >> 5;
  const date = dateText(Math.floor(yearAndMonth / MONTHS), yearAndMonth % MONTHS, day & 0x1f);
  const time = clockText((clock >> 12) & 0x1f, (clock >> 6) & 0x3f, clock & 0x3f);
  return `${date} ${time}${fractionText(readMicroseconds(bytes, at + 5, digits), digits)}`;
}

const ZERO_TIMESTAMP = '0000-00-00 00:00:00';

/** TIMESTAMP2: seconds since 1970 in four bytes; 0 is the zero date, but for its fraction. */
export function timestamp2Text(bytes: Buffer, at: number, digits: number): string {
  return timestampText(bytes.readUInt32BE(at)) + fractionText(readMicroseconds(bytes, at + 4, digits), digits);
}

const SECONDS_PER_DAY = 86_400;
/** The day of the last timestamp: those of a log lie together, and a day's text is made once. */
let lastDay = -1;
let lastDayText = '';

/** Seconds since 1970 → the moment in UTC. */
export function timestampText(seconds: number): string {
  if (seconds === 0) return ZERO_TIMESTAMP;
  const day = Math.floor(seconds / SECONDS_PER_DAY);
  const clock = seconds - day * SECONDS_PER_DAY;
  if (day !== lastDay) {
    lastDayText = new Date(day * SECONDS_PER_DAY * 1000).toISOString().slice(0, 10);
    lastDay = day;
  }
  return `${lastDayText} ${clockText(Math.floor(clock / 3600), Math.floor(clock / 60) % 60, clock % 60)}`;
}

/** DATE: three bytes, little-endian: year, month (4 bits), day (5 bits). */
export function date3Text(bytes: Buffer, at: number): string {
  const number = bytes.readUIntLE(at, 3);
  return dateText(number >> 9, (number >> 5) & 0x0f, number & 0x1f);
}

/** TIME of before MySQL 5.6: the number HHMMSS in three bytes. */
export function oldTimeText(bytes: Buffer, at: number): string {
  const number = bytes.readIntLE(at, 3);
  const magnitude = Math.abs(number);
  const text = clockText(Math.floor(magnitude / 10_000), Math.floor(magnitude / 100) % 100, magnitude % 100);
  return number < 0 ? `-${text}` : text;
}

/** DATETIME of before MySQL 5.6: the number YYYYMMDDHHMMSS in eight bytes. */
export function oldDatetimeText(bytes: Buffer, at: number): string {
  const digits = bytes.readBigUInt64LE(at).toString().padStart(14, '0');
  const part = (from: number, length: number) => digits.slice(from, from + length);
  return `${part(0, 4)}-${part(4, 2)}-${part(6, 2)} ${part(8, 2)}:${part(10, 2)}:${part(12, 2)}`;
}

/** A date, time or datetime inside binary JSON: eight bytes, little-endian, with microseconds; printed with all of them. */
export function packedText(packed: bigint, kind: 'date' | 'time' | 'datetime'): string {
  const magnitude = packed < 0n ? -packed : packed;
  const microseconds = Number(magnitude & 0xff_ff_ffn);
  const number = Number(magnitude >> 24n);
  const fraction = fractionText(microseconds, MICROSECOND_DIGITS);
  if (kind === 'time') {
    const clock = clockText((number >> 12) & 0x3ff, (number >> 6) & 0x3f, number & 0x3f);
    return `${packed < 0n ? '-' : ''}${clock}${fraction}`;
  }
  const day = Math.floor(number / CLOCK_BITS);
  const clock = number % CLOCK_BITS;
  const date = dateText(Math.floor((day >> 5) / MONTHS), (day >> 5) % MONTHS, day & 0x1f);
  if (kind === 'date') return date;
  return `${date} ${clockText((clock >> 12) & 0x1f, (clock >> 6) & 0x3f, clock & 0x3f)}${fraction}`;
}

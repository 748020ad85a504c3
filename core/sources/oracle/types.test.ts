import { describe, expect, it } from 'vitest';
import { describeType } from '../../changes/column-type.ts';
import { outputReading, readingOf, type ValuePolicies } from './types.ts';
import type { SourceType } from './values/source-type.ts';

const POLICIES: ValuePolicies = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' };

function read(type: SourceType, output: string, policies: Partial<ValuePolicies> = {}): string {
  const reading = readingOf(type, { ...POLICIES, ...policies });
  const misfit = reading.misfit?.(output) ?? null;
  const text = misfit ?? (reading.decode === null ? output : reading.decode(output));
  return `${describeType(reading.type)} ${text ?? 'NULL'}`;
}

const number = (precision: number, scale: number | null): SourceType => ({ tag: 'number', precision, scale });
const timestamp = (fraction: number): SourceType => ({ tag: 'timestamp', fraction });
const AT = '2026-11-21 09:00:00.123456789';

describe('numbers', () => {
  it.each<[SourceType, string, string]>([
    [number(2, 0), '-7', 'integer(8) -7'],
    [number(4, 0), '9999', 'integer(16) 9999'],
    [number(9, 0), '5', 'integer(32) 5'],
    [number(18, 0), '5', 'integer(64) 5'],
    [number(38, 0), '12345678901234567890123456789012345678', 'decimal(38,0) 12345678901234567890123456789012345678'],
    [number(10, 2), '.5', 'decimal(10,2) 0.5'],
    [number(5, -2), '1234500', 'integer(32) 1234500'],
    [number(4, 6), '.0012', 'decimal(6,6) 0.0012'],
    [number(38, -84), '1.0E+70', 'decimal(65,0) more than 65 digits before the point'],
    [number(38, 40), '.1', 'decimal(65,30) 0.1'],
    [number(38, null), '-.25', 'decimal(65,30) -0.25'],
    [number(38, null), '1.0E+40', 'decimal(65,30) more than 35 digits before the point'],
    [number(38, null), '1.0E-31', 'decimal(65,30) more than 30 digits after the point'],
    [number(38, null), '9'.repeat(35), `decimal(65,30) ${'9'.repeat(35)}`],
    [{ tag: 'float', bits: 126 }, '3.14', 'decimal(65,30) 3.14'],
    [{ tag: 'binaryFloat', bits: 64 }, '0.1', 'double 0.1'],
    [{ tag: 'binaryFloat', bits: 64 }, 'NaN', 'double not a number'],
    [{ tag: 'binaryFloat', bits: 32 }, '-Infinity', 'double infinity'],
  ])('%o: %s', (type, output, expected) => {
    expect(read(type, output)).toBe(expected);
  });

  it('as texts have the one text of each number', () => {
    const reading = outputReading(number(10, 2), readingOf(number(10, 2), POLICIES));
    expect(reading.decode?.('.50')).toBe('0.5');
  });
});

describe('dates and times', () => {
  it.each<[SourceType, string, Partial<ValuePolicies>, string]>([
    [{ tag: 'date' }, '2026-11-21 09:00:00', {}, 'datetime(0) 2026-11-21 09:00:00'],
    [{ tag: 'date' }, '0999-12-31 00:00:00', {}, 'datetime(0) before 1000-01-01'],
    [{ tag: 'date' }, '1500-02-29 00:00:00', {}, 'datetime(0) a leap day of the Julian calendar'],
    [{ tag: 'date' }, '1200-02-29 00:00:00', {}, 'datetime(0) 1200-02-29 00:00:00'],
    [{ tag: 'date' }, '-4712-01-01 00:00:00', {}, 'datetime(0) before 1000-01-01'],
    [timestamp(0), '2026-11-21 09:00:00.000000000', {}, 'datetime(0) 2026-11-21 09:00:00'],
    [timestamp(6), '2026-11-21 09:00:00.123456000', {}, 'datetime(6) 2026-11-21 09:00:00.123456'],
    [timestamp(3), '2026-11-21 09:00:00.5', {}, 'datetime(3) 2026-11-21 09:00:00.500'],
    [timestamp(9), AT, {}, `text(30) ${AT}`],
    [timestamp(9), AT, { nanoseconds: 'cut' }, 'datetime(6) 2026-11-21 09:00:00.123456'],
    [timestamp(9), AT, { nanoseconds: 'stop' }, 'datetime(6) more than 6 digits of a second'],
    [{ tag: 'local', fraction: 6 }, AT, {}, 'datetime(6) 2026-11-21 09:00:00.123456'],
    [{ tag: 'zoned', fraction: 6 }, `${AT} -03:30`, {}, 'text(34) 2026-11-21 09:00:00.123456 -03:30'],
    [{ tag: 'zoned', fraction: 6 }, `${AT} -03:30`, { zonedTimes: 'utc' }, 'datetime(6) 2026-11-21 12:30:00.123456'],
    [{ tag: 'zoned', fraction: 0 }, `${AT} +02:00`, { zonedTimes: 'utc' }, 'datetime(0) 2026-11-21 07:00:00'],
    [{ tag: 'zoned', fraction: 0 }, `-${AT} +02:00`, { zonedTimes: 'utc' }, 'datetime(0) before 1000-01-01'],
    [
      { tag: 'zoned', fraction: 0 },
      '9999-12-31 23:30:00.000000000 -01:00',
      { zonedTimes: 'utc' },
      'datetime(0) outside of the years 1 to 9999 in UTC',
    ],
    [
      { tag: 'zoned', fraction: 0 },
      '1582-10-04 23:30:00.000000000 -01:00',
      { zonedTimes: 'utc' },
      'datetime(0) 1582-10-15 00:30:00',
    ],
    [{ tag: 'yearMonth', years: 2 }, '+02-06', {}, 'text(6) +02-06'],
    [{ tag: 'daySecond', days: 2, fraction: 6 }, '-05 10:20:30.123456', {}, 'text(19) -05 10:20:30.123456'],
  ])('%o: %s %o', (type, output, policies, expected) => {
    expect(read(type, output, policies)).toBe(expected);
  });
});

describe('texts and bytes', () => {
  it('keep every character, and tell half of one', () => {
    const national: SourceType = { tag: 'varchar', isNational: true, characters: 20 };
    expect(read(national, '  ünï☃ ')).toBe('text(20)   ünï☃ ');
    expect(read(national, '\uD83D')).toBe('text(20) half of a surrogate pair');
  });

  it('RAW is bytes, or a text in upper case', () => {
    expect(read({ tag: 'raw', bytes: 4 }, '00ff')).toBe('binary(4) 00ff');
    expect(read({ tag: 'raw', bytes: 4 }, '00ff', { rawAsHex: true })).toBe('text(8) 00FF');
    expect(read({ tag: 'blob' }, '00FF', { rawAsHex: true })).toBe('binary 00FF');
  });
});

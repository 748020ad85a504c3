import { describe, expect, it } from 'vitest';
import { describeType } from '../../changes/column-type.ts';
import { sqlserverSettings } from './settings.ts';
import { keyPolicies, outputReading, readingOf, type ValuePolicies } from './types.ts';
import type { SourceType } from './values/source-type.ts';

const DEFAULTS: ValuePolicies = sqlserverSettings.parse({ host: 'db', database: 'shop', user: 'penstock' });

/** The canonical text of an output text, or why it does not fit. */
function canonical(type: SourceType, output: string, policies: Partial<ValuePolicies> = {}): string | null {
  const { decode, misfit } = readingOf(type, { ...DEFAULTS, ...policies });
  const reason = misfit?.(output) ?? null;
  if (reason !== null) return `misfit: ${reason}`;
  return decode === null ? output : decode(output);
}

const precise: SourceType = { tag: 'datetime2', fraction: 7 };
const zoned: SourceType = { tag: 'datetimeoffset', fraction: 7 };
const name: SourceType = { tag: 'varchar', isUnicode: true, characters: 20 };

describe('the seventh digit of a second', () => {
  it.each([
    ['text', '2026-01-02 03:04:05.1234567', 'text(27)', '2026-01-02 03:04:05.1234567'],
    ['text', '0001-01-01 00:00:00.0000000', 'text(27)', '0001-01-01 00:00:00.0000000'],
    ['stop', '2026-01-02 03:04:05.1234567', 'datetime(6)', 'misfit: more than 6 digits of a second'],
    ['stop', '2026-01-02 03:04:05.1234560', 'datetime(6)', '2026-01-02 03:04:05.123456'],
    ['stop', '0999-12-31 00:00:00.0000000', 'datetime(6)', 'misfit: before 1000-01-01'],
    ['cut', '2026-01-02 03:04:05.1234567', 'datetime(6)', '2026-01-02 03:04:05.123456'],
    ['cut', '0999-12-31 00:00:00.0000000', 'datetime(6)', 'misfit: before 1000-01-01'],
  ] as const)('%s: %s is %s %s', (seventhDigit, output, type, text) => {
    expect(describeType(readingOf(precise, { ...DEFAULTS, seventhDigit }).type)).toBe(type);
    expect(canonical(precise, output, { seventhDigit })).toBe(text);
  });

  it('is a matter of columns that have it', () => {
    expect(canonical({ tag: 'datetime2', fraction: 6 }, '2026-01-02 03:04:05.123456')).toBe(
      '2026-01-02 03:04:05.123456',
    );
    expect(canonical({ tag: 'time', fraction: 7 }, '03:04:05.1234567', { seventhDigit: 'cut' })).toBe(
      '03:04:05.123456',
    );
  });

  it('is never cut in a key, where two could become one', () => {
    const { misfit } = readingOf(precise, keyPolicies({ ...DEFAULTS, seventhDigit: 'cut' }));
    expect(misfit?.('2026-01-02 03:04:05.1234567')).toBe('more than 6 digits of a second');
  });
});

describe('a time with an offset', () => {
  it.each([
    ['2026-01-01 00:30:00.1234560 +05:30', '2025-12-31 19:00:00.123456'],
    ['2025-12-31 22:30:00.0000000 -14:00', '2026-01-01 12:30:00.000000'],
    ['2026-06-15 12:00:00.9999990 +00:00', '2026-06-15 12:00:00.999999'],
    ['9999-12-31 23:59:59.9999990 +00:00', '9999-12-31 23:59:59.999999'],
    ['1000-01-01 00:00:00.0000000 +00:01', 'misfit: before 1000-01-01'],
    ['0999-12-31 23:59:00.0000000 -00:01', '1000-01-01 00:00:00.000000'],
    ['2026-06-15 12:00:00.0000001 +00:00', 'misfit: more than 6 digits of a second'],
  ])('%s is %s in UTC', (output, text) => {
    expect(canonical(zoned, output, { zonedTimes: 'utc', seventhDigit: 'stop' })).toBe(text);
  });

  it('keeps its offset by default', () => {
    expect(canonical(zoned, '0001-01-01 00:00:00.0000001 -14:00')).toBe('0001-01-01 00:00:00.0000001 -14:00');
  });

  it('has as many digits in UTC as its type', () => {
    const output = '2026-01-01 00:30:00 +05:30';
    expect(canonical({ tag: 'datetimeoffset', fraction: 0 }, output, { zonedTimes: 'utc' })).toBe(
      '2025-12-31 19:00:00',
    );
  });
});

describe('texts', () => {
  it('do not fit with half of a surrogate pair, which has no UTF-8', () => {
    expect(canonical(name, 'a\ud83d')).toBe('misfit: half of a surrogate pair');
    expect(canonical(name, 'a😀\0')).toBe('a😀\0');
  });

  it('of no length become NULL where the user wants it, but not in a key, nor a document', () => {
    expect(canonical(name, '')).toBe('');
    expect(canonical(name, '', { zeroLengthStrings: 'null' })).toBeNull();
    expect(readingOf(name, keyPolicies({ ...DEFAULTS, zeroLengthStrings: 'null' })).decode).toBeNull();
    expect(canonical({ tag: 'xml' }, '', { zeroLengthStrings: 'null' })).toBe('');
  });
});

it('keeps what it can of more than 30 digits behind the point', () => {
  const type: SourceType = { tag: 'decimal', precision: 38, scale: 38 };
  expect(canonical(type, '-0.00000000000000000000000000000100000000')).toBe('-0.000000000000000000000000000001');
  expect(canonical(type, '0.00000000000000000000000000000000000001')).toBe(
    'misfit: more than 30 digits after the point',
  );
});

it('gives an output text as it is to a changed type', () => {
  const { type, decode, misfit } = outputReading(readingOf({ tag: 'date' }, DEFAULTS));
  expect({ type: describeType(type), decode, misfit }).toEqual({ type: 'text', decode: null, misfit: null });
});

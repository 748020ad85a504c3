import { describe, expect, it } from 'vitest';
import { compareKeys, rangeHolds } from './copy-mark.ts';
import { describeType, isWidening, type ColumnType } from './column-type.ts';
import { comparePositions } from './position.ts';
import { rowHash } from './row-digest.ts';
import { parseTableName, tableId } from './table-name.ts';
import { tableSchema } from './table-schema.ts';
import {
  datetimeText,
  microsecondsFromTimestamp,
  millisecondsFromTimestamp,
  timestampFromMicroseconds,
} from './timestamp.ts';

describe('timestamp', () => {
  it('keeps microseconds, before 1970 too', () => {
    for (const microseconds of [
      0n,
      1n,
      -1n,
      1_700_000_000_123_456n,
      -62_135_596_800_000_000n,
      253_402_300_799_999_999n,
    ]) {
      const timestamp = timestampFromMicroseconds(microseconds);
      expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(microsecondsFromTimestamp(timestamp)).toBe(microseconds);
    }
    expect(timestampFromMicroseconds(-1n)).toBe('1969-12-31T23:59:59.999999Z');
  });

  it('becomes a DATETIME(6) and milliseconds', () => {
    expect(datetimeText('2026-11-21T09:00:00.123456Z')).toBe('2026-11-21 09:00:00.123456');
    expect(millisecondsFromTimestamp('1970-01-01T00:00:01.002999Z')).toBe(1002);
  });
});

describe('table names', () => {
  it.each([
    ['public', 'orders', 'public.orders'],
    ['my.schema', 'a "b"', '"my.schema"."a ""b"""'],
    ['Ümläut', 'with space', 'Ümläut.with space'],
  ])('%s and %s become %s and come back', (schema, name, id) => {
    expect(tableId({ schema, name })).toBe(id);
    expect(parseTableName(id)).toEqual({ schema, name });
  });

  it.each(['orders', 'a.b.c', '.b', 'a.', '"a.b'])('%s is no table name', (text) => {
    expect(parseTableName(text)).toBeNull();
  });
});

describe('column types', () => {
  const integer = (bits: 8 | 16 | 32 | 64, unsigned = false): ColumnType => ({ tag: 'integer', bits, unsigned });
  const decimal = (precision: number, scale: number): ColumnType => ({ tag: 'decimal', precision, scale });
  const text = (maxCharacters: number | null): ColumnType => ({ tag: 'text', maxCharacters });

  it.each([
    [integer(32), integer(64)],
    [integer(32, true), integer(64)],
    [integer(64), decimal(20, 0)],
    [decimal(10, 2), decimal(12, 2)],
    [text(10), text(11)],
    [text(10), text(null)],
  ])('%o may become %o by itself, and not back', (from, to) => {
    expect(isWidening(from, to)).toBe(true);
    expect(isWidening(to, from)).toBe(false);
  });

  const unlike: [ColumnType, ColumnType][] = [
    [integer(32), integer(32, true)],
    [decimal(11, 3), decimal(10, 2)],
    [decimal(10, 2), decimal(10, 3)],
    [text(null), text(20)],
    [integer(64), { tag: 'double' }],
    [{ tag: 'date' }, { tag: 'datetime', fraction: 6 }],
  ];

  it.each(unlike)('%o does not become %o by itself', (from, to) => {
    expect(isWidening(from, to)).toBe(false);
  });

  it('have a name each', () => {
    expect([integer(8, true), decimal(5, 2), text(null)].map(describeType)).toEqual([
      'unsigned integer(8)',
      'decimal(5,2)',
      'text',
    ]);
  });
});

it('compares positions of one lineage only', () => {
  const at = (lineage: string, order: string) => ({ lineage, order, resume: '' });
  expect(comparePositions(at('a', '1'), at('a', '2'))).toBeLessThan(0);
  expect(() => comparePositions(at('a', '1'), at('b', '1'))).toThrow('PS2001');
});

it('compares keys as numbers of any size or byte by byte', () => {
  expect(compareKeys('number', '9', '10')).toBeLessThan(0);
  expect(compareKeys('number', '-9223372036854775808', '-9223372036854775807')).toBeLessThan(0);
  expect(compareKeys('bytes', '9', '10')).toBeGreaterThan(0);
  const range = { tag: 'key', column: 'id', compareAs: 'number', after: '9', upTo: '10' } as const;
  expect(['9', '10', '11'].map((key) => rangeHolds(range, key))).toEqual([false, true, false]);
});

it('tells rows apart whose texts join alike, and NULL from an empty text', () => {
  const hashes = [
    ['ab', 'c'],
    ['a', 'bc'],
    ['abc', ''],
    ['abc', null],
    ['1:a', ''],
    ['', '1:a'],
  ].map(rowHash);
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(rowHash(['é'])).toBe(rowHash(['é']));
});

it('fingerprints names, types, nullability and key, not backfills', () => {
  const column = {
    name: 'a',
    type: { tag: 'boolean' },
    nullable: true,
    sourceType: 'boolean',
    backfill: null,
  } as const;
  const base = { table: { schema: 's', name: 't' }, columns: [column], identity: { tag: 'row' } } as const;
  const print = tableSchema(base).fingerprint;
  expect(tableSchema({ ...base, columns: [{ ...column, backfill: '1' }] }).fingerprint).toBe(print);
  expect(tableSchema({ ...base, columns: [{ ...column, nullable: false }] }).fingerprint).not.toBe(print);
  expect(tableSchema({ ...base, identity: { tag: 'key', columns: ['a'] } }).fingerprint).not.toBe(print);
});

import { describe, expect, it } from 'vitest';
import {
  event,
  field,
  int,
  packed,
  packedText,
  tableMap,
  type WrittenColumn,
} from '../../../../test/fixtures/binlog-writer.ts';
import { Charsets } from '../values/charset.ts';
import { EVENT, readHeader } from './event-header.ts';
import { agrees, keepsUuidsSwapped, loggedSourceType, loggedTypeOf } from '../values/logged-type.ts';
import { valueReader } from '../values/log-values.ts';
import { COLUMN_TYPE as T } from './mapped-column.ts';
import { RowCursor } from '../values/row-cursor.ts';
import type { SourceType } from '../values/source-type.ts';
import { parseTableMap } from './table-map.ts';

const CHARSETS = new Charsets(
  new Map([
    [45, 'utf8mb4'],
    [63, 'binary'],
    [8, 'latin1'],
    [28, 'gbk'],
  ]),
);
CHARSETS.set(
  'latin1',
  Array.from({ length: 256 }, (_, byte) => (byte === 0x80 ? '€' : String.fromCharCode(byte))),
);

const parse = (bytes: Buffer, isMariaDb = false) =>
  parseTableMap(bytes, readHeader(bytes, 0, bytes.length, 'crc32'), { idBytes: 6, isMariaDb });
const columnsOf = (columns: readonly WrittenColumn[], options = {}, isMariaDb = false) =>
  parse(tableMap('t', columns, options), isMariaDb).columns;
const label = (...texts: (string | Buffer)[]) => Buffer.concat([packed(texts.length), ...texts.map(packedText)]);

describe('a table map', () => {
  it('says names, signs, collations, nullability and the key', () => {
    const map = parse(
      tableMap(
        'größe',
        [
          { name: 'id', type: T.longlong, unsigned: true, nullable: false },
          { name: 'naïve', type: T.varchar, metadata: [0x2c, 0x01], collation: 8 },
          { name: 'n', type: T.tiny },
        ],
        { schema: 'schön', primaryKey: [2, 0], id: 0x1_0000_0001 },
      ),
    );
    expect(map).toMatchObject({
      tableId: 0x1_0000_0001,
      table: { schema: 'schön', name: 'größe' },
      primaryKey: [2, 0],
      isFull: true,
    });
    expect(map.columns).toEqual([
      { name: 'id', type: T.longlong, metadata: 0, nullable: false, unsigned: true, collation: null, labels: null },
      { name: 'naïve', type: T.varchar, metadata: 300, nullable: true, unsigned: null, collation: 8, labels: null },
      { name: 'n', type: T.tiny, metadata: 0, nullable: true, unsigned: false, collation: null, labels: null },
    ]);
  });

  it('counts YEAR among the columns with a sign', () => {
    const columns = columnsOf([
      { name: 'y', type: T.year },
      { name: 'u', type: T.long, unsigned: true },
      { name: 's', type: T.long },
    ]);
    expect(columns.map(({ unsigned }) => unsigned)).toEqual([false, true, false]);
  });

  it('of MariaDB has a collation for geometries, of MySQL for vectors', () => {
    const written: WrittenColumn[] = [
      { name: 'g', type: T.geometry, metadata: [4] },
      { name: 'v', type: T.vector, metadata: [4] },
      { name: 'c', type: T.string, metadata: [0xfe, 40] },
    ];
    const collations = (...numbers: number[]) => ({
      isFull: false,
      more: field(3, Buffer.concat(numbers.map(packed))),
    });
    expect(columnsOf(written, collations(63, 8), true).map(({ collation }) => collation)).toEqual([63, null, 8]);
    expect(columnsOf(written, collations(63, 8), false).map(({ collation }) => collation)).toEqual([null, 63, 8]);
    expect(() => columnsOf(written, collations(63, 8, 45), false)).toThrow(/more than were read/);
    expect(() => columnsOf(written, collations(63), false)).toThrow(/ends too early/);
  });

  it('has a default collation with exceptions, labels of ENUM and SET, and a key by prefixes', () => {
    const written: WrittenColumn[] = [
      { name: 'a', type: T.varchar, metadata: [20, 0] },
      { name: 'e', type: T.enum, metadata: [T.enum, 1] },
      { name: 'b', type: T.blob, metadata: [2] },
      { name: 's', type: T.set, metadata: [T.set, 2] },
      { name: 'c', type: T.string, metadata: [0xee, 0xfc] },
    ];
    const more = Buffer.concat([
      field(2, Buffer.concat([packed(45), packed(1), packed(63)])),
      field(10, Buffer.concat([packed(45), packed(1), packed(8)])),
      field(6, label('x', "it's")),
      field(5, label('é', Buffer.from([0x80]))),
      field(9, Buffer.concat([packed(0), packed(10), packed(4), packed(0)])),
      field(7, packed(1)),
      field(200, Buffer.from('later')),
    ]);
    const map = parse(tableMap('t', written, { isFull: false, more }));
    expect(map.columns.map(({ collation }) => collation)).toEqual([45, 45, 63, 8, 45]);
    expect(map.columns.map(({ labels }) => labels?.map((one) => one.toString('latin1')) ?? null)).toEqual([
      null,
      ['x', "it's"],
      null,
      ['Ã©', '\u0080'],
      null,
    ]);
    expect(map.columns.map(({ type, metadata }) => [type, metadata])).toEqual([
      [T.varchar, 20],
      [T.enum, 1],
      [T.blob, 2],
      [T.set, 2],
      [T.string, 508],
    ]);
    // Without names it is not full, whatever else it says.
    expect(map).toMatchObject({ isFull: false, primaryKey: null });
    const named = Buffer.concat([more, field(4, Buffer.concat(written.map(({ name }) => packedText(name))))]);
    expect(parse(tableMap('t', written, { isFull: false, more: named })).primaryKey).toEqual([0, 4]);
  });

  it.each([
    [0xfe, 0xff, 255],
    [0xee, 0x00, 256],
    [0xde, 0x00, 512],
    [0xce, 0xfc, 1020],
  ])('packs the length of a CHAR: %i %i is %i', (first, second, expected) => {
    const [column] = columnsOf([{ name: 'c', type: T.string, metadata: [first, second] }]);
    expect(column).toMatchObject({ type: T.string, metadata: expected });
  });

  it('is refused with a type that is not known, or when it is cut', () => {
    expect(() => columnsOf([{ name: 'a', type: T.typedArray, metadata: [1] }])).toThrow(
      /shop\.t has a column of type 20/,
    );
    const body = tableMap('t', [{ name: 'a', type: T.long }]).subarray(19, -4);
    const cut = event(EVENT.tableMap, body.subarray(0, body.length - 1));
    expect(() => parse(cut)).toThrow(/the table map of shop\.t ends too early/);
  });
});

describe('a value', () => {
  const mapped = (type: number, metadata = 0, more = {}) => ({
    type,
    metadata,
    nullable: true,
    name: 'a',
    unsigned: null,
    collation: null,
    labels: null,
    ...more,
  });
  const read = (column: ReturnType<typeof mapped>, source: SourceType, bytes: Buffer, version = 80_036) => {
    const cursor = new RowCursor();
    cursor.buffer = Buffer.concat([Buffer.from('xy'), bytes, Buffer.from('zzzzzzzzzzzz')]);
    cursor.offset = 2;
    const text = valueReader(loggedTypeOf(column, source, CHARSETS, { version }), 'shop.t: column a')(cursor);
    expect(cursor.offset).toBe(2 + bytes.length);
    return text;
  };

  // Forms that MariaDB 10.11 does not write in the tests against it.
  it.each([
    ['TIME of before 5.6', T.time, { tag: 'time', fraction: 0 }, int(3, -8_385_959), '-838:59:59'],
    [
      'DATETIME of before 5.6',
      T.datetime,
      { tag: 'datetime', fraction: 0 },
      int(8, 20_240_229_123_456),
      '2024-02-29 12:34:56',
    ],
    ['a zero DATETIME of before 5.6', T.datetime, { tag: 'datetime', fraction: 0 }, int(8, 0), '0000-00-00 00:00:00'],
    [
      'TIMESTAMP of before 5.6',
      T.timestamp,
      { tag: 'timestamp', fraction: 0 },
      int(4, 1_709_210_096),
      '2024-02-29 12:34:56',
    ],
    [
      'a TIMESTAMP behind 2038',
      T.timestamp,
      { tag: 'timestamp', fraction: 0 },
      int(4, 4_294_967_295),
      '2106-02-07 06:28:15',
    ],
  ] as const)('%s', (_, type, source, bytes, expected) => {
    expect(read(mapped(type), source, bytes)).toBe(expected);
  });

  it('of type VECTOR and JSON, of MySQL', () => {
    const four = Buffer.concat([int(4, 4), Buffer.from('0000803f', 'hex')]);
    expect(read(mapped(T.vector, 4), { tag: 'vector' }, four)).toBe('0000803f');
    expect(read(mapped(T.json, 4), { tag: 'json' }, Buffer.concat([int(4, 2), Buffer.from('0401', 'hex')]))).toBe(
      'true',
    );
  });

  it('of type UUID, of a server that keeps all of them in reverse order', () => {
    const bytes = Buffer.from('0a11bb6d4ef89c0ba0eebc99ffeeddcc', 'hex');
    const stored = Buffer.concat([int(1, 16), bytes]);
    expect(read(mapped(T.string, 16), { tag: 'uuid' }, stored, 101_104)).toBe('ffeeddcc-bc99-a0ee-9c0b-0a11bb6d4ef8');
    expect(read(mapped(T.string, 16), { tag: 'uuid' }, stored, 101_105)).toBe('0a11bb6d-4ef8-9c0b-a0ee-bc99ffeeddcc');
    expect([100_700, 100_907, 101_005, 101_104, 110_002].map(keepsUuidsSwapped)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    expect([100_908, 101_006, 101_105, 110_003, 110_400].map(keepsUuidsSwapped)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('that is none of the labels, or compressed in a way that is not known, is refused without being told', () => {
    const source: SourceType = { tag: 'enum', labels: ['x'], charset: 'utf8mb4' };
    expect(read(mapped(T.enum, 1), source, int(1, 0))).toBe('');
    expect(() => read(mapped(T.enum, 1), source, int(1, 2))).toThrow(/shop\.t: column a has a value that is none/);
    const set: SourceType = { tag: 'set', labels: ['x', 'y'], charset: 'utf8mb4' };
    expect(() => read(mapped(T.set, 1), set, int(1, 4))).toThrow(/none of the type's 2 labels/);
    const text: SourceType = { tag: 'varchar', characters: 20, charset: 'utf8mb4' };
    for (const bytes of [
      [0x91, 1, 65],
      [0x81, 1, 65],
      [0x80, 1],
    ]) {
      const value = Buffer.concat([int(1, bytes.length), Buffer.from(bytes)]);
      expect(() => read(mapped(T.varcharCompressed, 81), text, value)).toThrow(/^PS2008 [^A]*$/);
    }
  });

  it('of a FLOAT with another width than four bytes is refused', () => {
    expect(() => read(mapped(T.float, 8), { tag: 'float' }, int(8, 0))).toThrow(/whose form is not known/);
    expect(() => read(mapped(T.decimal), { tag: 'unknown', declared: '' }, int(1, 0))).toThrow(/type 0/);
  });
});

describe('the type of a column', () => {
  const mapped = (type: number, metadata: number, more = {}) => ({
    type,
    metadata,
    nullable: true,
    name: 'a',
    unsigned: null,
    collation: null,
    labels: null,
    ...more,
  });
  const uuid: SourceType = { tag: 'uuid' };

  it('is taken from information_schema only where the log cannot tell it', () => {
    const bytes = mapped(T.string, 16, { collation: 63 });
    expect(loggedSourceType(bytes, uuid, CHARSETS)).toEqual(uuid);
    expect(loggedSourceType(bytes, null, CHARSETS)).toEqual({ tag: 'binary', bytes: 16 });
    expect(loggedSourceType(mapped(T.string, 15, { collation: 63 }), uuid, CHARSETS)).toEqual({
      tag: 'binary',
      bytes: 15,
    });
    expect(loggedSourceType(mapped(T.string, 16, { collation: 45 }), uuid, CHARSETS)).toMatchObject({
      tag: 'char',
      characters: 4,
    });
    expect(loggedSourceType(mapped(T.varchar, 12, { collation: 63 }), { tag: 'vector' }, CHARSETS)).toEqual({
      tag: 'vector',
    });
  });

  it('is not told where a fraction or a character set may be another one', () => {
    expect(loggedSourceType(mapped(T.datetime, 0), { tag: 'datetime', fraction: 3 }, CHARSETS)).toBeNull();
    expect(loggedSourceType(mapped(T.datetime, 0), null, CHARSETS)).toBeNull();
    expect(loggedSourceType(mapped(T.varchar, 12, { collation: 9999 }), null, CHARSETS)).toBeNull();
    expect(
      loggedSourceType(mapped(T.enum, 1, { collation: 28, labels: [Buffer.from('a')] }), null, CHARSETS),
    ).toBeNull();
    expect(loggedSourceType(mapped(T.varchar, 12, { collation: 28 }), null, CHARSETS)).toEqual({
      tag: 'varchar',
      characters: 6,
      charset: 'gbk',
    });
  });

  it.each([
    [mapped(T.long, 0), { tag: 'integer', bits: 32, unsigned: true }, true],
    [mapped(T.long, 0), { tag: 'integer', bits: 64, unsigned: true }, false],
    [mapped(T.long, 0), { tag: 'year' }, false],
    [mapped(T.varchar, 80), { tag: 'varchar', characters: 20, charset: 'utf8mb4' }, true],
    [mapped(T.varchar, 80), { tag: 'varchar', characters: 20, charset: 'latin1' }, false],
    [mapped(T.varchar, 80), { tag: 'varbinary', bytes: 80 }, true],
    [mapped(T.enum, 1), { tag: 'enum', labels: ['a'], charset: 'latin1' }, true],
    [mapped(T.enum, 1), { tag: 'set', labels: ['a'], charset: 'latin1' }, false],
    [mapped(T.newDecimal, (10 << 8) | 2), { tag: 'decimal', precision: 10, scale: 2 }, true],
    [mapped(T.newDecimal, (10 << 8) | 3), { tag: 'decimal', precision: 10, scale: 2 }, false],
    [mapped(T.datetime2, 3), { tag: 'datetime', fraction: 3 }, true],
    [mapped(T.datetime2, 3), { tag: 'datetime', fraction: 6 }, false],
    [mapped(T.string, 16), uuid, true],
    [mapped(T.blob, 2), { tag: 'text', charset: 'latin1' }, true],
    [mapped(T.blob, 2), { tag: 'json' }, false],
  ] as const)('without names %o agrees with %o: %s', (column, now, expected) => {
    expect(agrees(column, now, CHARSETS)).toBe(expected);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConversionError, evaluate, type Stored } from '../../../test/fixtures/tds/conversions.ts';
import type { TdsRequest } from '../../../test/fixtures/tds/request.ts';
import { isVersionQuestion, sqlserverAccess, versionAnswer } from '../../../test/fixtures/tds/sqlserver-access.ts';
import { startTdsServer, type TdsPart, type TdsServer } from '../../../test/fixtures/tds/tds-server.ts';
import { describeType } from '../../changes/column-type.ts';
import { openSession } from './connection.ts';
import { allRows, type Session } from './server/session.ts';
import { readingOf } from './types.ts';
import { sourceTypeOf, type CatalogType } from './values/source-type.ts';

/** A type of the server, its canonical type, and edge values: as the server keeps them, and their canonical texts or why they do not fit. */
interface MatrixType {
  readonly type: CatalogType;
  readonly canonical: string;
  readonly values: readonly (readonly [Stored, string])[];
}

const MAX = -1;

function type(name: string, length = 0, precision = 0, scale = 0): CatalogType {
  return { name, length, precision, scale };
}

function whole(name: string, bytes: 1 | 2 | 4 | 8, canonical: string, ...values: readonly bigint[]): MatrixType {
  return {
    type: type(name, bytes),
    canonical,
    values: values.map((value) => [{ tag: 'whole', value, bytes }, String(value)]),
  };
}

function scaled(
  name: string,
  precision: number,
  scale: number,
  canonical: string,
  ...values: readonly (readonly [bigint, string])[]
): MatrixType {
  return {
    type: type(name, 17, precision, scale),
    canonical,
    values: values.map(([unscaled, text]) => [{ tag: 'scaled', unscaled, scale }, text]),
  };
}

function money(name: string, canonical: string, ...values: readonly (readonly [bigint, string])[]): MatrixType {
  return { type: type(name), canonical, values: values.map(([value, text]) => [{ tag: 'money', value }, text]) };
}

function float(name: string, bytes: 4 | 8, ...values: readonly (readonly [number, string])[]): MatrixType {
  return {
    type: type(name, bytes),
    canonical: 'double',
    values: values.map(([value, text]) => [{ tag: 'float', value, bytes }, text]),
  };
}

/** Their canonical texts are the same. */
function texts(
  catalog: CatalogType,
  canonical: string,
  of: (text: string) => Stored,
  ...values: readonly string[]
): MatrixType {
  return { type: catalog, canonical, values: values.map((value) => [of(value), value]) };
}

function binary(catalog: CatalogType, canonical: string, ...values: readonly Buffer[]): MatrixType {
  const isMax = catalog.length === MAX;
  return {
    type: catalog,
    canonical,
    values: values.map((value) => [{ tag: 'bytes', value, isMax }, value.toString('hex').toUpperCase()]),
  };
}

/** `2026-01-02 03:04:05.1234567 +05:30` and parts of it → what the type keeps. */
function moments(
  name: string,
  scale: number,
  canonical: string,
  ...values: readonly (string | readonly [string, string])[]
): MatrixType {
  return {
    type: type(name, 0, 0, scale),
    canonical,
    values: values.map((value) => {
      const [kept, text] = typeof value === 'string' ? [value, value] : value;
      const find = (pattern: RegExp) => pattern.exec(kept)?.[0] ?? null;
      const stored: Stored = {
        tag: 'moment',
        date: find(/\d{4}-\d\d-\d\d/),
        time: find(/\d\d:\d\d:\d\d(\.\d+)?/),
        offset: find(/[+-]\d\d:\d\d$/),
      };
      return [stored, text];
    }),
  };
}

function variant(base: string, value: Stored, text: string): readonly [Stored, string] {
  return [{ tag: 'variant', base, value }, text];
}

const wide = (value: string): Stored => ({ tag: 'wide', value, isMax: false });
const wideMax = (value: string): Stored => ({ tag: 'wide', value, isMax: true });
const narrow = (value: string): Stored => ({ tag: 'narrow', value });

const NASTY = ['', ' ', "it's", '\t\n\\\r', '\0', 'NULL', '\\N', 'café €'];
const EARLY = 'misfit: before 1000-01-01';
const LONG = 'ü'.repeat(8000);
const POINT = Buffer.from('0101000000000000000000f03f0000000000000040', 'hex');

/** The types that users set up, with their edges. */
const MATRIX: readonly MatrixType[] = [
  whole(
    'bigint',
    8,
    'integer(64)',
    -9_223_372_036_854_775_808n,
    -1n,
    0n,
    9_007_199_254_740_993n,
    9_223_372_036_854_775_807n,
  ),
  whole('int', 4, 'integer(32)', -2_147_483_648n, 0n, 2_147_483_647n),
  whole('smallint', 2, 'integer(16)', -32_768n, 32_767n),
  whole('tinyint', 1, 'unsigned integer(8)', 0n, 255n),
  {
    type: type('bit'),
    canonical: 'boolean',
    values: [
      [{ tag: 'bit', value: true }, '1'],
      [{ tag: 'bit', value: false }, '0'],
    ],
  },
  scaled(
    'decimal',
    38,
    10,
    'decimal(38,10)',
    [12_345_678_901_234_567_890_123_456_789_012_345_678n, '1234567890123456789012345678.9012345678'],
    [-1n, '-0.0000000001'],
    [0n, '0.0000000000'],
  ),
  scaled(
    'numeric',
    38,
    0,
    'decimal(38,0)',
    [99_999_999_999_999_999_999_999_999_999_999_999_999n, '9'.repeat(38)],
    [-99_999_999_999_999_999_999_999_999_999_999_999_999n, `-${'9'.repeat(38)}`],
  ),
  scaled(
    'decimal',
    38,
    38,
    'decimal(65,30)',
    [-99_999_999_999_999_999_999_999_999_999_900_000_000n, `-0.${'9'.repeat(30)}`],
    [1n, 'misfit: more than 30 digits after the point'],
  ),
  money(
    'money',
    'decimal(19,4)',
    [-9_223_372_036_854_775_808n, '-922337203685477.5808'],
    [9_223_372_036_854_775_807n, '922337203685477.5807'],
    [1n, '0.0001'],
    [0n, '0.0000'],
  ),
  money('smallmoney', 'decimal(10,4)', [-2_147_483_648n, '-214748.3648'], [2_147_483_647n, '214748.3647']),
  float(
    'float',
    8,
    [0.1, '0.1'],
    [1.797_693_134_862_315_7e308, '1.7976931348623157e+308'],
    [5e-324, '5e-324'],
    [-0, '-0'],
    [1 / 3, '0.3333333333333333'],
    [2 ** 53, '9007199254740992'],
  ),
  float(
    'real',
    4,
    [Math.fround(0.1), '0.10000000149011612'],
    [Math.fround(3.402_823_47e38), '3.4028234663852886e+38'],
    [Math.fround(1e-45), '1.401298464324817e-45'],
  ),
  moments('date', 0, 'date', '1000-01-01', '9999-12-31', '2024-02-29', ['0001-01-01', EARLY]),
  moments(
    'datetime',
    3,
    'datetime(3)',
    '1753-01-01 00:00:00.000',
    '9999-12-31 23:59:59.997',
    '2026-11-21 12:30:00.003',
  ),
  moments('smalldatetime', 0, 'datetime(0)', '1900-01-01 00:00:00', '2079-06-06 23:59:00'),
  moments('datetime2', 7, 'text(27)', '0001-01-01 00:00:00.0000000', '9999-12-31 23:59:59.9999999'),
  moments('datetime2', 6, 'datetime(6)', '1000-01-01 00:00:00.000000', '9999-12-31 23:59:59.999999', [
    '0999-12-31 23:59:59.999999',
    EARLY,
  ]),
  moments('datetime2', 0, 'datetime(0)', '2026-11-21 12:30:00'),
  moments('time', 7, 'text(16)', '00:00:00.0000000', '23:59:59.9999999'),
  moments('time', 3, 'time(3)', '00:00:00.001', '23:59:59.999'),
  moments('time', 0, 'time(0)', '23:59:59'),
  moments(
    'datetimeoffset',
    7,
    'text(34)',
    '0001-01-01 00:00:00.0000000 +00:00',
    '9999-12-31 23:59:59.9999999 -14:00',
    '2026-11-21 12:30:00.1234567 +05:30',
  ),
  moments('datetimeoffset', 0, 'text(34)', '2026-11-21 12:30:00 -08:00'),
  texts(type('char', 10), 'text(10)', narrow, 'padded    ', '          '),
  texts(type('char', 8000), 'text(8000)', narrow, LONG),
  texts(type('varchar', 20), 'text(20)', narrow, ...NASTY),
  texts(type('varchar', 8000), 'text(8000)', narrow, LONG),
  texts(type('varchar', MAX), 'text', narrow, '', LONG.repeat(10)),
  texts(type('nchar', 20), 'text(10)', wide, 'padded    ', '😀         '),
  texts(type('nvarchar', 40), 'text(20)', wide, ...NASTY, '😀 日本', '\ufeffx'),
  {
    type: type('nvarchar', 20),
    canonical: 'text(10)',
    values: [[wide('a\ud83d'), 'misfit: half of a surrogate pair']],
  },
  texts(type('nvarchar', 8000), 'text(4000)', wide, '日'.repeat(4000)),
  texts(type('nvarchar', MAX), 'text', wideMax, '', '😀'.repeat(50_000)),
  texts(type('text', 16), 'text', narrow, '', LONG.repeat(3)),
  texts(type('ntext', 16), 'text', narrow, '', '😀'.repeat(10_000)),
  binary(type('binary', 5), 'binary(5)', Buffer.from('00ff00090a', 'hex')),
  binary(type('varbinary', 20), 'binary(20)', Buffer.alloc(0), Buffer.from('00ff5c0a0900', 'hex')),
  binary(type('varbinary', MAX), 'binary', Buffer.alloc(0), Buffer.alloc(100_000, 0xab)),
  binary(type('timestamp', 8), 'binary(8)', Buffer.from('00000000000007d1', 'hex'), Buffer.alloc(8, 0xff)),
  { type: type('image', 16), canonical: 'binary', values: [[{ tag: 'image', value: Buffer.of(0, 255) }, '00FF']] },
  texts(
    type('uniqueidentifier', 16),
    'text(36)',
    (value) => ({ tag: 'guid', value }),
    '00000000-0000-0000-0000-000000000000',
    'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  ),
  texts(type('hierarchyid', 892), 'text(4000)', (path) => ({ tag: 'hierarchy', path }), '/', '/1/2.5/-3/'),
  texts(type('xml', MAX), 'text', narrow, '', '<a b="1">é😀</a>'),
  {
    type: type('geography', MAX),
    canonical: 'binary',
    values: [[{ tag: 'spatial', srid: 4326, bytes: POINT }, `000010E6${POINT.toString('hex').toUpperCase()}`]],
  },
  {
    type: type('geometry', MAX),
    canonical: 'binary',
    values: [[{ tag: 'spatial', srid: 0, bytes: POINT }, `00000000${POINT.toString('hex').toUpperCase()}`]],
  },
  {
    type: type('sql_variant', 8016),
    canonical: 'text',
    values: [
      variant('int', { tag: 'whole', value: 1n, bytes: 4 }, 'int:1'),
      variant('varchar', narrow('1'), 'varchar:1'),
      variant('money', { tag: 'money', value: 9_223_372_036_854_775_807n }, 'money:922337203685477.5807'),
      variant('float', { tag: 'float', value: 0.1, bytes: 8 }, 'float:1.0000000000000001e-001'),
      variant('varbinary', { tag: 'bytes', value: Buffer.of(0, 255), isMax: false }, 'varbinary:00FF'),
      variant(
        'datetime2',
        { tag: 'moment', date: '2026-01-02', time: '03:04:05.1234567', offset: null },
        'datetime2:2026-01-02 03:04:05.1234567',
      ),
      variant('decimal', { tag: 'scaled', unscaled: 150n, scale: 2 }, 'decimal:1.50'),
    ],
  },
  texts(type('json', MAX), 'text', narrow, '{"a":1}'),
];

const POLICIES = sqlserverAccess({ host: '127.0.0.1', port: 1 }).settings;
const NEVER = new AbortController().signal;

/** `SELECT <expression> FROM [dbo].[t<index>];`, answered as the server would, with NULL behind the values. */
function* answer(request: TdsRequest): Generator<TdsPart> {
  if (isVersionQuestion(request)) {
    yield* versionAnswer(request);
    return;
  }
  const [, expression, index] = /^SELECT (.*) FROM \[dbo\]\.\[t(\d+)\];$/.exec(request.sql) ?? [];
  if (expression === undefined) throw new Error(`not understood: ${request.sql}`);
  const values = MATRIX[Number(index)]?.values.map(([stored]) => stored) ?? [];
  try {
    const { column, cells } = evaluate(expression, [...values, null]);
    yield { tag: 'rows', columns: [column], rows: cells.map((cell) => [cell]) };
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    yield { tag: 'message', number: error.number, text: error.message, class: 16 };
  }
}

describe('types over the wire, through the driver', () => {
  let server: TdsServer;
  let session: Session;

  beforeAll(async () => {
    server = await startTdsServer({ answer });
    session = await openSession(sqlserverAccess(server), NEVER);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it.each(
    MATRIX.map((entry, index) => ({
      ...entry,
      index,
      name: `${entry.type.name}(${entry.type.length}, ${entry.type.precision}, ${entry.type.scale})`,
    })),
  )('$name: nothing is lost', async ({ type: catalog, canonical, values, index }) => {
    const source = sourceTypeOf(catalog);
    const reading = readingOf(source, POLICIES);
    expect(describeType(reading.type)).toBe(canonical);
    const rows = await allRows(session, {
      tag: 'rows',
      table: { schema: 'dbo', name: `t${index}` },
      columns: [{ name: 'v', type: source }],
      conditions: [],
      orderBy: null,
    });
    const verdicts = rows.map(([output]) => {
      if (output === null || output === undefined) return null;
      const reason = reading.misfit?.(output) ?? null;
      if (reason !== null) return `misfit: ${reason}`;
      return reading.decode === null ? output : reading.decode(output);
    });
    expect(verdicts).toEqual([...values.map(([, text]) => text), null]);
  });
});

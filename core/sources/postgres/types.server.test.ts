import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rowHash } from '../../changes/row-digest.ts';
import { digestSum, digestText } from '../converted-digests.ts';
import {
  changesOf,
  NEVER,
  postgresTest,
  readEvents,
  readRows,
  selection,
  type PostgresTest,
} from '../../../test/fixtures/postgres-connector.ts';

/** Type → values as SQL literals. Each value is written before the snapshot and again after it, and must arrive as the same text on both paths. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'false'],
  smallint: ['-32768', '32767', '0'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
  oid: ['0', '4294967295'],
  'numeric(10,2)': ['1.5', '-0.01', '99999999.99', '0', "'NaN'"],
  'numeric(65,30)': ['12345678901234567890123456789012345.123456789012345678901234567890'],
  'numeric(5,-2)': ['12345', '-99900'],
  'numeric(3,5)': ['0.00999', '-0.00001'],
  'numeric(80,2)': ['1.25', '1e40'],
  numeric: [
    '1.5',
    '1.50',
    '-0',
    '1e-30',
    '1e-31',
    '1e34',
    '1e35',
    "'NaN'",
    "'Infinity'",
    "'-Infinity'",
    '123456789012345678901234567890.000',
  ],
  real: ['0.1', '3.4028235e38', '1e-45', "'NaN'", "'Infinity'", '16777216', '-0'],
  'double precision': [
    '0.1',
    '1.7976931348623157e308',
    '5e-324',
    "'NaN'",
    "'-Infinity'",
    '1e20',
    '123456789.123456789',
  ],
  money: ['12.34', '-1234567.89'],
  text: [
    "''",
    "'a'",
    "E'tab\\there\\nnew\\rline\\\\slash\\b\\f\\x0b\\x01'",
    "'NULL'",
    "E'\\\\N'",
    "'ünïcödé 🎉 \u2028'",
    "E'\\\\f\\\\v'",
    "repeat('x', 100000)",
  ],
  'varchar(5)': ["'abc  '", "'🎉🎉🎉🎉🎉'"],
  'char(5)': ["'ab'", "''"],
  '"char"': ["'x'", "''"],
  name: ["'some_name'"],
  bytea: ["'\\x'", "'\\x00ff5c0a09'", "decode(repeat('ab', 5000), 'hex')"],
  date: [
    "'2024-02-29'",
    "'1000-01-01'",
    "'9999-12-31'",
    "'0999-12-31'",
    "'10000-01-01'",
    "'infinity'",
    "'-infinity'",
    "'0044-03-15 BC'",
    "'1582-10-10'",
  ],
  time: ["'00:00'", "'23:59:59.999999'", "'24:00'", "'12:30:00.5'"],
  'time(2)': ["'12:30:00.57'"],
  timetz: ["'12:30:00.5+05:30'"],
  timestamp: [
    "'2024-02-29 12:30:00.123456'",
    "'2024-02-29 12:30:00'",
    "'1000-01-01'",
    "'9999-12-31 23:59:59.999999'",
    "'0999-12-31 23:59:59.999999'",
    "'10000-01-01'",
    "'infinity'",
    "'-infinity'",
    "'0044-03-15 10:00 BC'",
    "'4713-01-01 BC'",
  ],
  'timestamp(0)': ["'2024-02-29 12:30:00.6'"],
  'timestamp(3)': ["'2024-02-29 12:30:00.120'"],
  timestamptz: [
    "'2024-02-29 12:30:00.123456+02'",
    "'2024-02-29 12:30:00-11:30'",
    "'9999-12-31 23:59:59.999999+00'",
    "'1000-01-01 00:00:00+00'",
    "'0999-12-31 23:59:59+00'",
    "'infinity'",
    "'-infinity'",
    "'0044-03-15 10:00+00 BC'",
    "'10000-01-01 00:00+00'",
  ],
  interval: ["'1 year 2 months 3 days 04:05:06.789'", "'-1 day'", "'0'"],
  uuid: ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"],
  json: [`'{"b": 1,  "a": [1, "x\\n\\"q\\""]}'`],
  jsonb: [`'{"b": 1,  "a": [1, "x\\n", 1.10]}'`, `'null'`],
  xml: [`'<a>b &amp; c</a>'`],
  inet: ["'192.168.0.1'", "'192.168.0.1/24'", "'::1'"],
  cidr: ["'10.0.0.0/8'"],
  macaddr: ["'08:00:2b:01:02:03'"],
  macaddr8: ["'08:00:2b:01:02:03:04:05'"],
  'bit(4)': ["B'1010'"],
  'varbit(10)': ["B'101'", "B''"],
  tsvector: ["'a fat cat''s sat'"],
  tsquery: ["'fat & rat'"],
  point: ["'(1.5,-2)'"],
  polygon: ["'((0,0),(1,1),(2,0))'"],
  int4range: ["'[1,10)'", "'empty'"],
  tstzrange: [`'["2024-01-01 00:00:00+00",infinity)'`],
  int4multirange: ["'{[1,3),[5,7)}'"],
  'integer[]': ["'{1,NULL,3}'", "'{}'", "'[2:3]={1,2}'", "'{{1,2},{3,4}}'"],
  'text[]': [`ARRAY['a b', 'c"d', 'e\\f', NULL, 'NULL', '']`],
  'timestamptz[]': ["ARRAY['2024-01-01 00:00:00+02'::timestamptz]"],
  'bytea[]': ["ARRAY['\\x00ff'::bytea]"],
  'boolean[]': ['ARRAY[true,false]'],
  mood: ["'sad'", "'it''s; ok'"],
  'mood[]': ["ARRAY['sad','it''s; ok']::mood[]"],
  pair: [`ROW(1, 'x,y')::pair`, 'ROW(NULL, NULL)::pair'],
  price: ['1.5', "'NaN'"],
  born: ["'2000-01-01'", "'infinity'"],
  label: ["'abc'"],
  flag: ['true'],
  pg_lsn: ["'16/B374D848'"],
  regclass: ["'pg_class'::regclass"],
  hstore: [`'a=>1, "b c"=>NULL'`],
};

describe('types', () => {
  let test: PostgresTest;
  const types: [string, readonly string[]][] = Object.entries(TYPES);

  beforeAll(async () => {
    test = await postgresTest(inject('postgres'), 'types', {}, 'quarantine');
    await test.client.query(`
      CREATE TYPE mood AS ENUM ('sad', 'it''s; ok');
      CREATE TYPE pair AS (n integer, t text);
      CREATE DOMAIN money_amount AS numeric(12,3);
      CREATE DOMAIN price AS money_amount CHECK (VALUE > -1);
      CREATE DOMAIN born AS date;
      CREATE DOMAIN label AS varchar(10);
      CREATE DOMAIN flag AS boolean;`);
    const extension = await test.client.query(`SELECT FROM pg_available_extensions WHERE name = 'hstore'`);
    if (extension.rowCount === 0)
      types.splice(
        types.findIndex(([type]) => type === 'hstore'),
        1,
      );
    else await test.client.query('CREATE EXTENSION hstore');
    for (const [index, [type]] of types.entries()) {
      await test.client.query(
        `CREATE TABLE t${index} (id serial PRIMARY KEY, v ${type}); CREATE TABLE r${index} (v ${type}, n integer)`,
      );
      await test.client.query(`ALTER TABLE r${index} REPLICA IDENTITY FULL`);
    }
  });
  afterAll(async () => {
    await test[Symbol.asyncDispose]();
  });

  it('gives the same text by copy and by log, and the same verdict on what does not fit', async () => {
    const tables = types.map((_, index) => selection(`t${index}`));
    const schemas = await test.source.describeTables(tables, NEVER);
    const start = await test.source.prepare(tables, null, NEVER);
    for (const [index, [, values]] of types.entries()) {
      for (const value of [...values, 'NULL']) await test.client.query(`INSERT INTO t${index} (v) VALUES (${value})`);
    }
    const events = await readEvents(test.source, start, tables, await test.source.currentPosition(NEVER));
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    const report: string[] = [];
    for (const [index, [type, values]] of types.entries()) {
      const schema = schemas[index]!;
      const copied = await readRows(snapshot, tables[index]!, schema);
      const logged = changesOf(events).filter((change) => change.schema.table.name === `t${index}`);
      expect(logged.length, type).toBe(values.length + 1);
      expect(logged[0]!.schema.fingerprint, type).toBe(schema.fingerprint);
      const byLog = logged.filter((change) => change.misfit === null).map((change) => change.after);
      expect(copied.rows, type).toEqual(byLog);
      expect(copied.counted, type).toBe(byLog.length);
      const misfitsByLog = logged.filter((change) => change.misfit !== null);
      expect(
        copied.misfits.map(({ column, reason }) => ({ column, reason })),
        type,
      ).toEqual(misfitsByLog.map((change) => change.misfit));
      expect(
        copied.misfits.map((misfit) => misfit.row['v']),
        type,
      ).toEqual(misfitsByLog.map((change) => change.after?.[1]));
      const texts = logged.map(
        (change) => `${clip(change.after?.[1])}${change.misfit === null ? '' : ` (${change.misfit.reason})`}`,
      );
      report.push(`${type}: ${JSON.stringify(schema.columns[1]!.type)} ${texts.join(' | ')}`);
    }
    await expect(`${report.join('\n')}\n`).toMatchFileSnapshot('./types.expected.txt');
  });

  it('hashes and digests a row alike in SQL and in code', async () => {
    const tables = types.map((_, index) => selection(`r${index}`));
    const schemas = await test.source.describeTables(tables, NEVER);
    for (const [index, [, values]] of types.entries()) {
      for (const value of [...values, 'NULL']) await test.client.query(`INSERT INTO r${index} VALUES (${value}, 7)`);
    }
    await using snapshot = await test.source.openSnapshot({ tables: [], readers: 2 }, NEVER);
    for (const [index, [type]] of types.entries()) {
      const { rows } = await readRows(snapshot, tables[index]!, schemas[index]!);
      expect(rows.length).toBeGreaterThan(1);
      for (const [hash, ...values] of rows) expect(hash, type).toBe(rowHash(values));

      const { columns } = schemas[index]!;
      const digests = rows.map(([, ...values]) => {
        const kept = values.flatMap((value, ordinal) => {
          const { type: kind } = columns[ordinal]!;
          return kind.tag === 'double' ? [] : [value === null ? null : digestText(kind, value)];
        });
        return rowHash(kept);
      });
      const request = { selection: tables[index]!, schema: schemas[index]!, range: { tag: 'whole' } as const };
      const summed = await test.source.checksum(request, NEVER);
      expect(summed, type).toEqual({ rows: rows.length, sum: digestSum(digests) });
      const listed: string[] = [];
      for await (const { key, digest } of test.source.rowDigests(request, NEVER)) {
        expect(key, type).toEqual([digest]);
        listed.push(digest);
      }
      expect(listed, type).toEqual(digests.sort());
    }
  });
});

function clip(text: string | null | undefined): string {
  if (typeof text !== 'string') return String(text).toUpperCase();
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 20)}… ${text.length}` : text);
}

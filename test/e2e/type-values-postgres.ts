import { sharedServers } from '../fixtures/pipeline.ts';
import type { TypeMatrix, TypeValues } from './type-matrix.ts';

const asText = 'v::text';
const microseconds = (fraction: number) =>
  `rpad(v::text || CASE WHEN v::text LIKE '%.%' THEN '' ELSE '.' END, ${9 + fraction}, '0')`;
const calendar = (value: string) => `to_char(${value}, 'YYYY-MM-DD HH24:MI:SS.US')`;
const EVERY_BYTE = `decode('${Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('')}', 'hex')`;
const ZONED = [
  "'2024-03-10 01:59:59.999999 America/New_York'",
  "'2024-03-10 03:00:00 America/New_York'",
  "'2024-11-03 01:30:00-04'",
  "'2024-11-03 01:30:00-05'",
  "'1000-01-01 00:00:00+00'",
  "'9999-12-31 23:59:59.999999+00'",
  "'1883-11-18 12:03:57 America/New_York'",
  "'2024-02-29 23:30:00.5+14'",
];

const TYPES: readonly TypeValues[] = [
  { type: 'smallint', values: ['-32768', '32767', '0'], expected: asText },
  { type: 'integer', values: ['-2147483648', '2147483647', '0'], expected: asText },
  { type: 'bigint', values: ['-9223372036854775808', '9223372036854775807', '9007199254740993'], expected: asText },
  { type: 'numeric(12,4)', values: ['12345678.9', '-0.0001', '0', '1'], expected: asText },
  { type: 'numeric(65,0)', values: ['9'.repeat(65), `-${'9'.repeat(65)}`], expected: asText },
  { type: 'numeric(65,30)', values: [`-${'9'.repeat(35)}.${'9'.repeat(30)}`, '1e-30'], expected: asText },
  { type: 'numeric(6,-2)', values: ['12345678', '-149', '51'], expected: asText },
  { type: 'numeric(3,6)', values: ['0.000999', '-0.000001'], expected: asText },
  {
    type: 'numeric',
    values: ['1.50', '-0.0', '1e34', '1e-30', `${'8'.repeat(35)}.${'7'.repeat(30)}`, '100000.000'],
    expected: 'v::numeric(65,30)::text',
  },
  { type: 'real', values: ['0.1', '-0', '3.4028235e38', '1e-45', '16777217'], expected: asText, read: 'number' },
  {
    type: 'double precision',
    values: [
      ...['0.1', "'-0'", '5e-324', '2.2250738585072011e-308', '1.7976931348623157e308', '-1.7976931348623157e308'],
      ...['0.30000000000000004', '123456789.12345679', '1e21', '9007199254740993', '1e-7'],
    ],
    expected: asText,
    read: 'number',
  },
  { type: 'money', values: ["'12.34'", "'-92233720368547758.08'", "'1234567.89'"], expected: asText },
  { type: 'boolean', values: ['true', 'false'], expected: `CASE WHEN v THEN '1' ELSE '0' END` },
  { type: 'char(7)', values: ["'ab'", "''", "'  x'", "'ünïcöd'"], expected: 'rpad(v::text, 7)' },
  { type: 'varchar(9)', values: ["'abc  '", "''", "'🎉🎉🎉🎉🎉🎉🎉🎉🎉'"], expected: asText },
  {
    type: 'text',
    values: [
      ...["''", "'NULL'", "E'\\\\N'", "E'tab\\there\\nline\\rreturn\\\\back\\fform\\x0bvertical\\bbell\\x07\\x01'"],
      ...[
        "E'\\\\t\\\\n\\\\f\\\\v\\\\0\\\\'",
        "'ünïcödé 🎉 👩‍👩‍👧‍👦 \u2028 \ufeff'",
        "'''\"`;--'",
        "repeat('long ä', 30000)",
        "' '",
      ],
    ],
    expected: asText,
  },
  { type: 'bytea', values: ["''", EVERY_BYTE, "'\\x0a095c'"], expected: `upper(encode(v, 'hex'))`, read: 'hex' },
  { type: 'date', values: ["'1000-01-01'", "'9999-12-31'", "'2024-02-29'"], expected: `to_char(v, 'YYYY-MM-DD')` },
  { type: 'time', values: ["'00:00'", "'24:00:00'", "'23:59:59.999999'", "'12:30:00.5'"], expected: microseconds(6) },
  { type: 'time(0)', values: ["'24:00:00'", "'12:30:01.4'"], expected: asText },
  { type: 'timetz', values: ["'12:30:00.5+05:30'", "'24:00:00-14'", "'00:00:00.000001+00'"], expected: asText },
  {
    type: 'timestamp',
    values: ["'1000-01-01'", "'9999-12-31 23:59:59.999999'", "'2024-03-10 02:30:00.000001'", "'1582-10-10 12:00'"],
    expected: calendar('v'),
  },
  { type: 'timestamp(3)', values: ["'2024-02-29 12:30:00.120'"], expected: `left(${calendar('v')}, 23)` },
  { type: 'timestamptz', values: ZONED, expected: calendar(`v AT TIME ZONE 'UTC'`) },
  {
    type: 'interval',
    values: ["'1 year -2 mons 3 days 04:05:06.789'", "'-1 day'", "'0'", "'178000000 years'"],
    expected: asText,
  },
  { type: 'uuid', values: ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"], expected: 'lower(v::text)' },
  {
    type: 'inet',
    values: ["'192.168.0.1'", "'192.168.0.1/24'", "'2001:db8::1/64'"],
    expected: `replace(v::text, '/32', '')`,
  },
  { type: 'cidr', values: ["'10.0.0.0/8'", "'192.168.1.1/32'", "'::/0'"], expected: asText },
  { type: 'macaddr', values: ["'08-00-2B-01-02-03'"], expected: asText },
  { type: 'macaddr8', values: ["'08:00:2b:01:02:03:04:05'"], expected: asText },
  { type: 'bit(4)', values: ["B'1010'", "B'0000'"], expected: asText },
  { type: 'varbit', values: ["B'101'", "B''", "repeat('01', 300)::varbit"], expected: asText },
  { type: 'json', values: [`'{"b": 1,  "a": [1, "x\\n\\"q\\"", 1.10e5]}'`, `' null '`], expected: asText },
  { type: 'jsonb', values: [`'{"b": 1,  "a": [1, "x\\n\\u00e9", 1.10]}'`, `'"\\\\\\t"'`], expected: asText },
  { type: 'xml', values: [`'<a b="1">c &amp; d</a>'`, `'text <b/>'`], expected: asText },
  { type: 'mood', values: ["'glad'", "'it''s, \"so\"'"], expected: asText },
  { type: 'price', values: ['12.5', '0'], expected: asText },
  { type: 'code', values: ["'abc'", "''"], expected: asText },
  {
    type: 'place',
    values: [`ROW('a "b", c\\', NULL, 1.50)::place`, `ROW('', 'it''s, "so"'::mood, NULL)::place`],
    expected: asText,
  },
  { type: 'integer[]', values: [`'{1,NULL,3}'`, `'{}'`, `'{{1,2},{NULL,4}}'`, `'[0:1]={5,6}'`], expected: asText },
  {
    type: 'text[]',
    values: [`ARRAY['a,b', 'q"q', E'back\\\\slash', 'NULL', NULL, '', E't\\tn\\n']`],
    expected: asText,
  },
  { type: 'timestamptz[]', values: [`ARRAY['2024-03-10 12:00+00'::timestamptz, NULL, 'infinity']`], expected: asText },
  { type: 'place[]', values: [`ARRAY[ROW('a', NULL, 1)::place]`], expected: asText },
  { type: 'int4range', values: [`'[1,10)'`, `'empty'`, `'(,5]'`], expected: asText },
  { type: 'numrange', values: [`'[1.50,)'`], expected: asText },
  { type: 'tstzrange', values: [`'["2024-01-01 00:00+00",infinity)'`], expected: asText },
  { type: 'int8multirange', values: [`'{[1,3),[5,9)}'`, `'{}'`], expected: asText },
  { type: 'tsvector', values: [`'a:1A fat:2B,4C cat''s'`], expected: asText },
  { type: 'tsquery', values: [`'fat & (rat | !cat)'`], expected: asText },
  { type: 'oid', values: ['0', '4294967295'], expected: asText },
  { type: 'pg_lsn', values: [`'16/B374D848'`], expected: asText },
  { type: 'point', values: [`'(1.5,-0)'`, `'(0.1,1e300)'`], expected: asText },
  { type: 'name', values: [`'some_name'`], expected: asText },
  { type: '"char"', values: [`'x'`], expected: asText },
  { type: 'hstore', values: [`'a=>"1,2", b=>NULL'`], expected: asText },
  {
    type: 'date',
    typeChange: '@S',
    values: ["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'99999-01-01'"],
    expected: asText,
  },
  { type: 'timestamp', typeChange: '@S', values: ["'infinity'", "'0044-03-15 10:00 BC'"], expected: asText },
  { type: 'timestamptz', typeChange: '@S', values: ["'-infinity'", "'0044-03-15 10:00+00 BC'"], expected: asText },
  {
    type: 'numeric',
    typeChange: '@S',
    values: ["'NaN'", "'-Infinity'", `${'1'.repeat(90)}.${'2'.repeat(50)}`],
    expected: asText,
  },
  { type: 'double precision', typeChange: '@S', values: ["'NaN'", "'Infinity'", '0.1', "'-0'"], expected: asText },
  { type: 'real', typeChange: '@S', values: ["'-Infinity'", '0.1'], expected: asText },
  {
    type: 'text',
    typeChange: '@I',
    values: ["'-2147483648'", "' 0042 '", "'7.000'"],
    expected: `trim(v)::numeric::integer::text`,
  },
  { type: 'varchar(30)', typeChange: '@L', values: ["'9223372036854775807'", "'+12'"], expected: 'v::bigint::text' },
  { type: 'text', typeChange: '@F', values: ["'1.5e3'", "'-0.25'"], expected: 'v::float8::text', read: 'number' },
  {
    type: 'integer',
    typeChange: '@D(yyyyMMdd)',
    values: ['20240229', '10000101'],
    expected: `to_date(v::text, 'YYYYMMDD')::text`,
  },
  {
    type: 'text',
    typeChange: '@T(dd.MM.yyyy HH:mm:ss.SSS)',
    values: ["'29.02.2024 23:59:58.125'"],
    expected: calendar(`to_timestamp(v, 'DD.MM.YYYY HH24:MI:SS.MS')::timestamp`),
  },
];

/** What a DBA may set for a database. */
const ODD_SETTINGS: Readonly<Record<string, string>> = {
  datestyle: 'German, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'America/St_Johns',
  bytea_output: 'escape',
  extra_float_digits: '0',
  xmloption: 'document',
  xmlbinary: 'hex',
  standard_conforming_strings: 'off',
  default_transaction_isolation: 'serializable',
  array_nulls: 'off',
};

export const postgresTypes: TypeMatrix = {
  servers: () => sharedServers('postgres'),
  types: TYPES,
  setup: [
    `CREATE TYPE mood AS ENUM ('glad', 'it''s, "so"')`,
    'CREATE DOMAIN price AS numeric(8,3) CHECK (VALUE >= 0)',
    'CREATE DOMAIN long_code AS varchar(5)',
    'CREATE DOMAIN code AS long_code',
    'CREATE TYPE place AS (name text, feeling mood, amount numeric(6,2))',
    'CREATE EXTENSION hstore',
  ],
  oddSettings: (database) =>
    Object.entries(ODD_SETTINGS).map(([name, value]) => `ALTER DATABASE ${database} SET ${name} = '${value}'`),
  literal: (value, type) => `(${value})::${type}`,
  deleteHalf: () => 'DELETE FROM whole WHERE ctid IN (SELECT min(ctid) FROM whole GROUP BY c1, c2, c15::text, c10)',
};

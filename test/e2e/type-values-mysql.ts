import { SOURCE_RELEASE } from '../fixtures/mysql-source-server.ts';
import { sharedServers } from '../fixtures/pipeline.ts';
import type { ServerAddress } from '../fixtures/server-process.ts';
import type { TypeMatrix, TypeValues } from './type-matrix.ts';

/** MySQL's has no fraction. */
const LONGEST_TIME = SOURCE_RELEASE.product === 'MariaDB' ? "'-838:59:59.999999'" : "'-838:59:59.000000'";
const asText = 'CAST(v AS CHAR)';
const asNumber = 'CAST(v + 0 AS CHAR)';
const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('');
/** In a session of MySQL's default mode, where a backslash escapes. */
const ODD_TEXTS = [
  ...[
    "''",
    "'NULL'",
    "'\\\\N'",
    "'tab\\there\\nline\\rreturn\\\\back\\0nul\\Zsub\\bbell'",
    "'\\\\t\\\\n\\\\f\\\\0\\\\'",
  ],
  ...["'ünïcödé 🎉 👩‍👩‍👧‍👦 \u2028 \ufeff'", "'''\"`;--'", "' '", "'x  '"],
];
/** The clock of a value with the fraction of its type, spelled out field by field. */
const calendar = (format: string, length: number) => `LEFT(DATE_FORMAT(v, '${format}.%f'), ${length})`;
const FULL = '%Y-%m-%d %H:%i:%s';

const INTEGERS: readonly TypeValues[] = [
  { type: 'TINYINT', values: ['-128', '127', '0'], expected: asNumber },
  { type: 'TINYINT UNSIGNED', values: ['255', '128', '0'], expected: asNumber },
  { type: 'SMALLINT', values: ['-32768', '32767'], expected: asNumber },
  { type: 'SMALLINT UNSIGNED', values: ['65535', '32768'], expected: asNumber },
  { type: 'MEDIUMINT', values: ['-8388608', '8388607', '-1'], expected: asNumber },
  { type: 'MEDIUMINT UNSIGNED', values: ['16777215', '8388608'], expected: asNumber },
  { type: 'INT', values: ['-2147483648', '2147483647'], expected: asNumber },
  { type: 'INT UNSIGNED', values: ['4294967295', '2147483648'], expected: asNumber },
  { type: 'INT(8) ZEROFILL', values: ['42', '0'], expected: asNumber },
  { type: 'BIGINT', values: ['-9223372036854775808', '9223372036854775807', '9007199254740993'], expected: asNumber },
  { type: 'BIGINT UNSIGNED', values: ['18446744073709551615', '9223372036854775808'], expected: asNumber },
  { type: 'BOOLEAN', values: ['TRUE', 'FALSE', '7'], expected: asNumber },
  { type: 'BIT(1)', values: ["b'1'", "b'0'"], expected: asNumber },
  { type: 'BIT(12)', values: ["b'101010101010'", "b'0'", "b'1'"], expected: asNumber },
  { type: 'BIT(64)', values: ["b'1'", '18446744073709551615', '9223372036854775808'], expected: asNumber },
  { type: 'YEAR', values: ['1901', '2155', "'0000'", '2024'], expected: asNumber },
];

const NUMBERS: readonly TypeValues[] = [
  { type: 'DECIMAL(12,4)', values: ['12345678.9', '-0.0001', '0', '1'], expected: asText },
  { type: 'DECIMAL(10,2) UNSIGNED', values: ['99999999.99', '0.01'], expected: asText },
  { type: 'DECIMAL(9,4) ZEROFILL', values: ['1.5', '0'], expected: asNumber },
  { type: 'DECIMAL(65,0)', values: ['9'.repeat(65), `-${'9'.repeat(65)}`], expected: asText },
  {
    type: 'DECIMAL(65,30)',
    values: [`-${'9'.repeat(35)}.${'9'.repeat(30)}`, `0.${'0'.repeat(29)}1`],
    expected: asText,
  },
  { type: 'DECIMAL(30,30)', values: [`0.${'1'.repeat(30)}`, '0'], expected: asText },
  {
    type: 'FLOAT',
    values: ['0.1', '-0e0', '3.402823466e38', '1.17549435e-38', '16777217', '1e-45', '-123.456'],
    expected: 'v + 0e0',
    read: 'number',
  },
  { type: 'FLOAT(7,3)', values: ['1234.567', '-0.001'], expected: 'v + 0e0', read: 'number' },
  {
    type: 'DOUBLE',
    values: [
      ...['0.1', '-0e0', '5e-324', '2.2250738585072011e-308', '1.7976931348623157e308', '-1.7976931348623157e308'],
      ...[
        '0.30000000000000004',
        '123456789.12345679',
        '1e21',
        '9007199254740993',
        '1e-7',
        '1e15',
        '123456789012345680',
      ],
    ],
    expected: asText,
    read: 'number',
  },
  { type: 'DOUBLE(12,3)', values: ['123456789.125', '-0.5'], expected: asText, read: 'number' },
];

const TIMES: readonly TypeValues[] = [
  { type: 'DATE', values: ["'1000-01-01'", "'9999-12-31'", "'2024-02-29'"], expected: `DATE_FORMAT(v, '%Y-%m-%d')` },
  { type: 'TIME', values: ["'-838:59:59'", "'838:59:59'", "'00:00:00'", "'-00:00:01'"], expected: asText },
  { type: 'TIME(3)', values: ["'12:30:00.120'", "'-00:00:00.001'", "'-12:59:59.999'"], expected: asText },
  { type: 'TIME(6)', values: [LONGEST_TIME, "'-00:00:00.000001'", "'23:59:59.5'"], expected: asText },
  { type: 'DATETIME', values: ["'1000-01-01'", "'9999-12-31 23:59:59'"], expected: calendar(FULL, 19) },
  { type: 'DATETIME(1)', values: ["'2024-02-29 12:30:00.1'"], expected: calendar(FULL, 21) },
  {
    type: 'DATETIME(3)',
    values: ["'2024-02-29 12:30:00.120'", "'1969-12-31 23:59:59.999'"],
    expected: calendar(FULL, 23),
  },
  {
    type: 'DATETIME(6)',
    values: ["'9999-12-31 23:59:59.999999'", "'2024-03-10 02:30:00.000001'", "'1582-10-10 12:00'"],
    expected: calendar(FULL, 26),
  },
  {
    type: 'TIMESTAMP NULL',
    values: ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'2024-11-03 01:30:00'"],
    expected: `DATE_FORMAT(TIMESTAMP('1970-01-01') + INTERVAL UNIX_TIMESTAMP(v) SECOND, '${FULL}')`,
  },
  { type: 'TIMESTAMP(2) NULL', values: ["'2024-02-29 12:30:00.12'"], expected: calendar(FULL, 22) },
  {
    type: 'TIMESTAMP(6) NULL',
    values: ["'2038-01-19 03:14:07.999999'", "'1970-01-01 00:00:01.000001'"],
    expected: calendar(FULL, 26),
  },
];

const TEXTS: readonly TypeValues[] = [
  { type: 'CHAR(7)', values: ["'ab'", "''", "'  x'", "'ünïcöd'", "'trail  '"], expected: asText },
  { type: 'CHAR(255)', values: ["'ab'", "REPEAT('ü', 255)", "REPEAT('🎉', 255)"], expected: asText },
  { type: 'CHAR(9) CHARACTER SET latin1', values: ["'Üß€'", "''"], expected: asText },
  { type: 'VARCHAR(9)', values: ["'abc  '", "''", "'🎉🎉🎉🎉🎉🎉🎉🎉🎉'"], expected: asText },
  { type: 'VARCHAR(300)', values: ["REPEAT('ä', 300)", "'x'"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET latin1', values: ["'Überweisung €'", "X'81'", "'a\\tb'"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET ascii', values: ["'plain'"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET utf8mb3', values: ["'żółć 東京'"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET ucs2', values: ["'żółć 東京'", "''"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET utf16', values: ["'🎉 東京'"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET utf32', values: ["'🎉 東京'"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET latin2', values: ["'żółć'"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET cp1251', values: ["'Привет'"], expected: asText },
  { type: 'VARCHAR(20) CHARACTER SET koi8r', values: ["'Привет'"], expected: asText },
  { type: 'TINYTEXT', values: ["'tiny'", "''"], expected: asText },
  { type: 'TEXT', values: ODD_TEXTS, expected: asText },
  { type: 'TEXT CHARACTER SET latin1', values: ["REPEAT('Ü', 500)"], expected: asText },
  { type: 'MEDIUMTEXT', values: ["REPEAT('long ä', 30000)"], expected: asText },
  { type: 'LONGTEXT', values: ["REPEAT('x', 70000)", "''"], expected: asText },
  {
    type: `ENUM('glad', 'it''s, "so"', 'ünï', '')`,
    values: ["'glad'", `'it''s, "so"'`, "'ünï'", "''"],
    expected: asText,
  },
  { type: `ENUM('Ü', 'b') CHARACTER SET latin1`, values: ["'Ü'", '2'], expected: asText },
  { type: `SET('a', 'b c', 'ü', '"')`, values: [`'a,b c,ü,"'`, "''", "'ü'", '9'], expected: asText },
  { type: 'JSON', values: [`'{"b": 1,  "a": [1, "x\\\\n\\\\"q", 1.10e5]}'`, `' null '`], expected: asText },
];

const BYTES: readonly TypeValues[] = [
  {
    type: 'BINARY(4)',
    values: ["X'61'", "''", "X'00ff0a5c'", "X'6100'"],
    expected: "RPAD(HEX(v), 8, '0')",
    read: 'hex',
  },
  { type: 'VARBINARY(300)', values: ["''", `X'${ALL_BYTES}'`, "X'6100'"], expected: 'HEX(v)', read: 'hex' },
  { type: 'TINYBLOB', values: ["X'0a095c00'"], expected: 'HEX(v)', read: 'hex' },
  { type: 'BLOB', values: ["''", `X'${ALL_BYTES}'`], expected: 'HEX(v)', read: 'hex' },
  { type: 'LONGBLOB', values: [`REPEAT(X'${ALL_BYTES}', 300)`], expected: 'HEX(v)', read: 'hex' },
  {
    type: 'GEOMETRY',
    values: ["ST_GeomFromText('POINT(1.5 -2)')", "ST_GeomFromText('LINESTRING(0 0, 1 1, 2 0)')"],
    expected: `CONCAT('00000000', HEX(ST_AsWKB(v)))`,
    read: 'hex',
  },
  {
    type: 'POINT',
    values: ["ST_GeomFromText('POINT(0 0)', 4326)"],
    expected: `CONCAT('E6100000', HEX(ST_AsWKB(v)))`,
    read: 'hex',
  },
  { type: 'CHAR(5)', values: ["'after'"], expected: asText },
  { type: 'UUID', values: ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"], expected: asText },
  { type: 'INET6', values: ["'2001:db8::1'", "'::ffff:192.0.2.1'", "'::'"], expected: asText },
  { type: 'INET4', values: ["'192.168.0.1'", "'0.0.0.0'"], expected: asText },
];

const CHANGED: readonly TypeValues[] = [
  { type: 'DATE', typeChange: '@S', values: ["'0000-00-00'", "'2024-00-31'", "'0044-03-15'"], expected: asText },
  { type: 'DATETIME(3)', typeChange: '@S', values: ["'0000-00-00'", "'2024-02-29 10:00'"], expected: asText },
  {
    type: 'TIMESTAMP NULL',
    typeChange: '@S',
    values: ["'0000-00-00 00:00:00'", "'2024-02-29 10:00'"],
    expected: asText,
  },
  { type: 'DOUBLE', typeChange: '@S', values: ['0.1', '1e300', '1e15', '1e-5', '100000'], expected: asText },
  { type: 'INT', typeChange: '@S', values: ['-7'], expected: asText },
  {
    type: 'VARCHAR(30)',
    typeChange: '@I',
    values: ["'-2147483648'", "' 0042 '", "'7.000'"],
    expected: 'CAST(CAST(v AS DECIMAL) AS CHAR)',
  },
  {
    type: 'VARCHAR(31)',
    typeChange: '@L',
    values: ["'9223372036854775807'", "'+12'"],
    expected: 'CAST(CAST(v AS SIGNED) AS CHAR)',
  },
  { type: 'VARCHAR(32)', typeChange: '@F', values: ["'1.5e3'", "'-0.25'"], expected: 'v + 0e0', read: 'number' },
  {
    type: 'INT',
    typeChange: '@D(yyyyMMdd)',
    values: ['20240229', '10000101'],
    expected: `CAST(STR_TO_DATE(v, '%Y%m%d') AS CHAR)`,
  },
  {
    type: 'VARCHAR(40)',
    typeChange: '@T(dd.MM.yyyy HH:mm:ss.SSS)',
    values: ["'29.02.2024 23:59:58.125'"],
    expected: `DATE_FORMAT(STR_TO_DATE(v, '%d.%m.%Y %H:%i:%s.%f'), '${FULL}.%f')`,
  },
];

/** What a DBA may set for a server; sessions that do not set their own have these. */
export const ODD_SETTINGS: Readonly<Record<string, string>> = {
  'sql-mode':
    'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,NO_UNSIGNED_SUBTRACTION,TRADITIONAL',
  'default-time-zone': '-03:30',
  'character-set-server': 'latin1',
  'collation-server': 'latin1_german2_ci',
  'transaction-isolation': 'READ-COMMITTED',
  autocommit: '0',
  'group-concat-max-len': '4',
  'binlog-row-event-max-size': '4096',
  'lower-case-table-names': '1',
  ...(SOURCE_RELEASE.product === 'MariaDB'
    ? { 'log-bin-compress': '1', 'log-bin-compress-min-len': '10', 'max-statement-time': '300' }
    : { 'max-execution-time': '300000' }),
};

const MARIADB_TYPES = new Set(['UUID', 'INET6', 'INET4']);

/** On a server of its own, with odd settings. */
export function mysqlTypes(address: () => ServerAddress): TypeMatrix {
  return {
    servers: () => ({ ...sharedServers('mysql'), sourceServer: address() }),
    types: [...INTEGERS, ...NUMBERS, ...TIMES, ...TEXTS, ...BYTES, ...CHANGED].filter(
      ({ type }) => SOURCE_RELEASE.product === 'MariaDB' || !MARIADB_TYPES.has(type),
    ),
    setup: [],
    oddSettings: () => [],
    literal: (value) => value,
    deleteHalf: (rows) => `DELETE FROM whole LIMIT ${rows}`,
  };
}

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mysqlAccess, mysqlSelection } from '../../../../test/fixtures/mysql-access.ts';
import { logOf, mysqlConnector, NEVER } from '../../../../test/fixtures/mysql-log.ts';
import { changesOf } from '../../../../test/contracts/source-connector/reading.ts';
import { mysqlTestSource } from '../../../../test/fixtures/mysql-source.ts';
import { Random } from '../../../../test/fixtures/random.ts';
import type { SourceClient } from '../../../../test/fixtures/test-source.ts';
import type { SourceConnector } from '../../source-connector.ts';
import { isDecodable } from './character-sets.ts';
import { withSession } from '../connection.ts';
import { readSourceTables } from '../source-table.ts';
import { identifier } from '../sql.ts';
import { readingOf } from '../types.ts';

const SEED = 4_021_968;
const ROWS = 300;
const DATABASE = 'log_values';
const POLICIES = { zeroDates: 'stop', zeroLengthStrings: 'keep' } as const;

const access = () => mysqlAccess(inject('mysqlSource'), DATABASE);
let client: SourceClient;
let source: SourceConnector;
beforeAll(async () => {
  source = mysqlConnector(inject('mysqlSource'), DATABASE);
  await mysqlTestSource.createDatabase(inject('mysqlSource'), DATABASE);
  client = await mysqlTestSource.connect(inject('mysqlSource'), DATABASE);
  await client.run(`SET SESSION sql_mode = 'ALLOW_INVALID_DATES,STRICT_TRANS_TABLES'`);
});
afterAll(async () => {
  await client.end();
});

/** What SELECT gives for each row of a table, by the expressions that a copy uses, and what the log gave. */
async function compared(table: string, statement: string) {
  const events = await logOf(source, [mysqlSelection(DATABASE, table)], () => client.run(statement));
  const logged = changesOf(events).map(({ after }) => after);
  const selected = await withSession(access(), NEVER, 'select', async (session) => {
    const [source] = await readSourceTables(session, [{ schema: DATABASE, name: table }]);
    const outputs = source!.columns.map(({ name, type }) => readingOf(type, POLICIES).output(identifier(name)));
    return session.rows(`SELECT ${outputs.join(', ')} FROM ${identifier(table)} ORDER BY id`);
  });
  return { logged, selected };
}

async function agree(table: string, columns: readonly string[], row: (random: Random) => readonly string[]) {
  const random = new Random(SEED);
  await client.run(`CREATE TABLE ${table} (id int PRIMARY KEY, ${columns.join(', ')})`);
  const values = Array.from({ length: ROWS }, (_, id) => `(${[id, ...row(random)].join(', ')})`);
  const { logged, selected } = await compared(table, `INSERT INTO ${table} VALUES ${values.join(', ')}`);
  expect(logged).toHaveLength(ROWS);
  expect(logged).toEqual(selected);
}

const digits = (random: Random, count: number) => Array.from({ length: count }, () => random.below(10)).join('') || '0';
const sometimesNull = (random: Random, text: string) => (random.chance(0.1) ? 'NULL' : text);
const sign = (random: Random) => (random.chance(0.5) ? '-' : '');
const two = (number: number) => String(number).padStart(2, '0');
const hex = (random: Random, bytes: number) =>
  `x'${Array.from({ length: bytes }, () => random.below(256).toString(16).padStart(2, '0')).join('')}'`;

describe(`random values, seed ${SEED}: the log gives what SELECT gives`, () => {
  it('integers of all widths', async () => {
    const widths = [8, 16, 24, 32, 64];
    const names = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];
    const whole = (random: Random, bits: number) =>
      BigInt.asUintN(bits, (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32))) >>
      BigInt(random.chance(0.3) ? random.below(bits) : 0);
    await agree(
      'integers',
      names.flatMap((name, index) => [`s${index} ${name}`, `u${index} ${name} unsigned`]),
      (random) =>
        widths.flatMap((bits) => [
          sometimesNull(random, BigInt.asIntN(bits, whole(random, bits)).toString()),
          sometimesNull(random, whole(random, bits).toString()),
        ]),
    );
  });

  it('decimals of all precisions and scales', async () => {
    const shapes = Array.from({ length: 65 }, (_, index) => ({
      precision: index + 1,
      scale: Math.min(30, (index * 7) % (index + 2)),
    }));
    await agree(
      'decimals',
      shapes.map(({ precision, scale }) => `d${precision} decimal(${precision},${scale})`),
      (random) =>
        shapes.map(({ precision, scale }) => {
          const whole = digits(random, random.below(precision - scale + 1));
          const fraction = digits(random, random.below(scale + 1));
          return sometimesNull(random, `${sign(random)}${whole}.${scale === 0 ? '0' : fraction}`);
        }),
    );
  });

  it('dates and times with all fractions', async () => {
    const fractions = [0, 1, 2, 3, 4, 5, 6];
    const fraction = (random: Random, count: number) => (count === 0 ? '' : `.${digits(random, count)}`);
    const date = (random: Random) => `${random.pick([0, 1, 999, 1000, 1970, 2024, 9999])}`.padStart(4, '0');
    const day = (random: Random) => `${date(random)}-${two(random.below(13))}-${two(random.below(32))}`;
    const clock = (random: Random, hours: number) =>
      `${two(random.below(hours))}:${two(random.below(60))}:${two(random.below(60))}`;
    await agree(
      'calendar',
      [
        'd date',
        ...fractions.flatMap((n) => [`t${n} time(${n})`, `m${n} datetime(${n})`, `s${n} timestamp(${n}) NULL`]),
      ],
      (random) => [
        sometimesNull(random, `'${day(random)}'`),
        ...fractions.flatMap((n) => [
          sometimesNull(random, `'${sign(random)}${clock(random, 838)}${fraction(random, n)}'`),
          sometimesNull(random, `'${day(random)} ${clock(random, 24)}${fraction(random, n)}'`),
          random.chance(0.1)
            ? `'0000-00-00 00:00:00'`
            : `'${1971 + random.below(60)}-${two(1 + random.below(12))}-${two(1 + random.below(28))} ${clock(random, 24)}${fraction(random, n)}'`,
        ]),
      ],
    );
  });

  it('bits, years, bytes, enumerations of more than 255 labels, sets of 64', async () => {
    const labels = Array.from({ length: 300 }, (_, index) => `'label ${index}'`);
    const flags = Array.from({ length: 64 }, (_, index) => `'flag ${index}'`);
    const bits = [1, 3, 8, 9, 31, 33, 48, 49, 64];
    await agree(
      'others',
      [
        ...bits.map((n) => `b${n} bit(${n})`),
        ...['y year', 'bn binary(9)', 'vb varbinary(300)', 'bl longblob', `e enum(${labels.join(',')})`],
        ...[`s set(${flags.join(',')})`, 'f float', `few set('a','b','c')`],
      ],
      (random) => [
        ...bits.map((n) => `b'${Array.from({ length: n }, () => random.below(2)).join('')}'`),
        String(random.pick([0, 1901, 2155, 1970, 2024])),
        sometimesNull(random, hex(random, random.below(10))),
        ...[hex(random, random.below(301)), hex(random, random.below(400))],
        sometimesNull(random, random.pick(labels)),
        `'${flags
          .filter(() => random.chance(0.2))
          .join(',')
          .replaceAll(`'`, '')}'`,
        `${sign(random)}${(random.fraction() * 10 ** (random.below(60) - 30)).toExponential()}`,
        random.pick([`''`, `'a'`, `'a,c'`, `'b,c'`]),
      ],
    );
  });

  it('UUIDs of all versions and variants, and addresses', async () => {
    const group = (random: Random) => (random.chance(0.4) ? '0' : random.below(65536).toString(16));
    const inet6 = (random: Random) =>
      random.pick([
        () => Array.from({ length: 8 }, () => group(random)).join(':'),
        () => `::${random.below(256)}.${random.below(256)}.${random.below(256)}.1`,
        () => `::ffff:${random.below(256)}.0.${random.below(256)}.0`,
        () => `::ffff:${random.below(256)}:${random.below(65536).toString(16)}`,
      ])();
    // The server refuses those that it could not tell from swapped ones.
    const uuid = (random: Random) => {
      const nibbles = (count: number) => Array.from({ length: count }, () => random.below(16).toString(16)).join('');
      const version = random.below(8);
      return `${nibbles(8)}-${nibbles(4)}-${version}${nibbles(3)}-${random.pick(['8', '9', 'a', 'b', 'c', 'f'])}${nibbles(3)}-${nibbles(12)}`;
    };
    await agree('network', ['u uuid', 'i6 inet6', 'i4 inet4', 'b16 binary(16)', 'b4 binary(4)'], (random) => [
      random.chance(0.1) ? `'00000000-0000-0000-0000-000000000000'` : sometimesNull(random, `'${uuid(random)}'`),
      sometimesNull(random, `'${inet6(random)}'`),
      `'${[0, 0, 0, 0].map(() => random.below(256)).join('.')}'`,
      hex(random, random.below(17)),
      hex(random, random.below(5)),
    ]);
  });

  it('compressed columns', async () => {
    const text = (random: Random) => 'ab€ '.repeat(random.below(60)).slice(0, random.below(100));
    await agree(
      'compressed_columns',
      ['v varchar(100) COMPRESSED', 'l longtext COMPRESSED', 'b varbinary(400) COMPRESSED', 'lb mediumblob COMPRESSED'],
      (random) => [
        sometimesNull(random, `'${text(random)}'`),
        `'${text(random).repeat(random.below(30))}'`,
        hex(random, random.below(60)),
        `REPEAT(${hex(random, 3)}, ${random.below(5000)})`,
      ],
    );
  });
});

it('texts of every character set of the server that has one byte or is Unicode, all characters of them', async () => {
  const charsets = (await client.rows('SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS'))
    .flatMap(([name]) => (name === undefined || name === null ? [] : [name]))
    .filter((name) => isDecodable(name) && name !== 'binary');
  expect(charsets.length).toBeGreaterThan(25);
  const columns = charsets.map(
    (name) => `${name}_text varchar(300) CHARACTER SET ${name}, ${name}_char char(10) CHARACTER SET ${name}`,
  );
  await client.run(`CREATE TABLE texts (id int PRIMARY KEY, ${columns.join(', ')})`);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('hex');
  const samples: Readonly<Record<string, string>> = {
    utf8mb4: `'aé€🎉'`,
    utf8mb3: `'aé€'`,
    utf8: `'aé€'`,
    ucs2: `'aé€'`,
    utf16: `'aé€🎉'`,
    utf16le: `'aé€🎉'`,
    utf32: `'aé€🎉'`,
    ascii: `'a~'`,
  };
  const values = charsets.flatMap((name) => [samples[name] ?? `_${name} x'${bytes}'`, `'end  '`]);
  const { logged, selected } = await compared('texts', `INSERT INTO texts VALUES (1, ${values.join(', ')})`);
  expect(logged).toEqual(selected);
  expect(logged).toHaveLength(1);
});

it('the structure that the log tells has the fingerprint of the one that information_schema tells', async () => {
  await client.run(`CREATE TABLE every_type (
    id int unsigned, code varchar(20) CHARACTER SET latin1, a tinyint, b smallint unsigned, c mediumint NOT NULL DEFAULT 3, d bigint unsigned,
    e decimal(20,5) unsigned, f float, g double, h bit(7), i year, j date, k time(3), l datetime(6), m timestamp(2) NULL, n char(10),
    o char(255), p varchar(16000), q tinytext, r text CHARACTER SET utf8mb3, s mediumtext, t longtext, u binary(16), v varbinary(9),
    w tinyblob, x longblob, y enum('é','b') CHARACTER SET latin2, z set('a','b'), aa json, ab geometry, ac point NOT NULL, ad uuid, ae inet4,
    af inet6, ag boolean, ah varchar(10) COMPRESSED, ai int AS (a + 1) VIRTUAL, aj int AS (a + 2) STORED, ak int INVISIBLE,
    al binary(4), am national char(5), an int zerofill, PRIMARY KEY (code, id))`);
  const table = mysqlSelection(DATABASE, 'every_type');
  const events = await logOf(source, [table], () =>
    client.run(`INSERT INTO every_type (id, code, ac) VALUES (1, 'x', ST_GeomFromText('POINT(1 2)'))`),
  );
  const [described] = await source.describeTables([table], NEVER);
  const [row] = changesOf(events);
  expect(row!.schema.columns).toEqual(described!.columns);
  expect(row!.schema.fingerprint).toBe(described!.fingerprint);
});

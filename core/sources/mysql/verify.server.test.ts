import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SystemClock } from '../../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../../hosts/node/system-randomness.ts';
import { copyTable, describeOne, NEVER } from '../../../test/contracts/source-connector/reading.ts';
import { mysqlAccess, mysqlSelection } from '../../../test/fixtures/mysql-access.ts';
import { mysqlTestSource } from '../../../test/fixtures/mysql-source.ts';
import type { SourceClient } from '../../../test/fixtures/test-source.ts';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import { digestSum } from '../converted-digests.ts';
import { digestText } from '../../changes/row-digest.ts';
import type { RowDigest, SourceConnector, TableSelection } from '../source-connector.ts';
import { mysqlPollConnector } from './poll-connector.ts';
import { MemoryScratch } from '../../../test/fixtures/memory-scratch.ts';

const DATABASE = 'verified';
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const WHOLE: ChunkRange = { tag: 'whole' };

/** Of a row as a copy gives it, by the rule of ChunkChecksum. */
function digestOf(schema: TableSchema, values: readonly (string | null)[]): string {
  const hash = createHash('md5');
  for (const [index, { type }] of schema.columns.entries()) {
    if (type.tag === 'double') continue;
    const value = values[index] ?? null;
    const text = value === null ? null : digestText(type, value);
    hash.update(text === null ? '-' : `${Buffer.byteLength(text)}:${text}`);
  }
  return hash.digest('hex');
}

const bytesOf = (key: readonly string[]) => key.map((text) => Buffer.from(text).toString('hex')).join('/');

describe('checksums and digests', () => {
  const address = inject('mariadb');
  let client: SourceClient;
  const opened: SourceConnector[] = [];
  const connect = (settings: Readonly<Record<string, unknown>> = {}) => {
    const access = mysqlAccess(address, DATABASE, { extractType: 'fullExtracts', ...settings });
    const host = {
      clock: new SystemClock(),
      randomness: new SystemRandomness(),
      scratch: new MemoryScratch(),
      logfileProcessed: () => undefined,
      log: SILENT,
    };
    const { password } = access;
    const source = mysqlPollConnector(access.settings, {
      pipeline: 'verified',
      password,
      misfits: () => 'quarantine',
      secret: () => Promise.reject(new Error('another secret was asked for')),
      extractThreads: 2,
      ...host,
    });
    opened.push(source);
    return source;
  };
  const of = (name: string, choices: Partial<TableSelection> = {}) => mysqlSelection(DATABASE, name, choices);
  const digestsOf = async (source: SourceConnector, selection: TableSelection, range: ChunkRange = WHOLE) => {
    const request = { selection, schema: await describeOne(source, selection), range };
    const digests: RowDigest[] = [];
    for await (const row of source.rowDigests(request, NEVER)) digests.push(row);
    return { digests, checksum: await source.checksum(request, NEVER) };
  };
  /** Compares with the rows of a copy, and gives their number. */
  const expectAsCopied = async (source: SourceConnector, selection: TableSelection, what = 'all columns') => {
    const schema = await describeOne(source, selection);
    const { digests, checksum } = await digestsOf(source, selection);
    const copied = (await copyTable(source, selection)).rows.map((line) =>
      schema.identity.tag === 'row' ? line.slice(1) : line,
    );
    const expected = copied.map((values) => digestOf(schema, values));
    expect(digests.map(({ digest }) => digest).sort(), what).toEqual([...expected].sort());
    expect(checksum).toEqual({ rows: copied.length, sum: digestSum(expected) });
    const keys = digests.map(({ key }) => bytesOf(key));
    expect(keys).toEqual([...keys].sort());
    return digests;
  };

  beforeAll(async () => {
    await mysqlTestSource.createDatabase(address, DATABASE);
    client = await mysqlTestSource.connect(address, DATABASE);
  });
  afterAll(async () => {
    for (const source of opened) await source[Symbol.asyncDispose]();
    await client.end();
  });

  it('are those of the rows that a copy gives, for every type', async () => {
    await client.run(`
      CREATE TABLE types (id int PRIMARY KEY, i8 tinyint, u64 bigint unsigned, z int zerofill, d decimal(65,30), n decimal(5,0), dz decimal(9,2) zerofill,
        f float, x double, b1 bit, b20 bit(20), y year, da date, t time, t6 time(6), dt datetime, dt3 datetime(3), ts timestamp NULL, ts6 timestamp(6) NULL,
        c char(10), v varchar(50), l varchar(50) CHARACTER SET latin1 COLLATE latin1_german1_ci, g varchar(20) CHARACTER SET gbk, u16 varchar(20) CHARACTER SET utf16,
        tx text, e enum('a', 'b,c', 'd''e'), s set('x', 'y', 'z'), bi binary(5), vb varbinary(20), bl blob, j json, p point, uu uuid, i4 inet4, i6 inet6,
        gv int AS (id + 1) VIRTUAL, gs varchar(20) AS (concat(id, '!')) STORED, inv int INVISIBLE);
      SET sql_mode = '';
      INSERT INTO types (id) VALUES (1);
      INSERT INTO types (id, i8, u64, z, d, n, dz, f, x, b1, b20, y, da, t, t6, dt, dt3, ts, ts6, c, v, l, g, u16, tx, e, s, bi, vb, bl, j, p, uu, i4, i6, inv) VALUES
        (2, -128, 18446744073709551615, 42, -12345678901234567890123456789012345.000000000000000000000000000001, -0, 1.5, 0.1, -0e0, b'1', b'10000000000000000001', 2026,
         '2026-02-28', '-838:59:59', '-00:00:00.000001', '9999-12-31 23:59:59', '1000-01-01 00:00:00.5', '2038-01-19 03:14:07', '1970-01-01 00:00:01.000001',
         'trail  ', 'spaces  ', 'äß', '中文', '𝄞x', 'a\\tb\\nc\\\\d', 'b,c', 'x,z', 'ab', x'00ff', x'', '{"a": [1, 2]}', POINT(1, 2), '123e4567-e89b-12d3-a456-426655440000',
         '10.0.0.1', '::ffff:1.2.3.4', 7),
        (3, 127, 0, 4294967295, 0, 99999, 0, 1e-30, 1e300, b'0', b'0', 0, '1000-01-01', '838:59:59.999999', '00:00:00', '1000-01-01', '2026-01-01 10:00:00.123', NULL, NULL,
         '', '', '', '', '', '', '', '', '', '', '', '[]', NULL, '00000000-0000-0000-0000-000000000000', '0.0.0.0', '::', NULL)`);
    const schema = await describeOne(connect(), of('types'));
    const names = schema.columns.map(({ name }) => name).filter((name) => name !== 'id');
    // One by one first, so that a failure names the column.
    for (const name of names) {
      const others = names.filter((other) => other !== name);
      await expectAsCopied(connect(), of('types', { mask: others }), name);
    }
    const digests = await expectAsCopied(connect(), of('types'));
    expect(digests).toHaveLength(3);
    const doubles = digests.map(({ key, doubles }) => [
      key[0],
      ...doubles.map((text) => (text === null ? null : Number(text))),
    ]);
    expect(doubles).toEqual([
      ['1', null, null],
      ['2', Math.fround(0.1), 0],
      ['3', Math.fround(1e-30), 1e300],
    ]);
    await expectAsCopied(connect({ zeroLengthStrings: 'null', zeroDates: 'null' }), of('types'));
    await expectAsCopied(connect(), of('types', { mask: ['v', 'x', 'd'] }));
  });

  it('leave out what does not fit, by the user’s choices', async () => {
    await client.run(`SET sql_mode = 'ALLOW_INVALID_DATES'; CREATE TABLE dates (id int, da date, dt datetime(2), PRIMARY KEY (id));
      INSERT INTO dates VALUES (1, '2026-01-01', '2026-01-01'), (2, 0, NULL), (3, '2026-02-31', NULL), (4, NULL, '0999-01-01'), (5, '2026-00-01', '2026-01-00'), (6, NULL, NULL)`);
    expect((await expectAsCopied(connect(), of('dates'))).map(({ key }) => key[0])).toEqual(['1', '6']);
    const kept = await expectAsCopied(connect({ zeroDates: 'null' }), of('dates'));
    expect(kept.map(({ key }) => key[0])).toEqual(['1', '2', '5', '6']);
  });

  it('are sorted by the bytes of the keys’ texts, also of long ones', async () => {
    await client.run(`
      CREATE TABLE texts (k varchar(20) COLLATE utf8mb4_general_ci, n int, PRIMARY KEY (k, n));
      INSERT INTO texts VALUES ('b', 10), ('b', 9), ('B', 1), ('ä', 3), ('a', 1), ('', 1), ('𝄞', 1), ('｡', 1), ('b ', 2), ('b\\0', 2);
      CREATE TABLE long_keys (n int PRIMARY KEY, k varbinary(2500) NOT NULL);
      INSERT INTO long_keys SELECT 1000 - seq, CONCAT(REPEAT('k', 2000), CHAR(seq), SHA1(seq)) FROM seq_1_to_200`);
    await expectAsCopied(connect(), of('texts'));
    expect(await expectAsCopied(connect(), of('long_keys', { key: ['k'] }))).toHaveLength(200);
  });

  it('of a table without a key are their own keys', async () => {
    await client.run(
      `CREATE TABLE keyless (a int, x double); INSERT INTO keyless VALUES (1, 0.5), (1, 0.5), (2, NULL), (NULL, 1)`,
    );
    const digests = await expectAsCopied(connect(), of('keyless'));
    for (const { key, digest } of digests) expect(key).toEqual([digest]);
  });

  it('of a chosen key leave out rows with NULL in it', async () => {
    await client.run(`CREATE TABLE chosen (a int, b int UNIQUE); INSERT INTO chosen VALUES (1, 1), (2, NULL), (3, 3)`);
    const digests = await expectAsCopied(connect(), of('chosen', { key: ['b'] }));
    expect(digests.map(({ key }) => key)).toEqual([['1'], ['3']]);
  });

  it('are by code where types are changed, as the other way does', async () => {
    await client.run(
      `CREATE TABLE digested (id int PRIMARY KEY, n varchar(20), x double); INSERT INTO digested SELECT seq, seq, seq / 3 FROM seq_1_to_50`,
    );
    const [bySql, byCode] = [
      await digestsOf(connect(), of('digested', { typeChange: { n: '@S' } })),
      await digestsOf(connect(), of('digested', { typeChange: { n: '@L' } })),
    ];
    expect(bySql.digests).toHaveLength(50);
    expect(byCode).toEqual(bySql);
  });

  it('of ranges add up to those of the table', async () => {
    const from = (after: string | null, upTo: string | null): ChunkRange => ({
      tag: 'key',
      column: 'id',
      compareAs: 'number',
      after,
      upTo,
    });
    const source = connect();
    const parts = [
      await digestsOf(source, of('digested'), from(null, '9')),
      await digestsOf(source, of('digested'), from('9', '20')),
      await digestsOf(source, of('digested'), from('20', null)),
    ];
    expect(parts.map(({ checksum }) => checksum.rows)).toEqual([9, 11, 30]);
    const all = await digestsOf(source, of('digested'));
    const digests = parts.flatMap((part) => part.digests.map(({ digest }) => digest));
    expect(all.checksum).toEqual({ rows: 50, sum: digestSum(digests) });
  });

  it('are refused for a row that is too long for the server to digest', async () => {
    await client.run(
      `CREATE TABLE long_rows (id int PRIMARY KEY, b longblob); INSERT INTO long_rows VALUES (1, 'short'), (2, REPEAT('x', 34000000)), (3, 'short')`,
    );
    try {
      const refused = { code: 'PS2009', table: `${DATABASE}.long_rows` };
      await expect(digestsOf(connect(), of('long_rows'))).rejects.toMatchObject(refused);
      const request = {
        selection: of('long_rows'),
        schema: await describeOne(connect(), of('long_rows')),
        range: WHOLE,
      };
      await expect(connect().checksum(request, NEVER)).rejects.toMatchObject(refused);
    } finally {
      await client.run('DROP TABLE long_rows');
    }
  });

  it('end at once when they are told to', async () => {
    await client.run('CREATE TABLE many (id int PRIMARY KEY); INSERT INTO many SELECT seq FROM seq_1_to_300000');
    const source = connect();
    const request = { selection: of('many'), schema: await describeOne(source, of('many')), range: WHOLE };
    const controller = new AbortController();
    const reading = async () => {
      for await (const row of source.rowDigests(request, controller.signal)) {
        expect(row.digest).toHaveLength(32);
        controller.abort(new Error('enough'));
      }
    };
    await expect(reading()).rejects.toThrow('enough');
    await expect(source.checksum(request, controller.signal)).rejects.toThrow('enough');
  });
});

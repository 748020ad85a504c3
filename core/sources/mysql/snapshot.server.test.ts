import { createConnection, type Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasCode } from '../../errors/penstock-error.ts';
import { eventually } from '../../../test/fixtures/eventually.ts';
import { startMariaDb } from '../../../test/fixtures/mariadb-server.ts';
import type { DatabaseServer } from '../../../test/fixtures/protocol-server.ts';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import { decodeLine } from '../../extracts/row-encoding.ts';
import type { Snapshot, TableSelection } from '../source-connector.ts';
import { withSession, type Access } from './connection.ts';
import { openLogSnapshot } from './open-snapshot.ts';
import { describeTables, logReading } from './prepare.ts';
import { mysqlSettings } from './settings.ts';

const NEVER = new AbortController().signal;
const DATABASE = 'snapshots';

let server: DatabaseServer;
let client: Connection;

beforeAll(async () => {
  server = await startMariaDb({ binlog: true });
  client = await createConnection({ ...server.address, multipleStatements: true });
  await client.query(`CREATE DATABASE ${DATABASE}; USE ${DATABASE}`);
});

afterAll(async () => {
  await client.end();
  await server.stop();
});

function accessAs(user: string, password: string, snapshotLockSeconds = 60): Access {
  const { host, port } = server.address;
  const settings = mysqlSettings.parse({ host, port, user, database: DATABASE, snapshotLockSeconds });
  return { settings, password: () => Promise.resolve(password) };
}

const access = () => accessAs(server.address.user, server.address.password);

function selection(name: string): TableSelection {
  const table = { schema: DATABASE, name };
  return { table, key: null, mask: [], where: null, typeChange: {}, timestampColumn: null };
}

function snapshotOf(tables: readonly TableSelection[], as = access(), readers = 2): Promise<Snapshot> {
  const reading = (session: Parameters<typeof logReading>[0]) => logReading(session, as);
  return openLogSnapshot({ access: as, misfits: () => 'stop', reading }, { tables, readers }, NEVER);
}

async function schemaOf(table: TableSelection) {
  const [described] = await withSession(access(), NEVER, 'describe', (session) =>
    describeTables(session, [table], logReading(session, access())),
  );
  return described!.schema;
}

async function chunkLines(
  snapshot: Snapshot,
  table: TableSelection,
  range: ChunkRange,
  planned?: TableSchema,
): Promise<(string | null)[][]> {
  const chunk = await snapshot.readChunk(table, planned ?? (await schemaOf(table)), range, NEVER);
  const buffers: Buffer[] = [];
  for await (const bytes of chunk.bytes) buffers.push(bytes);
  const text = Buffer.concat(buffers).toString('utf8');
  const lines = text === '' ? [] : text.slice(0, -1).split('\n').map(decodeLine);
  expect(chunk.summary().rows).toBe(lines.length);
  return lines;
}

async function endOfLog(): Promise<string> {
  const [rows] = await client.query('SHOW MASTER STATUS');
  const [row] = rows as { File: string; Position: number }[];
  return `${row!.File}:${row!.Position}`;
}

const place = (snapshot: Snapshot) => {
  const { file, position } = JSON.parse(snapshot.position.resume) as { file: string; position: number };
  return `${file}:${position}`;
};

describe('a snapshot', () => {
  it('escapes what a line must, and keeps every other character', async () => {
    const odd = ['', 'a\tb\nc\\d\0e', '\\N', 'ünïcödé 🎉', '\r\b\x1a', 'it\'s "so"', 'x'.repeat(100_000)];
    await client.query('CREATE TABLE odd (id INT PRIMARY KEY, first LONGTEXT, second LONGBLOB, third VARCHAR(10))');
    for (const [id, text] of odd.entries())
      await client.execute('INSERT INTO odd VALUES (?, ?, ?, NULL)', [id, text, Buffer.from(text)]);
    await using snapshot = await snapshotOf([selection('odd')]);
    const lines = await chunkLines(snapshot, selection('odd'), { tag: 'whole' });
    expect(lines).toEqual(odd.map((text, id) => [String(id), text, Buffer.from(text).toString('hex'), null]));
  });

  it('reads rows longer than a packet of 16 MB', async () => {
    await client.query('CREATE TABLE wide (id INT PRIMARY KEY, body LONGTEXT)');
    await client.query(
      `INSERT INTO wide VALUES (1, REPEAT('ab', 9000000)), (2, REPEAT('c', 16777215 - 9)), (3, 'short')`,
    );
    await using snapshot = await snapshotOf([selection('wide')]);
    const lines = await chunkLines(snapshot, selection('wide'), { tag: 'whole' });
    expect(lines.map(([id, body]) => [id, body!.length, new Set(body).size])).toEqual([
      ['1', 18_000_000, 2],
      ['2', 16_777_206, 1],
      ['3', 5, 5],
    ]);
  });

  it('lets an ALTER TABLE go on between chunks, and refuses the table after it', async () => {
    await client.query('CREATE TABLE altered (id INT PRIMARY KEY); INSERT INTO altered SELECT seq FROM seq_1_to_10');
    await client.query('CREATE TABLE other (id INT PRIMARY KEY); INSERT INTO other VALUES (1)');
    const planned = await schemaOf(selection('altered'));
    await using snapshot = await snapshotOf([selection('altered')], access(), 1);
    expect(await chunkLines(snapshot, selection('altered'), { tag: 'whole' })).toHaveLength(10);
    await client.query('SET SESSION lock_wait_timeout = 60; ALTER TABLE altered ADD COLUMN extra INT');
    const again = chunkLines(snapshot, selection('altered'), { tag: 'whole' }, planned);
    await expect(again).rejects.toMatchObject({ code: 'PS2012' });
    expect(await chunkLines(snapshot, selection('other'), { tag: 'whole' })).toEqual([['1']]);
  });

  it('gives all chunks to as many readers as there are, and the rest wait', async () => {
    await client.query('CREATE TABLE shared (id INT PRIMARY KEY); INSERT INTO shared SELECT seq FROM seq_1_to_1000');
    await using snapshot = await snapshotOf([selection('shared')], access(), 2);
    const ranges: ChunkRange[] = Array.from({ length: 10 }, (_, index) => ({
      ...{ tag: 'key', column: 'id', compareAs: 'number' },
      after: index === 0 ? null : String(index * 100),
      upTo: index === 9 ? null : String((index + 1) * 100),
    }));
    await client.query('DELETE FROM shared WHERE id % 2 = 0');
    const chunks = await Promise.all(ranges.map((range) => chunkLines(snapshot, selection('shared'), range)));
    expect(chunks.map((lines) => lines.length)).toEqual(Array<number>(10).fill(100));
  });

  it('fails when all its connections are gone, and says so', async () => {
    await client.query('CREATE TABLE lost (id INT PRIMARY KEY)');
    await using snapshot = await snapshotOf([selection('lost')], access(), 1);
    await client.query(
      `BEGIN NOT ATOMIC FOR one IN (SELECT id FROM information_schema.PROCESSLIST WHERE db = '${DATABASE}' AND id <> CONNECTION_ID()) DO
         EXECUTE IMMEDIATE CONCAT('KILL ', one.id); END FOR; END`,
    );
    await eventually(async () => {
      const read = await chunkLines(snapshot, selection('lost'), { tag: 'whole' }).catch((error: unknown) => error);
      return hasCode(read, 'PS2010');
    });
  });
});

describe('the moment of a snapshot', () => {
  it('waits no longer than it may for a transaction that holds it up', async () => {
    await client.query('CREATE TABLE held (id INT PRIMARY KEY)');
    await client.query(`CREATE USER locker IDENTIFIED BY 'x'; GRANT SELECT, LOCK TABLES ON ${DATABASE}.* TO locker;
      GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO locker`);
    await client.query('BEGIN; INSERT INTO held VALUES (1)');
    const refused = await snapshotOf([selection('held')], accessAs('locker', 'x', 1)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'PS2010', retry: 'timed' });
    await client.query('COMMIT');
    await using snapshot = await snapshotOf([selection('held')], accessAs('locker', 'x'));
    expect(place(snapshot)).toBe(await endOfLog());
    expect(await chunkLines(snapshot, selection('held'), { tag: 'whole' })).toEqual([['1']]);
  });

  it('needs a right to hold commits, and names it', async () => {
    await client.query(`CREATE USER weak IDENTIFIED BY 'x'; GRANT SELECT ON ${DATABASE}.* TO weak;
      GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO weak`);
    await client.query('CREATE TABLE plain (id INT PRIMARY KEY)');
    await expect(snapshotOf([selection('plain')], accessAs('weak', 'x'))).rejects.toMatchObject({
      code: 'PS2004',
      remedy: expect.stringContaining('RELOAD') as string,
    });
  });

  it('leaves nothing locked', async () => {
    await client.query('CREATE TABLE free (id INT PRIMARY KEY)');
    await using snapshot = await snapshotOf([selection('free')]);
    await client.query('SET SESSION lock_wait_timeout = 60; INSERT INTO free VALUES (1)');
    expect(await chunkLines(snapshot, selection('free'), { tag: 'whole' })).toEqual([]);
  });
});

describe('planning', () => {
  async function planned(name: string, bytes: number): Promise<{ ranges: ChunkRange[]; counts: number[] }> {
    await client.query(`ANALYZE TABLE ${name}`);
    await using snapshot = await snapshotOf([selection(name)]);
    const ranges = await snapshot.planChunks(selection(name), await schemaOf(selection(name)), bytes, NEVER);
    const counts: number[] = [];
    for (const range of ranges) counts.push((await chunkLines(snapshot, selection(name), range)).length);
    return { ranges, counts };
  }

  it('cuts a skewed key evenly, without a row too many or too few', async () => {
    await client.query(`CREATE TABLE skewed (id BIGINT PRIMARY KEY, body CHAR(100));
      INSERT INTO skewed SELECT seq, 'x' FROM seq_1_to_20000; INSERT INTO skewed SELECT 4611686018427387904 + seq * 1000003, 'y' FROM seq_1_to_20000;
      INSERT INTO skewed VALUES (-9223372036854775808, 'z'), (9223372036854775807, 'z')`);
    const { ranges, counts } = await planned('skewed', 500_000);
    expect(ranges.every((range) => range.tag === 'key')).toBe(true);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40_002);
    expect(counts.length).toBeGreaterThan(4);
    expect(Math.max(...counts)).toBeLessThan(15_000);
  });

  it.each([
    [
      'texts',
      'VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_swedish_ci',
      `CONCAT(IF(seq % 2, 'Ä', 'a'), seq, IF(seq % 3, '', ' ''\\\\'))`,
      'pages',
    ],
    ['bytes', 'VARBINARY(40)', `UNHEX(MD5(seq))`, 'pages'],
    ['decimals', 'DECIMAL(30,10)', 'seq / 7', 'pages'],
    ['times', 'DATETIME(6)', `'2020-01-01' + INTERVAL seq * 7919 SECOND`, 'key'],
  ])('cuts a table by a key of %s', async (name, type, value, tag) => {
    await client.query(
      `CREATE TABLE ${name} (id ${type} PRIMARY KEY, body CHAR(100)); INSERT INTO ${name} SELECT ${value}, 'x' FROM seq_1_to_20000`,
    );
    const { ranges, counts } = await planned(name, 500_000);
    expect(new Set(ranges.map((range) => range.tag))).toEqual(new Set([tag]));
    expect(counts.length).toBeGreaterThan(2);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20_000);
  });

  it('leaves a table without a key whole', async () => {
    await client.query(`CREATE TABLE keyless (body CHAR(100)); INSERT INTO keyless SELECT seq FROM seq_1_to_20000`);
    const { ranges, counts } = await planned('keyless', 500_000);
    expect(ranges).toEqual([{ tag: 'whole' }]);
    expect(counts).toEqual([20_000]);
  });
});

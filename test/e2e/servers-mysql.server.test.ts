import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { copyFolder } from '../fixtures/folder-copy.ts';
import { logWords } from '../contracts/source-connector/mysql/release.ts';
import { SOURCE_RELEASE, startMysqlSource } from '../fixtures/mysql-source-server.ts';
import type { DatabaseServer } from '../fixtures/protocol-server.ts';
import type { ServerAddress } from '../fixtures/server-process.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { testSource } from '../fixtures/test-source.ts';

/** A MySQL source that goes down, comes back, loses its log, is restored or replaced. It is this file's own, because others would miss it. */

const shared = sharedServers('mysql');
const kind = testSource('mysql');
const SETUP = `CREATE TABLE items (id INT PRIMARY KEY, n INT); INSERT INTO items VALUES (1, 1), (2, 2)`;
const options = { ...shared, setup: SETUP, tables: ['items'], more: { extracts: { seconds: 0.1 } } };

const folder = mkdtempSync(join(tmpdir(), 'penstock-e2e-mysql-'));
const data = join(folder, 'server');
let server: DatabaseServer;
let address: ServerAddress | null = null;

async function start(): Promise<void> {
  const port = address === null ? {} : { port: address.port };
  const small = SOURCE_RELEASE.product === 'MariaDB' ? { 'innodb-log-file-size': '16M' } : {};
  const settings = { 'innodb-buffer-pool-size': '32M', ...small };
  server = await startMysqlSource({ dataDirectory: data, ...port, settings });
  address = server.address;
}

/** Stops the server, does something to its files, and starts it again. */
async function restart(pipeline: TestPipeline, meanwhile: () => void): Promise<void> {
  await pipeline.source.end();
  await server.stop();
  meanwhile();
  await start();
  pipeline.source = await pipeline.connectSource();
}

beforeAll(async () => {
  chmodSync(folder, 0o755);
  await start();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const retries = (pipeline: TestPipeline) =>
  pipeline.events.flatMap((event) => (event.type === 'RetryError' ? [event.errorId] : []));

async function arrived(pipeline: TestPipeline, id: number): Promise<void> {
  await eventually(async () => (await pipeline.rows(`SELECT id FROM items WHERE id = ${id}`)).length === 1);
}

/** A delta fails at once with this code and says that a full extract mends it; the full extract does. */
async function expectLost(pipeline: TestPipeline, code: string): Promise<void> {
  const before = await pipeline.rows('SELECT id, n FROM items ORDER BY id');
  const error = await pipeline.failure(pipeline.delta());
  expect(error).toMatchObject({ code, retry: 'manual' });
  expect(error.remedy).toMatch(/full extract/);
  expect(retries(pipeline)).toEqual([]);
  expect(await pipeline.rows('SELECT id, n FROM items ORDER BY id')).toEqual(before);
  await pipeline.copied();
  await pipeline.write('INSERT INTO items VALUES (7000, 7)');
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
}

it('goes down and comes back while the pipeline runs', async () => {
  await using pipeline = await TestPipeline.open({ ...options, sourceServer: server.address });
  await pipeline.copied();
  await using following = pipeline.follow();
  await pipeline.write('INSERT INTO items VALUES (3, 3)');
  await arrived(pipeline, 3);
  await pipeline.source.end();
  await server.stop();
  await eventually(() => Promise.resolve(retries(pipeline).length > 1));
  await start();
  pipeline.source = await pipeline.connectSource();
  await pipeline.write('INSERT INTO items VALUES (4, 4)');
  await arrived(pipeline, 4);
  await following.stop();
  expect(retries(pipeline).filter((code) => !['PS2002', 'PS2010', 'PS2007'].includes(code))).toEqual([]);
  expect(await pipeline.differences()).toEqual([]);
});

it('is another server: nothing is read from it', async () => {
  await using pipeline = await TestPipeline.open(options);
  await pipeline.copied();
  await kind.createDatabase(server.address, pipeline.name);
  const other = await kind.connect(server.address, pipeline.name);
  await other.run(SETUP);
  // Both servers have the same id, as a copied my.cnf has it: what tells them apart is their log.
  await other.run('INSERT INTO items VALUES (99, 99)');
  await other.end();
  const { host, port, user } = server.address;
  pipeline.configuration.source = { host, port, user };
  expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS2001', retry: 'manual' });
  expect(await pipeline.rows('SELECT id FROM items WHERE id = 99')).toEqual([]);
  expect(retries(pipeline)).toEqual([]);
  await kind.dropDatabase(server.address, pipeline.name);
});

it('purged the log while nobody read', async () => {
  await using pipeline = await TestPipeline.open({ ...options, sourceServer: server.address });
  await pipeline.copied();
  await pipeline.write('INSERT INTO items VALUES (5, 5); FLUSH BINARY LOGS; INSERT INTO items VALUES (6, 6)');
  // A file goes only once the engine has written down that it needs it no more.
  await eventually(async () => {
    const files = await pipeline.sourceRows('SHOW BINARY LOGS');
    await pipeline.write(`PURGE BINARY LOGS TO '${files.at(-1)?.[0] ?? ''}'`);
    return files.length === 1;
  });
  await expectLost(pipeline, 'PS2006');
});

it('was reset', async () => {
  await using pipeline = await TestPipeline.open({ ...options, sourceServer: server.address });
  await pipeline.copied();
  await pipeline.write(
    `INSERT INTO items VALUES (5, 5); ${logWords(SOURCE_RELEASE).reset}; INSERT INTO items SELECT n, n FROM ${kind.series(10, 3000)}`,
  );
  await expectLost(pipeline, 'PS2001');
});

it('was restored to an older state', async () => {
  await using pipeline = await TestPipeline.open({ ...options, sourceServer: server.address });
  await pipeline.copied();
  const backup = join(folder, 'backup');
  await restart(pipeline, () => copyFolder(data, backup));
  await pipeline.write(`INSERT INTO items SELECT n, n FROM ${kind.series(100, 2000)}`);
  await pipeline.followed();
  await restart(pipeline, () => copyFolder(backup, data));
  await expectLost(pipeline, 'PS2001');
});

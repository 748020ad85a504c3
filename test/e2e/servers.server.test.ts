import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMariaDb } from '../fixtures/mariadb-server.ts';
import type { DatabaseServer } from '../fixtures/protocol-server.ts';
import type { ServerAddress } from '../fixtures/server-process.ts';
import { eventually } from '../fixtures/eventually.ts';
import { copyFolder } from '../fixtures/folder-copy.ts';
import { connectMariaDb, sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { connectPostgres, createDatabase, startPostgres, type PostgresServer } from '../fixtures/postgres-server.ts';

/** Servers that go down, come back, are restored or replaced. They are this file's own, because others would miss them. */

const shared = sharedServers('postgres');
const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, n integer); INSERT INTO items VALUES (1, 1), (2, 2)`;
const options = { setup: SETUP, tables: ['public.items'], more: { extracts: { seconds: 0.1 } } };

const retries = (pipeline: TestPipeline) =>
  pipeline.events.flatMap((event) => (event.type === 'RetryError' ? [event.errorId] : []));

async function arrived(pipeline: TestPipeline, id: number): Promise<void> {
  await eventually(async () => (await pipeline.rows(`SELECT id FROM items WHERE id = ${id}`)).length === 1);
}

describe('the source', () => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-e2e-source-'));
  const data = join(folder, 'data');
  const settings = { shared_buffers: '32MB', max_wal_size: '64MB', min_wal_size: '32MB' };
  let server: PostgresServer;
  let address: ServerAddress | null = null;
  const start = async () => {
    const port = address === null ? {} : { port: address.port };
    server = await startPostgres({ dataDirectory: data, ...port, settings: settings });
    address = server.address;
  };

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    mkdirSync(data, { mode: 0o700 });
    await start();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes down and comes back while the pipeline runs', async () => {
    await using pipeline = await TestPipeline.open({ ...shared, ...options, sourceServer: server.address });
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
    await using pipeline = await TestPipeline.open({ ...shared, ...options });
    await pipeline.copied();
    await createDatabase(server.address, pipeline.name);
    const other = await connectPostgres(server.address, pipeline.name);
    await other.query(SETUP);
    await other.end();
    const { host, port, user } = server.address;
    pipeline.configuration.source = { host, port, user };
    const error = await pipeline.failure(pipeline.delta());
    expect(error).toMatchObject({ code: 'PS2001', retry: 'manual' });
    expect(error.remedy).toMatch(/full extract/);
    expect(retries(pipeline)).toEqual([]);
    await pipeline.copied();
    expect(await pipeline.differences()).toEqual([]);
    pipeline.configuration.source = {};
    expect((await pipeline.failure(pipeline.delta())).code).toBe('PS2001');
    const cleaning = await connectPostgres(server.address);
    await cleaning.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '${pipeline.name}'`,
    );
    await cleaning.query(`DROP DATABASE ${pipeline.name}`);
    await cleaning.end();
  });

  it('was restored to an older state', async () => {
    await using pipeline = await TestPipeline.open({ ...shared, ...options, sourceServer: server.address });
    await pipeline.copied();
    await pipeline.source.end();
    await server.stop();
    const backup = join(folder, 'backup');
    copyFolder(data, backup);
    await start();
    pipeline.source = await pipeline.connectSource();
    await pipeline.write(`INSERT INTO items SELECT n, n FROM generate_series(100, 20000) n`);
    await pipeline.followed();
    await pipeline.source.end();
    await server.stop();
    copyFolder(backup, data);
    await start();
    pipeline.source = await pipeline.connectSource();
    const error = await pipeline.failure(pipeline.delta());
    expect(error).toMatchObject({ code: 'PS2001', retry: 'manual' });
    expect(retries(pipeline)).toEqual([]);
    await pipeline.copied();
    await pipeline.write('INSERT INTO items VALUES (7, 7)');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('dropped the log that was needed: max_slot_wal_keep_size', async () => {
    await using pipeline = await TestPipeline.open({ ...shared, ...options, sourceServer: server.address });
    await pipeline.copied();
    await pipeline.source.run(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`);
    await pipeline.source.run(`SELECT pg_reload_conf()`);
    try {
      await eventually(async () => {
        await pipeline.write(
          `CREATE TABLE IF NOT EXISTS filler (t text); INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 5000) n`,
        );
        await pipeline.write('SELECT pg_switch_wal()');
        await pipeline.write('CHECKPOINT');
        const [slot] = await pipeline.sourceRows(
          `SELECT wal_status FROM pg_replication_slots WHERE database = current_database()`,
        );
        return slot?.[0] === 'lost';
      });
      const error = await pipeline.failure(pipeline.delta());
      expect(error).toMatchObject({ code: 'PS2006', retry: 'manual' });
      expect(retries(pipeline)).toEqual([]);
    } finally {
      await pipeline.source.run('ALTER SYSTEM RESET max_slot_wal_keep_size');
      await pipeline.source.run(`SELECT pg_reload_conf()`);
    }
    await pipeline.copied();
    await pipeline.write('INSERT INTO items VALUES (8, 8)');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});

describe('the destination', () => {
  let server: DatabaseServer;
  const data = mkdtempSync(join(tmpdir(), 'penstock-e2e-destination-'));

  beforeAll(async () => {
    server = await startMariaDb({ dataDirectory: data });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it('goes down and comes back while the pipeline runs, and while it copies', async () => {
    const { port } = server.address;
    await using pipeline = await TestPipeline.open({ ...shared, ...options, destinationServer: server.address });
    await pipeline.copied();
    await using following = pipeline.follow();
    await pipeline.write('INSERT INTO items VALUES (3, 3)');
    await arrived(pipeline, 3);
    await server.stop();
    await pipeline.write('INSERT INTO items VALUES (4, 4)');
    await eventually(() => Promise.resolve(retries(pipeline).length > 1));
    server = await startMariaDb({ dataDirectory: data, port });
    pipeline.destination = await connectMariaDb(server.address, pipeline.name);
    await pipeline.write('INSERT INTO items VALUES (5, 5)');
    await arrived(pipeline, 5);
    await following.stop();
    expect(retries(pipeline).filter((code) => !['PS4001', 'PS4009', 'PS4010'].includes(code))).toEqual([]);
    expect(await pipeline.differences()).toEqual([]);

    await server.stop();
    const copying = pipeline.copied();
    const before = retries(pipeline).length;
    await eventually(() => Promise.resolve(retries(pipeline).length > before));
    server = await startMariaDb({ dataDirectory: data, port });
    await copying;
    pipeline.destination = await connectMariaDb(server.address, pipeline.name);
    expect(await pipeline.differences()).toEqual([]);
  });
});

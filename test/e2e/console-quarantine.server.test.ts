import { randomBytes } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleClient } from '../fixtures/console-client.ts';
import { eventually } from '../fixtures/eventually.ts';
import { connectMariaDb, sharedServers } from '../fixtures/pipeline.ts';
import { setUpInstance, startInstance } from '../fixtures/set-up-instance.ts';
import { SOURCE_TYPES, testSource, type SourceClient } from '../fixtures/test-source.ts';

/** The quarantine by the console's API, while the pipeline follows its tables. */
describe.each(SOURCE_TYPES)('the quarantine of an instance that reads %s', (type) => {
  const database = `aside_${randomBytes(4).toString('hex')}`;
  const path = { name: 'shop' };
  const { sourceServer, destinationServer } = sharedServers(type);
  const kind = testSource(type);
  const items = `${kind.schemaOf(database)}.items`;
  /** The source has such a day, the destination has not. */
  const unfit = '0044-03-15';
  let source: SourceClient;
  let destination: Connection;
  let console: ConsoleClient;

  beforeAll(async () => {
    await kind.createDatabase(sourceServer, database);
    source = await kind.connect(sourceServer, database);
    await source.run(`CREATE TABLE items (id integer PRIMARY KEY, day date, secret varchar(40));
      INSERT INTO items VALUES (1, '2024-01-01', 'kept'), (2, '${unfit}', 'cell-of-2'), (3, '${unfit}', 'cell-of-3')`);
    destination = await connectMariaDb(destinationServer);
    await destination.query(`CREATE DATABASE ${database}`);
    console = await ConsoleClient.start();
    const section = (server: typeof sourceServer, kindOf: string) => ({
      value: { type: kindOf, host: server.host, port: server.port, database, user: server.user, tls: { mode: 'off' } },
      password: server.password,
    });
    await setUpInstance(console.url, {
      ...path,
      source: section(sourceServer, type),
      destination: section(destinationServer, 'singlestore'),
      policies: { misfits: 'quarantine' },
      tables: [{ table: items, selected: true }],
    });
  });
  afterAll(async () => {
    await console[Symbol.asyncDispose]();
    await source.end();
    await kind.dropDatabase(sourceServer, database);
    await destination.query(`DROP DATABASE IF EXISTS ${database}`);
    await destination.end();
  });

  const page = (query = {}) => console.call('GET /instances/{name}/quarantine', { path, query });
  const ids = async () => {
    const [rows] = await destination.query(`SELECT id FROM ${database}.items ORDER BY id`);
    return (rows as Record<string, unknown>[]).map(({ id }) => Number(id));
  };

  it('is empty before anything was copied', async () => {
    expect(await page()).toEqual({ items: [], next: null, tables: [], total: 0 });
  });

  it('is listed page by page, without keys and values', async () => {
    await startInstance(console.url, path.name);
    expect(await ids()).toEqual([1]);
    const first = await page({ limit: 1 });
    expect(first).toMatchObject({ total: 2, tables: [{ table: items, rows: 2 }] });
    expect(first.items).toEqual([
      {
        ...{ id: expect.any(String) as string, table: items, column: 'day', reason: 'before 1000-01-01' },
        position: expect.stringMatching(/./) as string,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
      },
    ]);
    expect(JSON.stringify(first)).not.toMatch(/cell-of|0044/);
    const second = await page({ limit: 1, after: first.next });
    expect(second.items).toHaveLength(1);
    expect(second.items[0]?.id).not.toBe(first.items[0]?.id);
    const query = { after: 'nonsense' };
    expect(await console.refused('GET /instances/{name}/quarantine', { path, query })).toMatchObject({ status: 400 });
    const other = { path, query: { table: 'no.such' } };
    expect(await console.refused('GET /instances/{name}/quarantine', other)).toMatchObject({ code: 'PS1005' });
  });

  it('rows that fit by now are loaded while changes are followed; the others stay', async () => {
    // Its update is loaded by replication, and leaves its old entry.
    await source.run(`UPDATE items SET day = '2024-02-02' WHERE id = 2`);
    await eventually(async () => (await ids()).includes(2));
    const retry = { isOver: false };
    const retried = console
      .call('POST /instances/{name}/quarantine/retry', { path, body: { tables: [items] } })
      .finally(() => (retry.isOver = true));
    // What goes on at the source meanwhile tells how far it was read.
    let writes = 0;
    await eventually(async () => {
      await source.run(`UPDATE items SET secret = 'kept ${++writes}' WHERE id = 1`);
      return retry.isOver;
    });
    const { tables } = await retried;
    expect(tables).toMatchObject([{ table: items, rows: 2, unfit: 1, reason: null }]);
    expect(await ids()).toEqual([1, 2]);
    expect((await page()).total).toBe(1);
  });

  it('is dropped only after it was said how many rows that is', async () => {
    const drop = (body: { tables: string[] | null; dryRun?: boolean }) =>
      console.call('POST /instances/{name}/quarantine/drop', { path, body });
    const there = { rows: 1, tables: [{ table: items, rows: 1 }] };
    expect(await drop({ tables: null })).toEqual({ dropped: false, ...there });
    expect((await page()).total).toBe(1);
    expect(await drop({ tables: [items], dryRun: false })).toEqual({ dropped: true, ...there });
    expect(await page()).toMatchObject({ items: [], total: 0 });
    const { items: audit } = await console.call('GET /instances/{name}/audit', { path });
    expect(audit.slice(0, 3).map(({ action, detail }) => [action.split('/').at(-1), detail])).toEqual([
      ['drop', items],
      ['drop', 'all tables (dry run)'],
      ['retry', items],
    ]);
  });
});

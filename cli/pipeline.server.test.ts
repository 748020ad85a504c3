import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { eventually } from '../test/fixtures/eventually.ts';
import * as z from 'zod';
import { runPenstock, startPenstock, type EndedProcess } from '../test/fixtures/penstock-process.ts';
import { connectPostgres, createDatabase } from '../test/fixtures/postgres-server.ts';

/** Every verb as a process of its own, one after the other, as a user calls them. */

const [postgres, mariadb] = [inject('postgres'), inject('mariadb')];
const NAME = `cli_${process.pid}`;
const ENVIRONMENT = { SOURCE_PASSWORD: postgres.password, DESTINATION_PASSWORD: mariadb.password };

let folder = '';
let source: Client;
let destination: Connection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-cli-'));
  await createDatabase(postgres, NAME);
  source = await connectPostgres(postgres, NAME);
  destination = await createConnection({ ...mariadb });
  await destination.query(`CREATE DATABASE \`${NAME}\``);
  await destination.query(`USE \`${NAME}\``);
  await source.query(`CREATE TABLE orders (id bigint PRIMARY KEY, customer text, total numeric(10,2));
    INSERT INTO orders SELECT n, 'customer ' || n, n * 1.25 FROM generate_series(1, 3000) n;
    CREATE TABLE prices (sku text PRIMARY KEY, price numeric(10,2));
    INSERT INTO prices SELECT 'sku' || n, n FROM generate_series(1, 20) n;
    CREATE TABLE unchosen (a integer); ANALYZE`);
  writeFileSync(join(folder, 'penstock.yaml'), configuration({}));
});

afterAll(async () => {
  await source.query(
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active`,
  );
  await source.end();
  await destination.query(`DROP DATABASE IF EXISTS \`${NAME}\``);
  await destination.end();
  rmSync(folder, { recursive: true, force: true });
});

function configuration({
  user = postgres.user,
  tables = ['public.orders'],
}: {
  user?: string;
  tables?: string[];
}): string {
  const server = (address: typeof postgres, type: string, login: string, variable: string) =>
    `{ type: ${type}, host: ${address.host}, port: ${address.port}, database: ${NAME}, user: ${login}, password: { env: ${variable} } }`;
  return `pipeline: ${NAME.replaceAll('_', '-')}
source: ${server(postgres, 'postgres', user, 'SOURCE_PASSWORD')}
destination: ${server(mariadb, 'singlestore', mariadb.user, 'DESTINATION_PASSWORD')}
extracts: { seconds: 0.2 }
tables:
  - { name: public.prices, transfer: history }
${tables.map((name) => `  - name: ${name}\n`).join('')}`;
}

async function penstock(...args: string[]): Promise<EndedProcess> {
  return runPenstock(args, ENVIRONMENT, folder);
}

const answer = z.looseObject({ ok: z.boolean(), verb: z.string() });

/** Calls a verb with `--json` and checks that stdout holds one object and nothing else. */
async function asked(code: number, ...args: string[]): Promise<z.infer<typeof answer>> {
  const ended = await penstock(...args, '--json');
  expect(ended.code, `${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`).toBe(code);
  expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
  const parsed = answer.parse(JSON.parse(ended.stdout));
  expect(parsed).toMatchObject({ ok: code === 0, verb: args[0] });
  return parsed;
}

async function countAt(table: string): Promise<number> {
  const [rows] = await destination.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM \`${table}\``);
  return Number(rows[0]?.['n']);
}

it('a delta before the first full extract says what to do', async () => {
  const { error } = await asked(1, 'delta');
  expect(error).toMatchObject({ code: 'PS1004', remedy: expect.stringContaining('full-extract') as string });
});

it('check finds everything ready', async () => {
  const ready = await asked(0, 'check');
  expect(ready).toMatchObject({ ready: true, errors: 0 });
  const printed = await penstock('check');
  expect(printed.stdout).toMatch(/^source\n {2}ok /);
  expect(printed.stdout).toMatch(/\nready: 0 errors, \d+ warnings?\n$/);
});

it('check says what is wrong and how to mend it, and ends with 1', async () => {
  writeFileSync(join(folder, 'wrong.yaml'), configuration({ user: 'nobody', tables: ['public.absent'] }));
  const wrong = await asked(1, 'check', '--config', 'wrong.yaml');
  expect(wrong).toMatchObject({ ready: false });
  expect(JSON.stringify(wrong)).not.toContain(postgres.password);
  const printed = await penstock('check', '--config', 'wrong.yaml');
  expect(printed.code).toBe(1);
  expect(printed.stdout).toContain('mend: ');
  writeFileSync(join(folder, 'absent.yaml'), configuration({ tables: ['public.absent'] }));
  expect(JSON.stringify(await asked(1, 'check', '--config', 'absent.yaml'))).toContain('public.absent');
});

it('tables lists what the source has and what is chosen', async () => {
  expect(await asked(0, 'tables')).toMatchObject({
    missing: [],
    tables: [
      { table: 'public.orders', chosen: 'mirror', key: ['id'], estimatedRows: 3000 },
      { table: 'public.prices', chosen: 'history', key: ['sku'] },
      { table: 'public.unchosen', chosen: null, key: null },
    ],
  });
});

it('full-extract copies; on stderr with progress, on stdout with the result alone', async () => {
  const ended = await penstock('full-extract');
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout).toContain('3,020 rows of 2 tables copied\n');
  expect(ended.stderr).toMatch(/public\.orders {2}done {7}3,000 rows/);
  expect([await countAt('orders'), await countAt('prices')]).toEqual([3000, 20]);
});

it('delta drains the log, and a second one finds nothing', async () => {
  await source.query(`UPDATE orders SET total = total + 1 WHERE id <= 100; DELETE FROM orders WHERE id > 2990;
    UPDATE prices SET price = price + 1 WHERE sku = 'sku1'`);
  const drained = await asked(0, 'delta');
  expect(drained['rows']).toBeGreaterThan(0);
  expect([await countAt('orders'), await countAt('prices')]).toEqual([2990, 21]);
  const again = await penstock('delta');
  expect(again.stdout, `code ${again.code}\n${again.stderr}`).toBe('no changes\n');
});

it('verify proves that both sides are equal', async () => {
  expect(await asked(0, 'verify')).toMatchObject({ equal: true, tables: [{ tag: 'equal' }, { tag: 'equal' }] });
});

it('status shows where the pipeline stands', async () => {
  const { lastExtract, loaded, tables, log } = await asked(0, 'status');
  expect(lastExtract).toBeGreaterThan(0);
  expect(loaded).toBe(lastExtract);
  expect(tables).toMatchObject([{ state: { tag: 'following' } }, { state: { tag: 'following' } }]);
  expect(log).toMatchObject({ retainedBytes: expect.any(Number) as number });
  const printed = await penstock('status');
  expect(printed.stdout).toMatch(/\nlag {10}0 ms\n/);
});

it('run follows until it is asked to stop, and stops cleanly', async () => {
  const running = startPenstock(['run', '--json'], ENVIRONMENT, folder);
  await source.query(`INSERT INTO orders SELECT n, 'later', 1 FROM generate_series(5001, 5500) n`);
  await eventually(async () => (await countAt('orders')) >= 3490);
  running.kill('SIGTERM');
  const ended = await running.ended;
  expect(ended.code, ended.stderr).toBe(0);
  const seen = answer.parse(JSON.parse(ended.stdout));
  expect(seen).toMatchObject({ ok: true, verb: 'run' });
  expect(seen['changes']).toBe(500);
  expect(await asked(0, 'verify')).toMatchObject({ equal: true });
});

it('verify finds rows that differ, names their keys and ends with 1', async () => {
  await destination.query(`UPDATE orders SET customer = 'tampered' WHERE id = 7`);
  await destination.query(`DELETE FROM orders WHERE id = 8`);
  const different = await asked(1, 'verify', '--table', 'public.orders');
  expect(different).toMatchObject({
    equal: false,
    tables: [{ tag: 'different', table: 'public.orders', differing: 2 }],
  });
  expect(JSON.stringify(different)).toContain('"missing at destination"');
  expect(await asked(0, 'verify', '--table', 'public.prices')).toMatchObject({ equal: true });
});

it('full-extract of one table mends it', async () => {
  const copied = await asked(0, 'full-extract', '--table', 'public.orders');
  expect(copied).toMatchObject({ tables: [{ table: 'public.orders', state: 'copied', rows: 3490 }] });
  expect(await asked(0, 'verify')).toMatchObject({ equal: true });
});

it('a server that cannot be reached is an error with a remedy', async () => {
  const text = configuration({}).replace(`port: ${mariadb.port}`, 'port: 1');
  writeFileSync(join(folder, 'unreachable.yaml'), `${text}state: ./other\n`);
  const checked = await asked(1, 'check', '--config', 'unreachable.yaml');
  expect(checked).toMatchObject({ findings: { destination: [{ severity: 'error' }] } });
});

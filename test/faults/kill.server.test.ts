import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../core/host/failpoint.ts';
import { runPenstock, startPenstock, type EndedProcess } from '../fixtures/penstock-process.ts';
import { connectPostgres, createDatabase } from '../fixtures/postgres-server.ts';
import { Random } from '../fixtures/random.ts';
import { CounterOracle } from './counter-oracle.ts';

/** kill -9 at every named place: after a restart nothing is lost and nothing is doubled. */

const [postgres, mariadb] = [inject('postgres'), inject('mariadb')];
const SEED = Number(process.env['PENSTOCK_SEED'] ?? 1);
const COUNTERS = 150;
const ITEMS = 4000;

interface World {
  readonly name: string;
  readonly folder: string;
  readonly config: string;
  readonly source: Client;
  readonly destination: Connection;
  readonly oracle: CounterOracle;
}

let world: World;
let worlds = 0;

beforeEach(async () => {
  const name = `kill_${process.pid}_${++worlds}`;
  await createDatabase(postgres, name);
  const source = await connectPostgres(postgres, name);
  const destination = await createConnection({ ...mariadb, multipleStatements: false });
  await destination.query(`CREATE DATABASE \`${name}\``);
  await destination.query(`USE \`${name}\``);
  const folder = mkdtempSync(join(tmpdir(), 'penstock-kill-'));
  const config = join(folder, 'penstock.yaml');
  writeFileSync(config, configuration(name));
  const oracle = new CounterOracle(source, COUNTERS, SEED);
  await oracle.createTable();
  await source.query(`CREATE TABLE items (id bigint PRIMARY KEY, name text, amount numeric(12,2));
    INSERT INTO items SELECT n, 'item ' || n, n * 1.5 FROM generate_series(1, ${ITEMS}) n;
    CREATE TABLE visits (page text, seconds integer); ALTER TABLE visits REPLICA IDENTITY FULL;
    INSERT INTO visits SELECT 'page ' || n % 7, n % 5 FROM generate_series(1, 500) n`);
  await oracle.walk(200);
  world = { name, folder, config, source, destination, oracle };
});

afterEach(async () => {
  await world.source.query(
    `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database() AND active`,
  );
  await sleep(50);
  await world.source.query(
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`,
  );
  await world.source.end();
  await world.destination.query(`DROP DATABASE \`${world.name}\``);
  await world.destination.end();
  rmSync(world.folder, { recursive: true, force: true });
});

function configuration(name: string): string {
  const server = (address: typeof postgres) => `
  host: ${address.host}
  port: ${address.port}
  database: ${name}
  user: ${address.user}
  tls: { mode: 'off' }`;
  return `pipeline: ${name.replaceAll('_', '-')}
source:
  type: postgres
  extractType: logs${server(postgres)}
  password: { env: SOURCE_PASSWORD }
destination:
  type: singlestore${server(mariadb)}
  password: { env: DESTINATION_PASSWORD }
extracts: { rows: 60, seconds: 0.2, bytes: 20000, chunkBytes: 40000 }
tables:
  - { name: public.counters, transfer: history }
  - { name: public.items }
  - { name: public.visits }
state: ./state
`;
}

const environment = () => ({ SOURCE_PASSWORD: postgres.password, DESTINATION_PASSWORD: mariadb.password });

async function penstock(verb: string, failpoint: string | null = null): Promise<EndedProcess> {
  const faults: Record<string, string> = failpoint === null ? {} : { PENSTOCK_FAILPOINT: failpoint };
  return runPenstock([verb, '--config', world.config, '--json'], { ...environment(), ...faults }, world.folder);
}

/** A transaction of each kind on the mirrored tables, and some steps of the counters. */
async function work(round: number): Promise<void> {
  const random = new Random(SEED * 1000 + round);
  const id = () => 1 + random.below(ITEMS);
  await world.source.query(`BEGIN; UPDATE items SET amount = amount + 1 WHERE id BETWEEN ${id()} AND ${id()} + 40;
    DELETE FROM items WHERE id = ${id()}; UPDATE items SET id = id + ${ITEMS * (round + 1)} WHERE id = ${id()};
    INSERT INTO visits VALUES ('page ${round % 7}', ${round}), ('page ${round % 7}', ${round});
    DELETE FROM visits WHERE ctid IN (SELECT ctid FROM visits LIMIT 1); COMMIT`);
  await world.oracle.walk(120);
}

async function expectEqual(what: string): Promise<void> {
  const delta = await penstock('delta');
  expect(delta.code, `delta after ${what}\n${delta.stderr}`).toBe(0);
  const verified = await penstock('verify');
  expect(verified.code, `verify after ${what}\n${verified.stdout}\n${verified.stderr}`).toBe(0);
  expect(await world.oracle.complaints(world.destination), `seed ${SEED}, after ${what}`).toEqual([]);
}

const inCopy = FAILPOINTS.filter((name) => name.startsWith('prepare.') || name.startsWith('copy.'));
const inDelta = FAILPOINTS.filter((name) => name.startsWith('extract.') || name.startsWith('load.'));

describe('kill -9 in a full extract', () => {
  it.each(inCopy)('at %s', async (name: FailpointName) => {
    const killed = await penstock('full-extract', `${name}@${name.includes('chunk') ? 2 : 1}:kill`);
    expect(killed.signal, `${name} was not passed\n${killed.stderr}`).toBe('SIGKILL');
    await work(1);
    const resumed = await penstock('full-extract');
    expect(resumed.code, resumed.stderr).toBe(0);
    await work(2);
    await expectEqual(name);
  });
});

describe('kill -9 in a delta', () => {
  it.each(inDelta)('at %s', async (name: FailpointName) => {
    const copied = await penstock('full-extract');
    expect(copied.code, copied.stderr).toBe(0);
    await work(1);
    if (name === 'extract.after-piece') await world.source.query(`UPDATE items SET name = repeat('x', 100) || id`);
    const killed = await penstock('delta', `${name}@1:kill`);
    expect(killed.signal, `${name} was not passed\n${killed.stderr}`).toBe('SIGKILL');
    await work(2);
    const again = await penstock('delta', `${name}@3:kill`);
    expect([0, null], again.stderr).toContain(again.code);
    await work(3);
    await expectEqual(name);
  });
});

it('kill -9 at any instant while it runs and the source is written', async () => {
  const copying = startPenstock(['full-extract', '--config', world.config], environment(), world.folder);
  const random = new Random(SEED);
  await sleep(300 + random.below(600));
  copying.kill('SIGKILL');
  await copying.ended;
  await work(0);
  const copied = await penstock('full-extract');
  expect(copied.code, copied.stderr).toBe(0);
  for (let round = 1; round <= 5; round++) {
    const running = startPenstock(['run', '--config', world.config], environment(), world.folder);
    for (const until = Date.now() + 700 + random.below(900); Date.now() < until;) await work(round);
    running.kill('SIGKILL');
    await running.ended;
  }
  await expectEqual('random kills');
  const [rows] = await world.destination.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM visits');
  expect(Number(rows[0]?.['n'])).toBeGreaterThan(0);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { expect, inject, test } from 'vitest';
import { INTEGER, keyedPart, step, targetFor, testDestination } from '../../../test/fixtures/destination-tables.ts';
import { encodeLine } from '../../extracts/row-encoding.ts';
import { destinationSettings } from './settings.ts';
import { connectSingleStore } from './singlestore-destination.ts';
import { SessionPool } from './session-pool.ts';

const never = new AbortController().signal;
const place = { doing: 'testing', table: null, columns: [] };
const line = (id: number): string => encodeLine(['U', String(id), '2026-11-21 09:00:00.000000', '', null, String(id)]);

function settingsOf(port?: number) {
  const { host, port: real, user } = inject('mariadb');
  return destinationSettings.parse({
    type: 'singlestore',
    host,
    port: port ?? real,
    user,
    database: 'mysql',
    password: { env: 'X' },
  });
}

test('sessions are strict, in UTC, read committed, and give every value as text', async () => {
  await using pool = new SessionPool(settingsOf(), () => Promise.resolve(inject('mariadb').password), 1);
  await using borrowed = await pool.borrow(never);
  const [row] = await borrowed.session.rows(
    'SELECT @@sql_mode AS mode, @@time_zone AS zone, @@tx_isolation AS isolation, @@autocommit AS autocommit,' +
      " @@character_set_client AS chars, 18446744073709551615 AS big, CAST('0.10' AS DECIMAL(3,2)) AS dec2, NULL AS none",
    place,
    never,
  );
  expect(row?.['mode']).toContain('STRICT_ALL_TABLES');
  expect(row).toMatchObject({
    zone: '+00:00',
    isolation: 'READ-COMMITTED',
    autocommit: '1',
    chars: 'utf8mb4',
    big: '18446744073709551615',
    dec2: '0.10',
    none: null,
  });
  expect(borrowed.dialect).toMatchObject({ name: 'mariadb', textCollation: 'utf8mb4_nopad_bin' });
});

test('at most as many connections as allowed; the next waits, and stops waiting when it is aborted', async () => {
  await using pool = new SessionPool(settingsOf(), () => Promise.resolve(inject('mariadb').password), 1);
  const first = await pool.borrow(never);
  const abort = new AbortController();
  const given = pool.borrow(abort.signal);
  const next = pool.borrow(never);
  abort.abort(new Error('no longer'));
  await expect(given).rejects.toThrow('no longer');
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  const second = await next;
  expect(second.session).toBe(first.session);
  await second[Symbol.asyncDispose]();
});

test('a password that was changed is read anew; a wrong one is refused once and for all', async () => {
  const passwords = ['old', inject('mariadb').password];
  await using pool = new SessionPool(settingsOf(), () => Promise.resolve(passwords.shift() ?? ''), 1);
  await pool.use(never, ({ session }) => session.rows('SELECT 1', place, never));
  await using wrong = new SessionPool(settingsOf(), () => Promise.resolve('wrong-password'), 1);
  const error: unknown = await wrong.borrow(never).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'PS4002' });
  expect(String(error)).not.toContain('wrong-password');
});

test('a server that is not there', async () => {
  const context = {
    password: () => Promise.resolve(''),
    failpoint: () => Promise.resolve(),
    randomness: { fraction: () => 0, identifier: () => 'x' },
  };
  await using destination = connectSingleStore(settingsOf(1), context);
  await expect(destination.ledger('p', never)).rejects.toMatchObject({ code: 'PS4001', retry: 'timed' });
  expect(await destination.check(never)).toMatchObject([{ severity: 'error' }]);
});

test('a server that asks for no TLS where verification is wanted', async () => {
  const settings = { ...settingsOf(), tls: { mode: 'verify', ca: null } } as const;
  await using pool = new SessionPool(settings, () => Promise.resolve(inject('mariadb').password), 1);
  await expect(pool.borrow(never)).rejects.toMatchObject({ code: 'PS4001' });
});

test('an error, a lost connection and an abort leave no transaction open, and the next call works', async () => {
  await using t = await testDestination(inject('mariadb'), 'connection_lost', { settings: { loadThreads: 1 } });
  const target = targetFor(t.settings, { columns: { id: INTEGER }, key: ['id'] });
  await t.destination.takeLedger('billing', 1, never);
  await t.destination.createTable(target, never);
  const part = keyedPart(target, [{ op: 'U', values: { id: '1' } }]);
  const killing = {
    ...part,
    rows: 2,
    open: async function* () {
      yield Buffer.from(line(1));
      const rows = await t.sql(
        "SELECT id FROM information_schema.processlist WHERE info LIKE 'LOAD DATA%connection_lost%'",
      );
      for (const row of rows) await t.sql(`KILL CONNECTION ${String(row['id'])}`);
      for (let id = 2; id < 200_000; id += 1000) {
        yield Buffer.from(Array.from({ length: 1000 }, (_, index) => line(id + index)).join(''));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
  await expect(t.destination.merge(step(1, [killing]), never)).rejects.toMatchObject({ code: 'PS4009' });
  const abort = new AbortController();
  abort.abort(new Error('stop'));
  await expect(t.destination.merge(step(1, [part]), abort.signal)).rejects.toThrow('stop');
  await expect(t.destination.merge(step(5, [part]), never)).rejects.toMatchObject({ code: 'PS4011' });
  expect(await t.sql('SELECT applied FROM penstock_ledger FOR UPDATE NOWAIT')).toEqual([{ applied: null }]);
  await t.destination.merge(step(1, [part]), never);
  expect(await t.sql('SELECT * FROM t')).toEqual([{ id: 1 }]);
  expect(await t.sql('SELECT COUNT(*) AS n FROM t__staging')).toEqual([{ n: 0 }]);
});

test('a step waits for a lock no longer than the server allows, and is then tried again by its caller', async () => {
  await using t = await testDestination(inject('mariadb'), 'connection_locked');
  const target = targetFor(t.settings, { columns: { id: INTEGER }, key: ['id'] });
  await t.destination.takeLedger('billing', 1, never);
  await t.destination.createTable(target, never);
  const holder = await createConnection({ ...inject('mariadb'), database: 'connection_locked' });
  await holder.query('BEGIN');
  await holder.query("UPDATE penstock_ledger SET steps = steps + 1 WHERE pipeline = 'billing'");
  const part = keyedPart(target, [{ op: 'U', values: { id: '1' } }]);
  const over = new AbortController();
  const merging = t.destination
    .merge(step(1, [part]), never)
    .catch((caught: unknown) => caught)
    .finally(() => over.abort());
  // Others who look at this table as often may keep it from being renewed until the server itself gives up.
  while (!over.signal.aborted) {
    const [waiting] = await t.sql(
      "SELECT trx_mysql_thread_id AS id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%connection_locked%'",
    );
    if (waiting !== undefined) await t.sql(`KILL QUERY ${String(waiting['id'])}`);
    // The server renews this table only when nobody has read it for a tenth of a second.
    await Promise.race([merging, sleep(150)]);
  }
  expect(await merging).toMatchObject({ code: 'PS4010', retry: 'timed' });
  await holder.query('ROLLBACK');
  await holder.end();
  await t.destination.merge(step(1, [part]), never);
  expect(await t.sql('SELECT * FROM t')).toEqual([{ id: 1 }]);
});

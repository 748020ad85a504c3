import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Client } from 'pg';
import { fillShop } from '../test/fixtures/shop/fill-shop.ts';
import { SHOP_TABLES, shopSize, totalRows } from '../test/fixtures/shop/shop-tables.ts';
import { connectPostgres, createDatabase } from '../test/fixtures/postgres-server.ts';
import { Random } from '../test/simulation/random.ts';
import { ShopSession } from './shop-session.ts';
import { SHOP_TRANSACTIONS } from './shop-transactions.ts';
import { Workload } from './workload.ts';

const DATABASE = 'demo_workload';
const size = shopSize(2000);
const address = inject('postgres');
let client: Client;

beforeAll(async () => {
  await createDatabase(address, DATABASE);
  client = await connectPostgres(address, DATABASE);
  await fillShop(client, size);
});
afterAll(() => client.end());

describe('the shop', () => {
  test('has the rows that were asked for', async () => {
    let rows = 0;
    for (const { name } of SHOP_TABLES) {
      const found = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${name}`);
      expect(Number(found.rows[0]?.n), name).toBeGreaterThan(0);
      rows += Number(found.rows[0]?.n);
    }
    expect(rows).toBe(totalRows(size));
  });

  test('has equal rows in the table without a key', async () => {
    const { rows } = await client.query('SELECT 1 FROM page_views p GROUP BY p HAVING count(*) > 1 LIMIT 1');
    expect(rows).toHaveLength(1);
  });
});

describe('the workload', () => {
  const seed = 20_260_131;

  test.each(SHOP_TRANSACTIONS)('can $name, before and after the column is added', async ({ run }) => {
    const state = { size, next: 500_000, hasChannel: false };
    const session = new ShopSession(client, new Random(seed), state);
    await client.query('BEGIN');
    try {
      for (let pass = 0; pass < 5; pass++) await run(session);
      await client.query('ALTER TABLE orders ADD COLUMN channel text');
      state.hasChannel = true;
      for (let pass = 0; pass < 5; pass++) await run(session);
    } finally {
      await client.query('ROLLBACK');
    }
    expect(session.changes, `seed ${seed}`).toBeGreaterThan(0);
  });

  test('goes on until it is stopped, and ends with a commit after the time that it names', async () => {
    await using workload = await Workload.start({
      address,
      database: DATABASE,
      size,
      seed,
      writers: 2,
      transactionsPerSecond: 200,
    });
    const until = async (transactions: number) => {
      while (workload.counts.transactions < transactions) await sleep(20, undefined, { signal: workload.failed });
    };
    await until(50);
    await workload.addColumn();
    await until(workload.counts.transactions + 100);
    const lastCommitAfter = await workload.stop();
    const { transactions } = workload.counts;
    const last = await client.query<{ last: string }>(
      'SELECT extract(epoch FROM max(updated_at)) * 1000 AS last FROM customers WHERE id = (SELECT max(id) FROM customers)',
    );
    expect(Number(last.rows[0]?.last)).toBeGreaterThanOrEqual(lastCommitAfter);
    const channels = await client.query('SELECT DISTINCT channel FROM orders');
    expect(channels.rowCount).toBeGreaterThan(1);
    await sleep(50);
    expect(workload.counts.transactions).toBe(transactions);
  });
});

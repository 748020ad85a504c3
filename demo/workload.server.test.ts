import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { fillShop } from '../test/fixtures/shop/fill-shop.ts';
import { SHOP_TABLES, shopSize, totalRows } from '../test/fixtures/shop/shop-tables.ts';
import { SOURCE_TYPES, testSource, type SourceClient } from '../test/fixtures/test-source.ts';
import { Random } from '../test/simulation/random.ts';
import { shopDialect } from '../test/fixtures/shop/shop-dialect.ts';
import { ShopSession } from './shop-session.ts';
import { SHOP_TRANSACTIONS } from './shop-transactions.ts';
import { Workload } from './workload.ts';

const DATABASE = 'demo_workload';
const size = shopSize(2000);
const seed = 20_260_131;

describe.each(SOURCE_TYPES)('%s', (type) => {
  const source = testSource(type);
  const address = inject(type === 'postgres' ? 'postgres' : 'mysqlSource');
  let client: SourceClient;

  beforeAll(async () => {
    await source.createDatabase(address, DATABASE);
    client = await source.connect(address, DATABASE);
    await fillShop(type, client, size);
  });
  afterAll(async () => {
    await client.end();
    await source.dropDatabase(address, DATABASE);
  });

  test('the shop has the rows that were asked for', async () => {
    let rows = 0;
    for (const { name } of SHOP_TABLES) {
      const [found] = await client.rows(`SELECT COUNT(*) FROM ${name}`);
      expect(Number(found?.[0]), name).toBeGreaterThan(0);
      rows += Number(found?.[0]);
    }
    expect(rows).toBe(totalRows(size));
  });

  test('the table without a key has equal rows', async () => {
    const columns = 'seen_at, path, customer_id, milliseconds, agent';
    const rows = await client.rows(`SELECT ${columns} FROM page_views GROUP BY ${columns} HAVING COUNT(*) > 1 LIMIT 1`);
    expect(rows).toHaveLength(1);
  });

  test.each(SHOP_TRANSACTIONS)('the workload can $name, before and after the column is added', async ({ run }) => {
    const state = { size, next: 500_000, hasChannel: false };
    const session = new ShopSession(client, source, new Random(seed), state);
    const { addChannel, session: statements } = shopDialect(type);
    for (const statement of statements) await client.run(statement);
    for (const statement of [null, addChannel]) {
      if (statement !== null) await client.run(statement);
      state.hasChannel = statement !== null;
      await client.run('BEGIN');
      try {
        for (let pass = 0; pass < 5; pass++) await run(session);
      } finally {
        await client.run('ROLLBACK');
      }
    }
    await client.run('ALTER TABLE orders DROP COLUMN channel');
    expect(session.changes, `seed ${seed}`).toBeGreaterThan(0);
  });

  test('the workload goes on until it is stopped, and ends with a commit after the mark', async () => {
    await using workload = await Workload.start({
      source: type,
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
    const last = 'SELECT MAX(updated_at) FROM customers WHERE id = (SELECT MAX(id) FROM customers)';
    const [before] = await workload.stop(() => client.rows(last));
    const { transactions } = workload.counts;
    const [after] = await client.rows(last);
    expect([before?.[0], after?.[0]].toSorted()).toEqual([before?.[0], after?.[0]]);
    expect(after).not.toEqual(before);
    expect((await client.rows('SELECT DISTINCT channel FROM orders')).length).toBeGreaterThan(1);
    await sleep(50);
    expect(workload.counts.transactions).toBe(transactions);
  });
});

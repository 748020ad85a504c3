import { describe, expect, it } from 'vitest';
import { syncNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import type { FullExtractResult } from '../../core/operations/copying/full-extract.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { eventually } from '../fixtures/eventually.ts';
import { SOURCE_TYPES, testSource, type SourceType } from '../fixtures/test-source.ts';

/** New tables are copied while the others are replicated, and all follow one log in the end. */

const ROWS = 4000;

function setup(type: SourceType): string {
  const kind = testSource(type);
  return [
    'CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL, note varchar(100))',
    `INSERT INTO orders SELECT n, n, concat('order ', n) FROM ${kind.series(1, 200)}`,
    'CREATE TABLE prices (id int PRIMARY KEY, amount int NOT NULL)',
    `INSERT INTO prices SELECT n, n FROM ${kind.series(1, ROWS)}`,
    'CREATE TABLE visits (page varchar(20), seconds int)',
    ...kind.identifyByWholeRows('visits'),
    `INSERT INTO visits SELECT concat('page ', n % 7), n % 5 FROM ${kind.series(1, ROWS)}`,
  ].join('; ');
}

const NEW_TABLES = [{ name: 'prices', transfer: 'history' }, { name: 'visits' }];

async function open(type: SourceType): Promise<TestPipeline> {
  const pipeline = await TestPipeline.open({
    ...sharedServers(type),
    setup: setup(type),
    tables: ['orders'],
    more: { extracts: { seconds: 0.1, rows: 200, chunkBytes: 10_000 } },
  });
  await pipeline.copied();
  return pipeline;
}

function addTables(pipeline: TestPipeline): void {
  pipeline.configuration.tables = ['orders', ...NEW_TABLES];
}

function sync(
  pipeline: TestPipeline,
  tables: readonly string[] | null = null,
  more: (context: OperationContext) => Partial<OperationContext> = () => ({}),
): Promise<FullExtractResult> {
  const ids = tables?.map((table) => pipeline.idOf(table)) ?? null;
  return pipeline.operate((context) =>
    syncNewTables({ ...context, ...more(context) }, { tables: ids, operation: null }),
  );
}

/** Writes on old and new tables until it is stopped. */
function writing(pipeline: TestPipeline): { rounds(): number; stop(): Promise<void> } {
  const ended = new AbortController();
  let round = 0;
  const work = async (): Promise<void> => {
    const client = await pipeline.connectSource();
    try {
      for (; !ended.signal.aborted; round++) {
        const id = 1 + ((round * 37) % ROWS);
        await client.run(`BEGIN; UPDATE orders SET amount = amount + 1 WHERE id = ${1 + (round % 200)};
          UPDATE prices SET amount = amount + 1 WHERE id BETWEEN ${id} AND ${id} + 3;
          INSERT INTO prices VALUES (${100_000 + round}, ${round}); DELETE FROM prices WHERE id = ${id + 9};
          INSERT INTO visits VALUES ('page ${round % 7}', ${round % 5}), ('page ${round % 7}', ${round % 5});
          DELETE FROM visits ${pipeline.kind.someRows('visits', `seconds = ${round % 5}`, 1)}; COMMIT`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      await client.end();
    }
  };
  const running = work();
  running.catch(() => undefined);
  return {
    rounds: () => round,
    stop: () => {
      ended.abort();
      return running;
    },
  };
}

/** Every version of a history begins where the one before it ends, and the last one is open, ended or deleted. */
async function brokenHistories(pipeline: TestPipeline): Promise<unknown> {
  return pipeline.rows(`SELECT id, history_start_date, history_end_date FROM (SELECT id, history_start_date, history_end_date,
    LEAD(history_start_date) OVER (PARTITION BY id ORDER BY __seq, history_start_date) AS following FROM prices) v
    WHERE following IS NOT NULL AND following < history_end_date LIMIT 5`);
}

describe.each(SOURCE_TYPES)('new tables of a %s source', (type) => {
  it('join the log without gap or doubling, while the others are replicated', async () => {
    await using pipeline = await open(type);
    addTables(pipeline);
    await using following = pipeline.follow();
    const writer = writing(pipeline);
    await eventually(async () => (await pipeline.status()).loaded > 3);
    const before = await pipeline.status();
    const result = await sync(pipeline);
    expect(result.tables.map(({ table, state }) => [table, state])).toEqual([
      [pipeline.idOf('prices'), 'copied'],
      [pipeline.idOf('visits'), 'copied'],
    ]);
    const loads = (await pipeline.status()).loaded - before.loaded;
    expect(loads).toBeGreaterThan(0);
    await eventually(async () => (await pipeline.status()).loaded > before.loaded + loads + 3 && writer.rounds() > 20);
    await writer.stop();
    await following.stop();
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await brokenHistories(pipeline)).toEqual([]);
    // Nothing is left to do.
    expect((await sync(pipeline)).tables).toEqual([]);
  });
});

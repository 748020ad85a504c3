import { expect } from 'vitest';
import { syncNewTables } from '../../core/operations/new-tables/sync-new-tables.ts';
import { eventually } from '../fixtures/eventually.ts';
import type { TestPipeline } from '../fixtures/pipeline.ts';

/** Sync New Tables beside a reader at work, while all of the tables are written: of items, prices and pairs the first is replicated already. */
export async function expectNewTablesJoin(
  pipeline: TestPipeline,
  tables: TestPipeline['configuration']['tables'],
): Promise<void> {
  pipeline.configuration.tables = [...tables];
  await using following = pipeline.follow();
  const writer = await pipeline.connectSource();
  const enough = new AbortController();
  const writing = (async () => {
    for (let round = 0; !enough.signal.aborted; round++) {
      await writer.run(`BEGIN; UPDATE items SET price = price + 1 WHERE id = ${1 + (round % 300)};
        UPDATE prices SET amount = amount + 1 WHERE id = ${1 + (round % 40)}; INSERT INTO pairs VALUES (${1000 + round}, 'new', 0); COMMIT`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  await eventually(async () => (await pipeline.status()).loaded > 3);
  const result = await pipeline.operate((context) => syncNewTables(context, { tables: null, operation: null }));
  expect(result.tables.map(({ state }) => state)).toEqual(['copied', 'copied']);
  const { loaded } = await pipeline.status();
  await eventually(async () => (await pipeline.status()).loaded > loaded + 2);
  enough.abort();
  await writing;
  await writer.end();
  await following.stop();
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
}

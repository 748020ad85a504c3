import { expect, it } from 'vitest';
import { syncStructure } from '../../core/operations/structure/sync-structure.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** MySQL numbers no columns: what a rename was is not proved, and nothing is guessed. */

const SETUP = `CREATE TABLE items (id int PRIMARY KEY, name varchar(20), n int, price decimal(8,2));
  INSERT INTO items VALUES (1, 'one', 1, 1.5), (2, 'two', 2, 2.5), (3, NULL, NULL, NULL)`;

async function open(): Promise<TestPipeline> {
  const pipeline = await TestPipeline.open({ ...sharedServers('mysql'), setup: SETUP, tables: ['items'] });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

const sync = (pipeline: TestPipeline, apply: boolean) =>
  pipeline.operate((context) => syncStructure(context, { tables: null, apply, load: true }));

it('a narrower type is applied where every row fits', async () => {
  await using pipeline = await open();
  await pipeline.write('UPDATE items SET n = 5 WHERE id = 1');
  await pipeline.write('ALTER TABLE items MODIFY name varchar(10), ADD COLUMN extra varchar(5) DEFAULT "e"');
  await pipeline.write(`UPDATE items SET name = 'new' WHERE id = 2; INSERT INTO items (id, name) VALUES (4, 'four')`);
  expect((await pipeline.delta()).stopped).toHaveLength(1);
  expect((await sync(pipeline, false)).tables[0]?.differences.map((one) => one.class)).toEqual(['unsafe', 'safe']);
  expect(await sync(pipeline, true)).toMatchObject({ changes: 2, stopped: [], tables: [{ state: 'synced' }] });
  expect(await pipeline.differences()).toEqual([]);
  await pipeline.write(`UPDATE items SET extra = 'x' WHERE id = 1`);
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
});

it('a renamed column is left, and the table is copied anew', async () => {
  await using pipeline = await open();
  await pipeline.write('ALTER TABLE items CHANGE name title varchar(20)');
  await pipeline.write(`UPDATE items SET title = 'new' WHERE id = 2`);
  expect((await pipeline.delta()).stopped).toHaveLength(1);
  const { tables, stopped } = await sync(pipeline, true);
  expect(tables).toMatchObject([{ state: 'left', resumed: false }]);
  expect(tables[0]?.reason).toMatch(/name was dropped or renamed: the source does not tell which/);
  expect(stopped).toHaveLength(1);
  await pipeline.copied();
  await pipeline.write(`UPDATE items SET title = 'newer' WHERE id = 1`);
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
});

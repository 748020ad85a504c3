import { describe, expect, it } from 'vitest';
import { rollback } from '../../core/operations/rollback/rollback.ts';
import { syncStructure, type SyncStructureResult } from '../../core/operations/structure/sync-structure.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** What stops a table for its structure is shown, made good where no row loses anything, and the table goes on without a gap. */

const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, name varchar(20), n integer, price numeric(8,2));
  INSERT INTO items SELECT n, 'item ' || n, n, n * 1.5 FROM generate_series(1, 5) n;
  CREATE TABLE other (id integer PRIMARY KEY, n integer); INSERT INTO other VALUES (1, 0)`;
const ITEMS = 'public.items';

async function open(transfer: 'mirror' | 'history' = 'mirror'): Promise<TestPipeline> {
  const tables = [{ name: ITEMS, transfer }, 'public.other'];
  const pipeline = await TestPipeline.open({
    ...sharedServers('postgres'),
    setup: SETUP,
    tables,
    more: { extracts: { rows: 3 } },
  });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

function sync(pipeline: TestPipeline, apply: boolean): Promise<SyncStructureResult> {
  return pipeline.operate((context) => syncStructure(context, { tables: null, apply, load: true }));
}

const columnsOf = async (pipeline: TestPipeline): Promise<(string | null)[]> =>
  (
    await pipeline.rows(
      `SELECT CONCAT(column_name, ' ', column_type) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'items' ORDER BY ordinal_position`,
    )
  ).map(([text]) => text ?? null);

/** Writes before, between and after the changes of structure, which stop the table; the log is read as it is written. */
async function stopBy(pipeline: TestPipeline, ...changes: readonly string[]): Promise<void> {
  await pipeline.write(`UPDATE items SET n = 100 WHERE id = 1; INSERT INTO items (id, n) VALUES (50, 50)`);
  await pipeline.followed();
  for (const change of changes) {
    await pipeline.write(change);
    await pipeline.write(
      `INSERT INTO items (id, n) SELECT max(id) + 1, 7 FROM items; UPDATE items SET n = 8 WHERE id = 3`,
    );
    await pipeline.delta();
  }
  await pipeline.write(`DELETE FROM items WHERE id = 2; UPDATE other SET n = n + 1`);
  expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
}

describe.each(['mirror', 'history'] as const)('a table that stopped goes on after (%s)', (transfer) => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['a renamed column', ['ALTER TABLE items RENAME COLUMN name TO title'], ['safe']],
    [
      'several renames',
      ['ALTER TABLE items RENAME COLUMN name TO title', 'ALTER TABLE items RENAME COLUMN title TO label'],
      ['safe'],
    ],
    [
      'names that moved on',
      ['ALTER TABLE items RENAME COLUMN price TO cost; ALTER TABLE items RENAME COLUMN name TO price'],
      ['safe', 'safe'],
    ],
    ['a dropped column', ['ALTER TABLE items DROP COLUMN name'], ['safe']],
    ['a narrower type', [`ALTER TABLE items ALTER COLUMN name TYPE varchar(10)`], ['unsafe']],
    [
      'much at once',
      [
        `ALTER TABLE items RENAME COLUMN name TO title; ALTER TABLE items DROP COLUMN price, ADD COLUMN extra text DEFAULT 'e', ALTER COLUMN title TYPE varchar(40)`,
      ],
      ['safe', 'safe', 'safe', 'safe'],
    ],
  ])('%s', async (_, changes, classes) => {
    await using pipeline = await open(transfer);
    await stopBy(pipeline, ...changes);
    const [columns, rows] = [await columnsOf(pipeline), await pipeline.rows('SELECT * FROM items ORDER BY id')];
    const shown = await sync(pipeline, false);
    expect(shown.tables).toMatchObject([
      { table: ITEMS, state: 'different', resumed: true, reason: null },
      { table: 'public.other', state: 'same', resumed: false },
    ]);
    expect(shown.tables[0]?.differences.map((difference) => difference.class)).toEqual(classes);
    expect([await columnsOf(pipeline), await pipeline.rows('SELECT * FROM items ORDER BY id')]).toEqual([
      columns,
      rows,
    ]);
    expect((await pipeline.delta()).stopped).toEqual([ITEMS]);

    const done = await sync(pipeline, true);
    expect(done).toMatchObject({ changes: classes.length, stopped: [] });
    expect(done.tables[0]).toMatchObject({ state: 'synced', resumed: true });
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.write(
      'UPDATE items SET n = 5 WHERE id = 5; INSERT INTO items (id, n) VALUES (60, 60); UPDATE other SET n = n + 1',
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect((await sync(pipeline, true)).tables.map(({ state }) => state)).toEqual(['same', 'same']);
    expect(await pipeline.rows('SELECT n FROM other')).toEqual([['2']]);

    // Older structures are known to a rollback, too.
    const before = await pipeline.rows('SELECT * FROM items ORDER BY id, n');
    await pipeline.operate((context) => rollback(context, { to: 1, tables: null, dryRun: false, load: true }));
    expect(await pipeline.rows('SELECT * FROM items ORDER BY id, n')).toEqual(before);
    expect(await pipeline.differences()).toEqual([]);
  });
});

describe('a dropped column', () => {
  it('is kept with what it has, and none of its name is added to it', async () => {
    await using pipeline = await open();
    await stopBy(pipeline, 'ALTER TABLE items DROP COLUMN name');
    await sync(pipeline, true);
    expect(await pipeline.rows('SELECT id, name FROM items WHERE id IN (3, 50, 51) ORDER BY id')).toEqual([
      ['3', 'item 3'],
      ['50', null],
      ['51', null],
    ]);
    await pipeline.write(
      `ALTER TABLE items ADD COLUMN name varchar(20); INSERT INTO items (id, name) VALUES (70, 'x')`,
    );
    expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
    const [left] = (await sync(pipeline, true)).tables;
    expect(left).toMatchObject({ state: 'left', resumed: false });
    expect(left?.reason).toMatch(/still has the one that was dropped/);
    await pipeline.rows('ALTER TABLE items DROP COLUMN name');
    expect(await sync(pipeline, true)).toMatchObject({ changes: 1, stopped: [] });
    expect(await pipeline.differences()).toEqual([]);
  });
});

describe('what would lose or invent a value is left', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['another type', ['ALTER TABLE items ALTER COLUMN price TYPE text'], /converted/],
    [
      'a type into which rows do not fit',
      ['ALTER TABLE items ALTER COLUMN price TYPE numeric(8,1)'],
      /1 row has|rows have/,
    ],
    [
      'a type that was narrow for a while',
      [
        'ALTER TABLE items ALTER COLUMN price TYPE numeric(8,0)',
        'ALTER TABLE items ALTER COLUMN price TYPE numeric(8,2)',
      ],
      /on the way/,
    ],
    [
      'a column with values of its own in each row',
      ['ALTER TABLE items ADD COLUMN token uuid DEFAULT gen_random_uuid()'],
      /log does not hold/,
    ],
  ])('%s', async (_, changes, reason) => {
    await using pipeline = await open();
    const before = await columnsOf(pipeline);
    await pipeline.write('UPDATE items SET price = price + 0.25');
    await pipeline.followed();
    await stopBy(pipeline, ...changes);
    const { tables } = await sync(pipeline, true);
    expect(tables[0]).toMatchObject({ state: 'left', resumed: false });
    expect(tables[0]?.reason).toMatch(reason);
    expect(await columnsOf(pipeline)).toEqual(before);
    expect(await pipeline.stateOf(ITEMS)).toMatchObject({ tag: 'stopped', code: 'PS4005' });
    await pipeline.fullExtract([ITEMS]);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});

describe('a table that follows', () => {
  it('is made the same before the log brings rows of the new structure, and older rows still fit', async () => {
    await using pipeline = await open();
    await pipeline.write(`UPDATE items SET name = 'first' WHERE id = 1`);
    await pipeline.followed();
    await pipeline.write(
      `ALTER TABLE items RENAME COLUMN name TO title; ALTER TABLE items ADD COLUMN extra text DEFAULT 'e'`,
    );
    expect(await sync(pipeline, false)).toMatchObject({ tables: [{ state: 'different', resumed: false }, {}] });
    expect(await sync(pipeline, true)).toMatchObject({ changes: 2, stopped: [] });
    expect(await columnsOf(pipeline)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('title') as unknown,
        expect.stringContaining('extra') as unknown,
      ]),
    );
    await pipeline.write(
      `UPDATE items SET title = 'second' WHERE id = 2; INSERT INTO items (id, title) VALUES (9, 'nine')`,
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.write('ALTER TABLE items DROP COLUMN extra; UPDATE items SET n = 1');
    expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
    expect(await sync(pipeline, true)).toMatchObject({ changes: 1, stopped: [] });
    expect(await pipeline.differences()).toEqual([]);
  });

  it('names what cannot be compared, and an unknown table', async () => {
    await using pipeline = await open();
    pipeline.configuration.tables = [ITEMS, 'public.other', 'public.absent'];
    await pipeline.write('DROP TABLE other');
    const { tables } = await sync(pipeline, false);
    expect(tables.map(({ state }) => state)).toEqual(['same', 'left', 'left']);
    expect(tables[1]?.reason).toMatch(/^PS1005/);
    expect(tables[2]?.reason).toMatch(/never copied/);
    const unknown = pipeline.operate((context) =>
      syncStructure(context, { tables: ['a.b'], apply: true, load: false }),
    );
    expect(await pipeline.failure(unknown)).toMatchObject({ code: 'PS1005' });
  });
});

describe('an interruption', () => {
  it.each(['sync.after-rename@1', 'sync.after-rename@2', 'sync.after-changes@1'])(
    'at %s is gone on with',
    async (place) => {
      await using pipeline = await open();
      await stopBy(
        pipeline,
        `ALTER TABLE items RENAME COLUMN price TO cost; ALTER TABLE items RENAME COLUMN name TO price; ALTER TABLE items ADD COLUMN name text DEFAULT 'd'`,
      );
      let passes = Number(place.split('@')[1]);
      const interrupted = pipeline.operate(({ host, ...context }) => {
        const failpoint = (name: string): Promise<void> =>
          name === place.split('@')[0] && --passes === 0 ? Promise.reject(new Error('interrupted')) : Promise.resolve();
        return syncStructure({ ...context, host: { ...host, failpoint } }, { tables: null, apply: true, load: true });
      });
      await expect(interrupted).rejects.toThrow('interrupted');
      expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
      expect(await sync(pipeline, true)).toMatchObject({ stopped: [] });
      expect(await pipeline.differences()).toEqual([]);
      await pipeline.write(`UPDATE items SET name = 'x', price = 'y', cost = 2 WHERE id = 4`);
      await pipeline.followed();
      expect(await pipeline.differences()).toEqual([]);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { rollback } from '../../core/operations/rollback/rollback.ts';
import { syncStructure, type SyncStructureResult } from '../../core/operations/structure/sync-structure.ts';
import { sharedServers, TestPipeline, type Section } from '../fixtures/pipeline.ts';

/** What the policy lets be done is done by the loader as it meets it, at its place in the log; what it does not waits. */

const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, name varchar(20), n integer NOT NULL, price numeric(8,2));
  INSERT INTO items SELECT n, 'item ' || n, n * 10, n * 1.5 FROM generate_series(1, 5) n;
  CREATE TABLE other (id integer PRIMARY KEY, n integer); INSERT INTO other VALUES (1, 0)`;
const ITEMS = 'public.items';
const ALL = { rename: 'automatic', drop: 'keep', narrow: 'automatic', key: 'automatic' };

interface Opened {
  readonly transfer?: 'mirror' | 'history';
  readonly structure?: Section;
  readonly setup?: string;
  readonly destination?: Section;
}

async function open({ transfer = 'mirror', structure = {}, setup = SETUP, destination = {} }: Opened = {}) {
  const tables = [{ name: ITEMS, transfer, structure }, 'public.other'];
  const more = { extracts: { rows: 1000, seconds: 1000 } };
  const pipeline = await TestPipeline.open({ ...sharedServers('postgres'), setup, tables, more, destination });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

const sync = (pipeline: TestPipeline, apply: boolean, dropColumns = false): Promise<SyncStructureResult> =>
  pipeline.operate((context) => syncStructure(context, { tables: null, apply, dropColumns, load: true }));

const columnsOf = async (pipeline: TestPipeline): Promise<(string | null)[]> =>
  (
    await pipeline.rows(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'items' ORDER BY ordinal_position`,
    )
  ).map(([text]) => text ?? null);

const keyOf = async (pipeline: TestPipeline): Promise<(string | null)[]> =>
  (
    await pipeline.rows(
      `SELECT column_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'items' AND index_name = 'PRIMARY' ORDER BY seq_in_index`,
    )
  ).map(([text]) => text ?? null);

describe.each(['mirror', 'history'] as const)('what is automatic is followed (%s)', (transfer) => {
  it.each<[string, string, string[], string[]]>([
    ['a rename', 'ALTER TABLE items RENAME COLUMN name TO title', ['title'], ['name']],
    ['a dropped column that is kept', 'ALTER TABLE items DROP COLUMN name', ['name'], []],
    ['a narrower type', 'ALTER TABLE items ALTER COLUMN name TYPE varchar(10)', ['name'], []],
    [
      'another key',
      'ALTER TABLE items DROP CONSTRAINT items_pkey; ALTER TABLE items ADD PRIMARY KEY (n)',
      ['id', 'n'],
      [],
    ],
    ['a renamed key column', 'ALTER TABLE items RENAME COLUMN id TO no', ['no'], ['id']],
    [
      'much at once',
      `ALTER TABLE items RENAME COLUMN id TO no; ALTER TABLE items ADD COLUMN extra text DEFAULT 'e', DROP COLUMN price;
       ALTER TABLE items DROP CONSTRAINT items_pkey; ALTER TABLE items ADD PRIMARY KEY (n, no)`,
      ['no', 'n', 'name', 'extra', 'price'],
      ['id'],
    ],
  ])('%s', async (_, change, has, hasNot) => {
    await using pipeline = await open({ transfer, structure: ALL });
    const key = change.includes('RENAME COLUMN id TO no') ? 'no' : 'id';
    await pipeline.write(`UPDATE items SET name = 'first', n = 11 WHERE id = 1; DELETE FROM items WHERE id = 2`);
    await using following = pipeline.follow();
    await pipeline.write(change);
    await pipeline.write(
      `INSERT INTO items (${key}, n) VALUES (50, 500); UPDATE items SET n = 31 WHERE ${key} = 3; DELETE FROM items WHERE ${key} = 4;
       UPDATE other SET n = n + 1`,
    );
    await following.stop();
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await columnsOf(pipeline)).toEqual(expect.arrayContaining(has));
    for (const name of hasNot) expect(await columnsOf(pipeline)).not.toContain(name);
    await pipeline.write(`UPDATE items SET n = 51 WHERE ${key} = 50; DELETE FROM items WHERE ${key} = 5`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect((await sync(pipeline, false)).tables.map(({ state }) => state)).toEqual(['same', 'same']);
    expect(pipeline.events.filter(({ type }) => type === 'StructureChanged').length).toBeGreaterThan(0);
    const before = await pipeline.rows('SELECT * FROM items ORDER BY n, 1, 2, 3');
    await pipeline.operate((context) => rollback(context, { to: 1, tables: null, dryRun: false, load: true }));
    expect(await pipeline.rows('SELECT * FROM items ORDER BY n, 1, 2, 3')).toEqual(before);
    if (transfer === 'history') expect(before.length).toBeGreaterThan(5);
  });
});

describe('a column that is dropped by policy', () => {
  it('is dropped when the log brings it, and another one may take its name', async () => {
    await using pipeline = await open({ structure: { ...ALL, drop: 'drop' } });
    await pipeline.write(`UPDATE items SET name = 'last' WHERE id = 1`);
    await pipeline.write(`ALTER TABLE items DROP COLUMN name; UPDATE items SET n = 1 WHERE id = 1`);
    await pipeline.followed();
    expect(await columnsOf(pipeline)).not.toContain('name');
    await pipeline.write(`ALTER TABLE items ADD COLUMN name integer DEFAULT 7; UPDATE items SET n = 2 WHERE id = 1`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await pipeline.rows('SELECT DISTINCT name FROM items')).toEqual([['7']]);
    const before = await pipeline.rows('SELECT * FROM items ORDER BY id');
    // The log of before was read when the column was gone: whose values they are is not guessed, and the rows stay as they are.
    const rolledBack = await pipeline.operate((context) =>
      rollback(context, { to: 1, tables: null, dryRun: false, load: true }),
    );
    expect(rolledBack.stopped).toEqual([ITEMS]);
    const stopped = (await pipeline.status()).tables.find(({ table }) => table === ITEMS)?.state;
    expect(stopped).toMatchObject({
      tag: 'stopped',
      code: 'PS4005',
      message: expect.stringContaining('name') as string,
    });
    expect(await pipeline.rows('SELECT * FROM items ORDER BY id')).toEqual(before);
  });

  it('or when it is asked for, shown before, also one that was kept earlier', async () => {
    await using pipeline = await open({ structure: { drop: 'keep' } });
    await pipeline.write('ALTER TABLE items DROP COLUMN name; UPDATE items SET n = 1 WHERE id = 1');
    await pipeline.followed();
    expect(await columnsOf(pipeline)).toContain('name');
    await pipeline.write('ALTER TABLE items DROP COLUMN price');
    const shown = await sync(pipeline, false, true);
    expect(shown.tables[0]?.differences).toMatchObject([
      { what: 'column price was dropped', class: 'unsafe' },
      { what: 'column name was dropped earlier', class: 'unsafe' },
    ]);
    expect(await columnsOf(pipeline)).toEqual(expect.arrayContaining(['name', 'price']));
    expect(await sync(pipeline, true, true)).toMatchObject({ changes: 2 });
    expect((await columnsOf(pipeline)).sort()).toEqual(['id', 'n']);
    await pipeline.write('UPDATE items SET n = 2 WHERE id = 2');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});

describe('what waits', () => {
  it.each<[string, Section, string]>([
    ['an added column', { add: 'wait' }, 'ALTER TABLE items ADD COLUMN extra text'],
    ['a wider type', { widen: 'wait' }, 'ALTER TABLE items ALTER COLUMN name TYPE varchar(40)'],
    ['another key', {}, 'ALTER TABLE items DROP CONSTRAINT items_pkey; ALTER TABLE items ADD PRIMARY KEY (n)'],
    ['a renamed key column', {}, 'ALTER TABLE items RENAME COLUMN id TO no'],
  ])('%s stops the table until it is asked for', async (_, structure, change) => {
    await using pipeline = await open({ structure });
    const key = change.includes('RENAME') ? 'no' : 'id';
    await pipeline.write(`UPDATE items SET n = 5 WHERE id = 1`);
    await pipeline.followed();
    await pipeline.write(`${change}; INSERT INTO items (${key}, n) VALUES (50, 500)`);
    expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
    const before = [await columnsOf(pipeline), await keyOf(pipeline)];
    expect((await sync(pipeline, false)).tables[0]).toMatchObject({ state: 'different', resumed: true });
    expect([await columnsOf(pipeline), await keyOf(pipeline)]).toEqual(before);
    await pipeline.write(`DELETE FROM items WHERE ${key} = 3; UPDATE items SET n = 7 WHERE ${key} = 50`);
    expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
    const done = await sync(pipeline, true);
    expect(done, JSON.stringify(done)).toMatchObject({ stopped: [], tables: [{ state: 'synced', resumed: true }, {}] });
    expect(await pipeline.differences()).toEqual([]);
  });
});

const KEYED = 'ALTER TABLE items DROP CONSTRAINT items_pkey; ALTER TABLE items ADD PRIMARY KEY (n)';

describe('another key', () => {
  it('is not taken over before the log brings rows under it', async () => {
    await using pipeline = await open();
    await pipeline.write(`UPDATE items SET n = 77 WHERE id = 1; ${KEYED}`);
    expect((await sync(pipeline, true)).tables[0]).toMatchObject({ state: 'left', resumed: false });
    expect(await keyOf(pipeline)).toEqual(['id']);
    await pipeline.followed();
    expect(await pipeline.rows('SELECT n FROM items WHERE id = 1')).toEqual([['77']]);
    expect((await pipeline.verify()).tables.find(({ table }) => table === ITEMS)).toMatchObject({
      tag: 'notComparable',
      reason: expect.stringContaining('structure') as string,
    });
  });

  it('that the rows do not have is impossible, and says how many', async () => {
    await using pipeline = await open({ structure: ALL });
    await pipeline.rows(`UPDATE items SET n = 20 WHERE id IN (3, 4)`);
    await pipeline.write(`${KEYED}; INSERT INTO items (id, n) VALUES (50, 500)`);
    expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
    const { tables } = await sync(pipeline, true);
    expect(tables[0]).toMatchObject({ state: 'left', differences: [{ class: 'impossible' }] });
    expect(tables[0]?.reason).toMatch(/3 rows share it with others/);
    await pipeline.rows(`UPDATE items SET n = NULL WHERE id = 4`);
    expect((await sync(pipeline, true)).tables[0]?.reason).toMatch(/1 row has NULL/);
    expect(await keyOf(pipeline)).toEqual(['id']);
    expect(await pipeline.rows(`SHOW TABLES LIKE 'items%'`)).toEqual([['items']]);
  });

  it('changed inside a transaction that wrote rows under both is not taken over', async () => {
    await using pipeline = await open({ structure: ALL });
    await pipeline.write(
      `BEGIN; UPDATE items SET price = 1 WHERE id = 1; ${KEYED}; UPDATE items SET price = 2 WHERE id = 1; COMMIT`,
    );
    expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
    expect((await sync(pipeline, true)).tables[0]).toMatchObject({ state: 'left' });
    await pipeline.fullExtract([ITEMS]);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('is not taken over where the destination table must stay', async () => {
    await using pipeline = await open({ structure: ALL, destination: { truncateInsteadOfDrop: true } });
    await pipeline.write(`${KEYED}; INSERT INTO items (id, n) VALUES (50, 500)`);
    expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
    expect((await sync(pipeline, true)).tables[0]?.reason).toMatch(/truncateInsteadOfDrop/);
    expect((await pipeline.fullExtract([ITEMS])).tables[0]?.error).toMatchObject({ code: 'PS4005' });
    await pipeline.rows('DROP TABLE items');
    await pipeline.fullExtract([ITEMS]);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('of a table that had none numbers no rows any more, and columns of others stay', async () => {
    const setup = SETUP.replace('id integer PRIMARY KEY, name', 'id integer NOT NULL, name');
    await using pipeline = await open({
      setup: `${setup}; ALTER TABLE items REPLICA IDENTITY FULL`,
      structure: ALL,
    });
    await pipeline.rows(`ALTER TABLE items ADD COLUMN mine VARCHAR(9) NOT NULL DEFAULT 'm'`);
    await pipeline.write(`UPDATE items SET n = 5 WHERE id = 1; INSERT INTO items (id, n) VALUES (9, 9)`);
    await pipeline.write('ALTER TABLE items ADD PRIMARY KEY (id)');
    await pipeline.write('ALTER TABLE items REPLICA IDENTITY DEFAULT; UPDATE items SET n = 6 WHERE id = 1');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await keyOf(pipeline)).toEqual(['id']);
    expect(await columnsOf(pipeline)).not.toContain('__row');
    expect(await pipeline.rows('SELECT mine FROM items WHERE id = 1')).toEqual([['m']]);
  });
});

describe.each(['automatic', 'asked for'] as const)('an interruption of a new key that is %s', (how) => {
  it.each(['rebuild.after-copy', 'sync.after-rebuild', 'sync.after-changes', 'rebuild.half-swapped'])(
    'at %s is gone on with',
    async (place) => {
      await using pipeline = await open({ structure: how === 'automatic' ? ALL : {}, transfer: 'history' });
      await pipeline.write(`UPDATE items SET n = 11 WHERE id = 1; ALTER TABLE items RENAME COLUMN price TO cost`);
      await pipeline.write(
        `${KEYED}; UPDATE items SET n = 12 WHERE id = 1; INSERT INTO items (id, n) VALUES (50, 500)`,
      );
      if (how === 'asked for') expect((await pipeline.delta()).stopped).toEqual([ITEMS]);
      pipeline.environment['PENSTOCK_FAILPOINT'] = `${place}@1:error`;
      if (how === 'asked for') expect(await sync(pipeline, true)).toMatchObject({ stopped: [] });
      await pipeline.followed();
      expect(await keyOf(pipeline)).toEqual(['n', '__seq']);
      expect(await pipeline.differences()).toEqual([]);
      expect(await pipeline.rows(`SHOW TABLES LIKE 'items%'`)).toEqual([['items']]);
    },
  );
});

describe('on MySQL', () => {
  it('another key is followed by policy; what the log does not tell is not', async () => {
    const tables = [{ name: 'items', structure: ALL }, 'other'];
    const setup = `CREATE TABLE items (id INT PRIMARY KEY, name VARCHAR(20), n INT NOT NULL);
      INSERT INTO items VALUES (1, 'a', 10), (2, 'b', 20); CREATE TABLE other (id INT PRIMARY KEY, n INT); INSERT INTO other VALUES (1, 0)`;
    await using pipeline = await TestPipeline.open({ ...sharedServers('mysql'), setup, tables });
    await pipeline.copied();
    await pipeline.write(`UPDATE items SET name = 'c' WHERE id = 1`);
    await pipeline.write(`ALTER TABLE items DROP PRIMARY KEY, ADD PRIMARY KEY (n)`);
    await pipeline.write(
      `INSERT INTO items VALUES (1, 'd', 30); UPDATE items SET n = 21 WHERE n = 20; UPDATE other SET n = 1`,
    );
    await pipeline.followed();
    expect(await keyOf(pipeline)).toEqual(['n']);
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.write('ALTER TABLE items DROP COLUMN name; UPDATE items SET id = 5 WHERE n = 30');
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('items')]);
  });
});

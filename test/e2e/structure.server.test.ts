import { describe, expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** The source's structure changes: what is safe is applied, anything else stops that table alone and says so. */

const servers = sharedServers('postgres');
const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, name varchar(20), n smallint, price numeric(6,2));
  INSERT INTO items SELECT n, 'item ' || n, n, n * 1.25 FROM generate_series(1, 5) n;
  CREATE TABLE other (id integer PRIMARY KEY, n integer); INSERT INTO other VALUES (1, 0)`;

async function open(transfer: 'mirror' | 'history' = 'mirror'): Promise<TestPipeline> {
  const pipeline = await TestPipeline.open({
    ...servers,
    setup: SETUP,
    tables: [{ name: 'public.items', transfer }, 'public.other'],
  });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

async function columnType(pipeline: TestPipeline, column: string): Promise<string | null> {
  const rows = await pipeline.rows(
    `SELECT column_type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'items' AND column_name = '${column}'`,
  );
  return rows[0]?.[0] ?? null;
}

describe('is applied by itself', () => {
  it.each(['mirror', 'history'] as const)('an added column, with what its old rows have: %s', async (transfer) => {
    await using pipeline = await open(transfer);
    await pipeline.write(`UPDATE items SET n = 10 WHERE id = 1; ALTER TABLE items ADD COLUMN plain text`);
    await pipeline.write(`INSERT INTO items VALUES (6, 'six', 6, 6, 'plain 6')`);
    await pipeline.write(`ALTER TABLE items ADD COLUMN word text NOT NULL DEFAULT E'a\\tb''\\\\', ADD COLUMN num numeric(5,2) DEFAULT 1.5, ADD COLUMN yes boolean DEFAULT true,
      ADD COLUMN at timestamptz DEFAULT '2024-03-10 12:00+02', ADD COLUMN raw bytea DEFAULT '\\x00ff', ADD COLUMN ratio double precision DEFAULT 0.1, ADD COLUMN day date DEFAULT '2024-02-29'`);
    await pipeline.write(
      `UPDATE items SET n = 11 WHERE id = 2; INSERT INTO items (id, word, num) VALUES (7, 'own', NULL)`,
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    const old = `SELECT word, num, yes, at, HEX(raw), ratio, day FROM items WHERE id = 3`;
    expect(await pipeline.rows(old)).toEqual([
      ["a\tb'\\", '1.50', '1', '2024-03-10 10:00:00.000000', '00FF', '0.1', '2024-02-29'],
    ]);
    expect(pipeline.events.filter(({ type }) => type === 'StructureChanged')).toHaveLength(8);
    await pipeline.write(
      `DELETE FROM items WHERE id = 4; UPDATE items SET word = 'new' WHERE id = 5; ALTER TABLE items ALTER COLUMN word SET DEFAULT 'later'; INSERT INTO items (id) VALUES (8)`,
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a wider type', async () => {
    await using pipeline = await open();
    await pipeline.write(`UPDATE items SET n = 7 WHERE id = 1`);
    await pipeline.write(
      `ALTER TABLE items ALTER COLUMN name TYPE varchar(40), ALTER COLUMN n TYPE bigint, ALTER COLUMN price TYPE numeric(12,2)`,
    );
    await pipeline.write(
      `INSERT INTO items VALUES (6, repeat('x', 40), 9223372036854775807, 1234567890.12); ALTER TABLE items ALTER COLUMN name TYPE text`,
    );
    await pipeline.write(
      `UPDATE items SET name = repeat('y', 70000) WHERE id = 2; ALTER TABLE items ALTER COLUMN id TYPE bigint`,
    );
    await pipeline.write(`UPDATE items SET id = 9000000000 WHERE id = 3`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await columnType(pipeline, 'n')).toMatch(/^bigint/);
    expect(await columnType(pipeline, 'price')).toBe('decimal(12,2)');
  });

  it('a label that is added to an enum, and a constraint or an index', async () => {
    await using pipeline = await open();
    await pipeline.write(`CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE moods (id integer PRIMARY KEY, m mood)`);
    pipeline.configuration.tables = ['public.items', 'public.other'];
    await pipeline.write(
      `ALTER TABLE items ADD CONSTRAINT positive CHECK (n > 0); CREATE INDEX ON items (name); ALTER TABLE items ALTER COLUMN name SET NOT NULL; UPDATE items SET n = 8 WHERE id = 2`,
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});

describe('stops the table, and the others go on', () => {
  const cases: readonly (readonly [what: string, ddl: string, insert: string, column: RegExp])[] = [
    [
      'a column whose default was computed for each row',
      'ALTER TABLE items ADD COLUMN token uuid DEFAULT gen_random_uuid()',
      '(id) VALUES (6)',
      /token/,
    ],
    ['a serial column', 'ALTER TABLE items ADD COLUMN num serial', '(id) VALUES (6)', /num/],
    [
      'a stored generated column',
      'ALTER TABLE items ADD COLUMN twice integer GENERATED ALWAYS AS (n * 2) STORED',
      '(id, n) VALUES (6, 1)',
      /twice/,
    ],
    [
      'a default of which a rewrite removed the trace',
      'ALTER TABLE items ADD COLUMN late integer DEFAULT 7; ALTER TABLE items ALTER COLUMN n TYPE integer',
      '(id) VALUES (6)',
      /late/,
    ],
    ['a dropped column', 'ALTER TABLE items DROP COLUMN name', '(id, n) VALUES (6, 1)', /name/],
    ['a renamed column', 'ALTER TABLE items RENAME COLUMN name TO title', '(id, n) VALUES (6, 1)', /name/],
    ['a narrower type', 'ALTER TABLE items ALTER COLUMN name TYPE varchar(10)', '(id, n) VALUES (6, 1)', /name/],
    ['another type', 'ALTER TABLE items ALTER COLUMN n TYPE text', `(id, n) VALUES (6, 'x')`, /\bn\b/],
    [
      'another key',
      'ALTER TABLE items DROP CONSTRAINT items_pkey; ALTER TABLE items ADD PRIMARY KEY (id, n)',
      '(id, n) VALUES (6, 1)',
      /key/,
    ],
    ['a renamed key column', 'ALTER TABLE items RENAME COLUMN id TO number', '(number, n) VALUES (6, 1)', /\bid\b/],
    [
      'a column that was dropped and added again',
      'ALTER TABLE items DROP COLUMN name; ALTER TABLE items ADD COLUMN name varchar(20)',
      '(id, n) VALUES (6, 1)',
      /name/,
    ],
    [
      'two columns that changed their names',
      'ALTER TABLE items ADD COLUMN first text, ADD COLUMN second text; UPDATE items SET first = 1, second = 2; ALTER TABLE items RENAME COLUMN first TO third; ALTER TABLE items RENAME COLUMN second TO first; ALTER TABLE items RENAME COLUMN third TO second',
      '(id, n) VALUES (6, 1)',
      /first|second/,
    ],
    [
      'the last added column, dropped again',
      'ALTER TABLE items ADD COLUMN extra text; UPDATE items SET extra = n; ALTER TABLE items DROP COLUMN extra',
      '(id, n) VALUES (6, 1)',
      /extra/,
    ],
  ];

  it.each(cases)('%s', async (_, ddl, insert, column) => {
    await using pipeline = await open();
    await pipeline.write(`INSERT INTO items (id, n) VALUES (100, 1); ${ddl}`);
    await pipeline.write(`INSERT INTO items ${insert}; UPDATE other SET n = 1`);
    const result = await pipeline.delta();
    expect(result.stopped).toEqual(['public.items']);
    const state = await pipeline.stateOf('public.items');
    expect(state).toMatchObject({ tag: 'stopped', code: 'PS4005' });
    expect(state.tag === 'stopped' && state.message).toMatch(column);
    expect(state.tag === 'stopped' && state.remedy).toMatch(/full-extract/);
    expect(await pipeline.rows('SELECT n FROM other')).toEqual([['1']]);
    await pipeline.write('UPDATE other SET n = 2');
    expect((await pipeline.delta()).stopped).toEqual(['public.items']);
    expect(await pipeline.rows('SELECT n FROM other')).toEqual([['2']]);

    pipeline.configuration.tables = [{ name: 'public.items', redoInitialExtract: true }, 'public.other'];
    expect((await pipeline.fullExtract(['public.items'])).tables).toMatchObject([{ state: 'copied' }]);
    await pipeline.write(
      `UPDATE other SET n = 3; UPDATE items SET price = 5 WHERE price IS NULL; DELETE FROM items WHERE price > 6`,
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a table that lost its key: nothing is stuck once its rows can be told apart again', async () => {
    await using pipeline = await open();
    await pipeline.write(
      'ALTER TABLE items DROP CONSTRAINT items_pkey; INSERT INTO items (id, n) VALUES (6, 1); UPDATE other SET n = 1',
    );
    const error = await pipeline.failure(pipeline.delta());
    expect(error).toMatchObject({ code: 'PS2011', table: 'public.items', retry: 'manual' });
    expect(error.remedy).toMatch(/REPLICA IDENTITY FULL/);
    await pipeline.write('ALTER TABLE items REPLICA IDENTITY FULL; UPDATE items SET n = 2; UPDATE other SET n = 2');
    expect((await pipeline.delta()).stopped).toEqual(['public.items']);
    expect(await pipeline.stateOf('public.items')).toMatchObject({ tag: 'stopped', code: 'PS4012' });
    expect(await pipeline.rows('SELECT n FROM other')).toEqual([['2']]);
    await pipeline.copied();
    await pipeline.write('UPDATE items SET n = 3; UPDATE other SET n = 3');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a table that is renamed for a while: no row of it is lost', async () => {
    await using pipeline = await open();
    await pipeline.write('ALTER TABLE items RENAME TO products');
    await pipeline.write('INSERT INTO products (id) VALUES (6); UPDATE other SET n = 1');
    expect((await pipeline.delta()).stopped).toEqual(['public.items']);
    expect(await pipeline.rows('SELECT n FROM other')).toEqual([['1']]);
    await pipeline.write('ALTER TABLE products RENAME TO items; UPDATE items SET n = 9 WHERE id = 1');
    // What it went through under the other name was passed over: it never goes on by itself.
    expect((await pipeline.delta()).stopped).toEqual(['public.items']);
    await pipeline.copied();
    await pipeline.write('UPDATE items SET n = 10 WHERE id = 1');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a table in whose place another one was put', async () => {
    await using pipeline = await open();
    await pipeline.write('INSERT INTO items (id) VALUES (6)');
    await pipeline.write('ALTER TABLE items RENAME TO items_old; CREATE TABLE items (LIKE items_old INCLUDING ALL)');
    await pipeline.write(
      'INSERT INTO items_old (id) VALUES (7); INSERT INTO items (id) VALUES (1); UPDATE other SET n = 1',
    );
    const error = await pipeline.failure(pipeline.delta());
    expect(error).toMatchObject({ code: 'PS2005', table: 'public.items', retry: 'manual' });
    await pipeline.write(/^ALTER PUBLICATION [^;]*/.exec(error.remedy)?.[0] ?? '');
    expect((await pipeline.delta()).stopped).toEqual(['public.items']);
    expect(await pipeline.stateOf('public.items')).toMatchObject({ tag: 'stopped', code: 'PS4012' });
    expect(await pipeline.rows('SELECT n FROM other')).toEqual([['1']]);
    await pipeline.copied();
    await pipeline.write('INSERT INTO items (id) VALUES (2)');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await pipeline.rows('SELECT id FROM items ORDER BY id')).toEqual([['1'], ['2']]);
  });
});

describe('around a copy', () => {
  it('DDL between the copy and the log is met where it stands in the log', async () => {
    await using pipeline = await open();
    await pipeline.write(`ALTER TABLE items ADD COLUMN extra text DEFAULT 'e'`);
    await pipeline.write(
      `INSERT INTO items (id) VALUES (6); ALTER TABLE items DROP COLUMN name; INSERT INTO items (id) VALUES (7); UPDATE other SET n = 5`,
    );
    expect((await pipeline.delta()).stopped).toEqual(['public.items']);
    expect(await pipeline.rows('SELECT n FROM other')).toEqual([['5']]);
    await pipeline.copied();
    await pipeline.write('INSERT INTO items (id) VALUES (8)');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a change in the middle of an extract, with rows of both structures', async () => {
    await using pipeline = await open();
    await pipeline.write(`BEGIN; INSERT INTO items (id, n) VALUES (6, 6); UPDATE items SET n = 60 WHERE id = 1; ALTER TABLE items ADD COLUMN extra integer DEFAULT 7;
      UPDATE items SET n = 61 WHERE id IN (1, 2); INSERT INTO items (id, extra) VALUES (7, 8); DELETE FROM items WHERE id = 3; UPDATE items SET id = 44 WHERE id = 4; COMMIT`);
    await pipeline.write(`ALTER TABLE items ALTER COLUMN name TYPE text`);
    await pipeline.write(
      `UPDATE items SET name = repeat('x', 50) WHERE id = 6; UPDATE items SET extra = NULL WHERE id = 6`,
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await pipeline.rows('SELECT extra FROM items WHERE id IN (1, 6) ORDER BY id')).toEqual([['7'], [null]]);
  });

  it('a rewrite of the table while the copy runs makes it begin again', async () => {
    await using pipeline = await open();
    await pipeline.write(`INSERT INTO items SELECT n, 'item', 1, 1 FROM generate_series(100, 40000) n`);
    pipeline.configuration.more = { extracts: { chunkBytes: 100_000 } };
    pipeline.environment['PENSTOCK_FAILPOINT'] = 'copy.after-begin@1:pause-500';
    const copying = pipeline.fullExtract(['public.items']);
    await pipeline.write('ALTER TABLE items ALTER COLUMN n TYPE integer');
    await copying;
    delete pipeline.environment['PENSTOCK_FAILPOINT'];
    await pipeline.write('UPDATE items SET n = 70000 WHERE id = 100');
    const { stopped } = await pipeline.delta();
    if (stopped.length > 0) await pipeline.copied();
    expect(await pipeline.differences()).toEqual([]);
  });
});

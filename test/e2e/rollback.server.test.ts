import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventuallyIs } from '../fixtures/eventually.ts';
import { withLease } from '../../core/catalog/lease.ts';
import { Loader } from '../../core/loads/load.ts';
import { loadContext } from '../../core/operations/contexts.ts';
import { rollbackPoints } from '../../core/operations/rollback/rollback-points.ts';
import { rollback, type RollbackOptions, type RollbackResult } from '../../core/operations/rollback/rollback.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { Random } from '../fixtures/random.ts';

/** Everything from an extract on is applied again: the destination ends as it was, and what was spoiled there is mended. */

const SEED = Number(process.env['PENSTOCK_SEED'] ?? 1);
const KEYS = 15;
const TABLES = ['mirrored', 'versions', 'heap', 'other'] as const;

/** `large` stays out of the log where an update leaves it as it is. */
const SETUP = `${['mirrored', 'versions']
  .map(
    (name) => `CREATE TABLE ${name} (id integer PRIMARY KEY, n integer, large text);
  ALTER TABLE ${name} ALTER COLUMN large SET STORAGE EXTERNAL;
  INSERT INTO ${name} SELECT k, 0, repeat('first ' || k, 500) FROM generate_series(1, 8) k;`,
  )
  .join('')}
  CREATE TABLE heap (n integer, word text); ALTER TABLE heap REPLICA IDENTITY FULL; INSERT INTO heap VALUES (1, 'a'), (1, 'a');
  CREATE TABLE other (id integer PRIMARY KEY, n integer); INSERT INTO other VALUES (1, 0);`;

/** What older rows have in them. */
const ADDED = `ADD COLUMN extra text DEFAULT 'e', ADD COLUMN num numeric(5,2) DEFAULT 1.5, ADD COLUMN yes boolean DEFAULT true,
  ADD COLUMN at timestamptz DEFAULT '2024-03-10 12:00:00.123+02', ADD COLUMN raw bytea DEFAULT '\\x00ff', ADD COLUMN ratio double precision DEFAULT 0.1,
  ADD COLUMN day date DEFAULT '2024-02-29', ADD COLUMN hour time DEFAULT '10:00:00.5'`;

async function open(): Promise<TestPipeline> {
  const pipeline = await TestPipeline.open({
    ...sharedServers('postgres'),
    setup: SETUP,
    tables: TABLES.map((name) => ({ name: `public.${name}`, ...(name === 'versions' ? { transfer: 'history' } : {}) })),
    more: { extracts: { rows: 6 } },
  });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

/** Some transactions on all tables; keys change, go, and are used again. */
async function work(pipeline: TestPipeline, random: Random, transactions: number): Promise<void> {
  const id = () => 1 + random.below(KEYS);
  for (let index = 0; index < transactions; index++) {
    const statements = [`UPDATE other SET n = n + 1`];
    for (const table of ['mirrored', 'versions']) {
      const [from, to] = [id(), id()];
      statements.push(
        `UPDATE ${table} SET n = n + 1 WHERE id IN (${id()}, ${id()})`,
        `UPDATE ${table} SET id = ${to} WHERE id = ${from} AND NOT EXISTS (SELECT FROM ${table} WHERE id = ${to})`,
        `INSERT INTO ${table} (id, n, large) VALUES (${id()}, 1, repeat('value ${random.below(1000)} ', 400)) ON CONFLICT DO NOTHING`,
      );
      if (random.chance(0.5)) statements.push(`DELETE FROM ${table} WHERE id = ${id()}`);
      if (random.chance(0.2))
        statements.push(`UPDATE ${table} SET large = repeat('new ${index} ', 400) WHERE id = ${id()}`);
      if (random.chance(0.05)) statements.push(`TRUNCATE ${table}`);
    }
    statements.push(
      `INSERT INTO heap VALUES (${random.below(3)}, 'a')`,
      `DELETE FROM heap WHERE ctid = (SELECT min(ctid) FROM heap WHERE n = ${random.below(3)})`,
    );
    await pipeline.write(`BEGIN; ${statements.join('; ')}; COMMIT`);
  }
}

/** All rows and versions, with everything that Penstock itself keeps in them. */
async function everything(pipeline: TestPipeline): Promise<unknown> {
  const rows = await Promise.all(
    TABLES.map((table) =>
      pipeline.rows(
        `SELECT * FROM ${table} ORDER BY ${table === 'heap' ? '__row, __ordinal' : 'id'}${table === 'versions' ? ', __seq' : ''}`,
      ),
    ),
  );
  return Object.fromEntries(TABLES.map((table, index) => [table, rows[index]]));
}

function rollBack(
  pipeline: TestPipeline,
  options: Partial<RollbackOptions> & { readonly to: number },
): Promise<RollbackResult> {
  return pipeline.operate((context) => rollback(context, { tables: null, dryRun: false, load: true, ...options }));
}

describe('a rollback', () => {
  it('leaves everything as it was, from whichever extract', async () => {
    for (let seed = SEED; seed < SEED + 2; seed++) {
      const random = new Random(seed);
      await using pipeline = await open();
      await work(pipeline, random, 8);
      await pipeline.followed();
      await pipeline.write(['mirrored', 'versions'].map((table) => `ALTER TABLE ${table} ${ADDED}`).join('; '));
      await work(pipeline, random, 6);
      await pipeline.followed();
      const { lastExtract } = await pipeline.status();
      expect(lastExtract).toBeGreaterThan(5);
      const before = await everything(pipeline);
      for (const to of [1, 1 + random.below(lastExtract), 1 + random.below(lastExtract), lastExtract]) {
        const result = await rollBack(pipeline, { to });
        expect(await everything(pipeline), `seed ${seed}, to ${to}`).toEqual(before);
        expect(result).toMatchObject({ from: to, to: lastExtract, extracts: lastExtract - to + 1, stopped: [] });
        expect(result.left).toMatchObject([
          { table: 'public.heap', reason: expect.stringContaining('no key') as unknown },
        ]);
      }
      await work(pipeline, random, 2);
      await pipeline.followed();
      expect(await pipeline.differences(), `seed ${seed}`).toEqual([]);
    }
  });

  it('mends what was spoiled at the destination, of the chosen tables only, and a dry run touches nothing', async () => {
    await using pipeline = await open();
    await pipeline.write(`UPDATE mirrored SET n = id; UPDATE versions SET n = id; UPDATE other SET n = 5`);
    await pipeline.followed();
    const before = await everything(pipeline);
    await pipeline.rows(`UPDATE mirrored SET n = -1 WHERE id < 4`);
    await pipeline.rows(`UPDATE versions SET history_end_date = '9999-12-31' WHERE id = 2`);
    await pipeline.rows(`UPDATE other SET n = -1`);
    const spoiled = await everything(pipeline);
    const tables = ['public.mirrored', 'public.versions'];
    const dry = await rollBack(pipeline, { to: 1, tables, dryRun: true });
    expect(await everything(pipeline)).toEqual(spoiled);
    expect(dry).toMatchObject({ from: 1, extracts: expect.any(Number) as unknown, resumed: [], left: [] });
    expect(dry.tables.map(({ table, rows }) => [table, rows])).toEqual(tables.map((table) => [table, 8]));
    expect(dry.bytes).toBeGreaterThan(0);
    expect({ ...(await rollBack(pipeline, { to: 1, tables })), stopped: [] }).toEqual(dry);
    expect(await everything(pipeline)).toEqual({ ...(before as object), other: [['1', '-1']] });
    const mended = pipeline.events
      .filter((event) => event.type === 'TableLoaded' && event.tabName === 'public.mirrored')
      .at(-1);
    expect(mended).toMatchObject({ destInserts: 0, destUpdates: 3, destDeletes: 0 });
  });

  it('does not go behind a copy that is newer', async () => {
    await using pipeline = await open();
    await work(pipeline, new Random(SEED), 3);
    await pipeline.followed();
    const { lastExtract: copiedAt } = await pipeline.status();
    await pipeline.fullExtract(['public.mirrored']);
    await work(pipeline, new Random(SEED + 1), 3);
    await pipeline.followed();
    const { lastExtract } = await pipeline.status();
    const before = await everything(pipeline);
    const result = await rollBack(pipeline, { to: 1 });
    expect(result.tables.find(({ table }) => table === 'public.mirrored')).toMatchObject({
      from: copiedAt + 1,
      to: lastExtract,
    });
    expect(result.tables.find(({ table }) => table === 'public.versions')).toMatchObject({ from: 1 });
    expect(await everything(pipeline)).toEqual(before);
    await pipeline.fullExtract(['public.mirrored']);
    const [left] = (await rollBack(pipeline, { to: lastExtract, tables: ['public.mirrored'] })).left;
    expect(left?.reason).toMatch(/copy is newer/);
  });

  it('lets a stopped table load again, from just before its first failure', async () => {
    await using pipeline = await open();
    await pipeline.write('UPDATE mirrored SET n = 1 WHERE id = 1');
    await pipeline.followed();
    const [row] = await pipeline.rows('SELECT large FROM mirrored WHERE id = 2');
    await pipeline.rows('DELETE FROM mirrored WHERE id = 2');
    await pipeline.write('UPDATE mirrored SET n = 2 WHERE id = 2; UPDATE other SET n = 2');
    expect((await pipeline.delta()).stopped).toEqual(['public.mirrored']);
    await pipeline.write('UPDATE mirrored SET n = 3 WHERE id = 3; UPDATE other SET n = 3');
    expect((await pipeline.delta()).stopped).toEqual(['public.mirrored']);
    const { lastExtract } = await pipeline.status();
    // Nothing that the extracts hold brings the row back: the table stops again, and says so.
    expect(await rollBack(pipeline, { to: 1 })).toMatchObject({
      resumed: ['public.mirrored'],
      stopped: ['public.mirrored'],
    });
    await pipeline.rows(`INSERT INTO mirrored VALUES (2, 0, '${row?.[0] ?? ''}')`);
    expect(await rollBack(pipeline, { to: lastExtract })).toMatchObject({ resumed: ['public.mirrored'], stopped: [] });
    expect(await pipeline.differences()).toEqual([]);
  });

  it('is begun in one call and ended in many short ones', async () => {
    await using pipeline = await open();
    await work(pipeline, new Random(SEED), 8);
    await pipeline.followed();
    const before = await everything(pipeline);
    const { lastExtract } = await pipeline.status();
    await pipeline.rows('UPDATE other SET n = -1');
    expect((await rollBack(pipeline, { to: 1, load: false })).extracts).toBe(lastExtract);
    expect((await everything(pipeline)) as object).toMatchObject({ other: [['1', '-1']] });
    let calls = 0;
    for (let isUnfinished = true; isUnfinished; calls++) {
      isUnfinished = await pipeline.operate(({ host, settings, signal, ...context }) =>
        withLease(host, settings.pipeline, 'loader', signal, async (lease, leaseSignal) => {
          const loader = new Loader(loadContext({ host, settings, signal, ...context }, lease, leaseSignal));
          let extracts = 0;
          await loader.loadAvailable(() => extracts++ >= 2);
          return loader.isUnfinished;
        }),
      );
    }
    expect(calls).toBeGreaterThan(Math.floor(lastExtract / 2) - 1);
    expect(await everything(pipeline)).toEqual(before);
  });

  it('that was only begun is in the way of nobody: of a table that is copied anew, or chosen no more', async () => {
    await using pipeline = await open();
    await work(pipeline, new Random(SEED), 4);
    await pipeline.followed();
    await rollBack(pipeline, { to: 1, load: false });
    await pipeline.fullExtract(['public.mirrored']);
    pipeline.configuration.tables = [
      'public.mirrored',
      { name: 'public.versions', transfer: 'history' },
      'public.heap',
    ];
    await pipeline.write('UPDATE mirrored SET n = -5');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    const replays = 'SELECT tbl FROM penstock_ledger WHERE replay_from IS NOT NULL';
    expect(await pipeline.rows(replays)).toEqual([['public.other']]);
    expect(await pipeline.rows("SHOW TABLES LIKE '%\\_\\_replay'")).toEqual([]);
  });

  it('does not set rows aside twice', async () => {
    await using pipeline = await open();
    pipeline.configuration.more = { misfits: 'quarantine' };
    await pipeline.write(
      `CREATE TABLE days (id integer PRIMARY KEY, d date); INSERT INTO days VALUES (1, '2024-01-01'), (2, '2024-01-01')`,
    );
    pipeline.configuration.tables = [...TABLES.map((name) => `public.${name}`), 'public.days'].map((name) =>
      name === 'public.versions' ? { name, transfer: 'history' } : name,
    );
    await pipeline.fullExtract(['public.days']);
    await pipeline.write(`UPDATE days SET d = 'infinity' WHERE id = 1; UPDATE days SET d = '2024-02-02' WHERE id = 2`);
    await pipeline.followed();
    const before = await pipeline.rows('SELECT * FROM days ORDER BY id');
    const { lastExtract } = await pipeline.status();
    expect((await rollBack(pipeline, { to: lastExtract })).tables.map(({ table }) => table)).toContain('public.days');
    expect(await pipeline.rows('SELECT * FROM days ORDER BY id')).toEqual(before);
    expect(await pipeline.rows('SELECT COUNT(*) FROM penstock_quarantine')).toEqual([['1']]);
  });
});

describe('rollback points', () => {
  it('are listed, the newest first, page by page; expired ones are shown and refused by name', async () => {
    await using pipeline = await open();
    for (let index = 0; index < 3; index++) {
      await pipeline.write(`UPDATE mirrored SET n = ${index}`);
      await pipeline.followed();
    }
    const { lastExtract } = await pipeline.status();
    const all = await pipeline.operate((context) => rollbackPoints(context, { before: null, limit: 50 }));
    expect(all.points.map(({ file }) => file)).toEqual(
      Array.from({ length: lastExtract }, (_, index) => lastExtract - index),
    );
    expect(all.next).toBeNull();
    expect(all.points[0]).toMatchObject({ available: true, rows: 8 });
    const [last, previous] = all.points;
    // An idle source's position moves without an extract.
    expect((last?.from ?? '') >= (previous?.to ?? '') && (last?.to ?? '') > (last?.from ?? '')).toBe(true);
    const page = await pipeline.operate((context) => rollbackPoints(context, { before: null, limit: 2 }));
    expect(page).toEqual({ points: all.points.slice(0, 2), next: lastExtract - 1 });
    const rest = await pipeline.operate((context) => rollbackPoints(context, { before: page.next, limit: 50 }));
    expect([...page.points, ...rest.points]).toEqual(all.points);

    expireOldest(pipeline);
    const [oldest] = (await pipeline.operate((context) => rollbackPoints(context, { before: 2, limit: 1 }))).points;
    expect(oldest).toMatchObject({ file: 1, available: false });
    const before = await everything(pipeline);
    const error = await pipeline.failure(rollBack(pipeline, { to: 1 }));
    expect(error).toMatchObject({ code: 'PS3001' });
    expect(error.message).toMatch(/extract 1\b/);
    expect(error.remedy).toMatch(/after extract 1\b/);
    expect(await pipeline.rows('SELECT COUNT(*) FROM penstock_ledger WHERE replay_from IS NOT NULL')).toEqual([['0']]);
    expect(await everything(pipeline)).toEqual(before);
    await rollBack(pipeline, { to: 2 });
  });

  it('that do not exist, unknown tables and a pipeline at work elsewhere are refused', async () => {
    await using pipeline = await open();
    expect(await pipeline.failure(rollBack(pipeline, { to: 1 }))).toMatchObject({ code: 'PS1010' });
    await pipeline.write('UPDATE other SET n = 1');
    await pipeline.followed();
    for (const to of [0, -1, 1.5, 99, Number.NaN]) {
      expect(await pipeline.failure(rollBack(pipeline, { to }))).toMatchObject({ code: 'PS1010' });
    }
    expect(await pipeline.failure(rollBack(pipeline, { to: 1, tables: ['public.nothing'] }))).toMatchObject({
      code: 'PS1005',
    });
    await using following = pipeline.follow();
    await pipeline.write('UPDATE other SET n = 2');
    await eventuallyIs(() => pipeline.rows('SELECT n FROM other'), [['2']]);
    expect(await pipeline.failure(rollBack(pipeline, { to: 1 }))).toMatchObject({ code: 'PS1007' });
    await following.stop();
  });
});

function expireOldest(pipeline: TestPipeline): void {
  const files = readdirSync(pipeline.folder, { recursive: true, encoding: 'utf8' });
  const oldest = files.filter((file) => file.endsWith('.psx')).sort()[0];
  if (oldest === undefined) throw new Error('no extract file was found');
  rmSync(join(pipeline.folder, oldest));
}

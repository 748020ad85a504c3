import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventuallyIs } from '../fixtures/eventually.ts';
import { delta } from '../../core/operations/replication/delta.ts';
import { readLog } from '../../core/operations/replication/follow-and-load.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import type { OperationContext } from '../../core/operations/operation-context.ts';
import { removeExpired } from '../../core/operations/retention/retention.ts';
import { rollbackPoints } from '../../core/operations/rollback/rollback-points.ts';
import { rollback, type RollbackResult } from '../../core/operations/rollback/rollback.ts';
import { handler as load } from '../../functions/load.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { makeOld } from '../fixtures/old-extracts.ts';
import { runPenstock } from '../fixtures/penstock-process.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** Extracts that are older than the retention and that nothing needs are removed, on both hosts; what is needed stays. */

const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, n integer, large text);
  ALTER TABLE items ALTER COLUMN large SET STORAGE EXTERNAL;
  INSERT INTO items SELECT k, 0, repeat('large ' || k, 500) FROM generate_series(1, 300) k;
  CREATE TABLE other (id integer PRIMARY KEY, n integer); INSERT INTO other VALUES (1, 0);`;
const TABLES = ['items', 'other'];

async function open(): Promise<TestPipeline> {
  const more = { extracts: { rows: 50, bytes: 4000 } };
  const pipeline = await TestPipeline.open({ ...sharedServers('postgres'), setup: SETUP, tables: TABLES, more });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

/** So many extracts. */
async function changed(pipeline: TestPipeline, times: number): Promise<void> {
  for (let index = 0; index < times; index++) {
    await pipeline.write(`UPDATE items SET n = n + 1 WHERE id = ${index + 1}; UPDATE other SET n = n + 1`);
    await pipeline.delta();
  }
}

function age(pipeline: TestPipeline, last: number, how: 'expired' | 'unlisted' = 'expired'): Promise<void> {
  return pipeline.operate(({ host, settings }) => makeOld(host.items, settings.pipeline, last, how));
}

/** Numbers of the extracts that have a file. */
function files(pipeline: TestPipeline): number[] {
  const found = readdirSync(join(pipeline.folder, 'state/store'), { recursive: true, encoding: 'utf8' });
  const numbers = found.flatMap((file) => /extracts\/(\d{12})-.*\.psx$/.exec(file)?.[1] ?? []).map(Number);
  return [...new Set(numbers)].sort((a, b) => a - b);
}

async function listed(pipeline: TestPipeline): Promise<number[]> {
  const records = await pipeline.catalog((catalog) => catalog.listedFrom(1, 100));
  return records.map(({ number }) => number);
}

/** A page of the list; what has expired says so. */
async function page(pipeline: TestPipeline, before: number | null, limit: number): Promise<unknown> {
  const { points, next } = await pipeline.operate((context) => rollbackPoints(context, { before, limit }));
  return { points: points.map(({ file, available }) => (available ? file : `expired ${file}`)), next };
}

function rollBack(pipeline: TestPipeline, to: number): Promise<RollbackResult> {
  return pipeline.operate((context) => rollback(context, { tables: null, dryRun: false, load: true, to }));
}

describe('on one machine', () => {
  it('a delta removes what is old, and a rollback goes back as far as what is left', async () => {
    await using pipeline = await open();
    await changed(pipeline, 3);
    // A transaction in several objects.
    await pipeline.write('UPDATE items SET n = n + 1');
    await pipeline.delta();
    await changed(pipeline, 2);
    expect([files(pipeline), await listed(pipeline)]).toEqual([
      [1, 2, 3, 4, 5, 6],
      [1, 2, 3, 4, 5, 6],
    ]);
    const [large] = await pipeline.catalog((catalog) => catalog.extractsAfter(3, 1));
    expect(large?.bytes).toBeGreaterThan(large?.object.size ?? 0);
    await age(pipeline, 4);
    await pipeline.followed();
    expect([files(pipeline), await listed(pipeline)]).toEqual([
      [5, 6],
      [1, 2, 3, 4, 5, 6],
    ]);
    expect(await page(pipeline, null, 4)).toEqual({ points: [6, 5, 'expired 4', 'expired 3'], next: 3 });
    await age(pipeline, 3, 'unlisted');
    await pipeline.followed();
    expect([files(pipeline), await listed(pipeline)]).toEqual([
      [5, 6],
      [4, 5, 6],
    ]);
    expect(await page(pipeline, null, 2)).toEqual({ points: [6, 5], next: 5 });
    expect(await page(pipeline, 5, 2)).toEqual({ points: ['expired 4'], next: null });
    await pipeline.rows('UPDATE items SET n = -1 WHERE id = 2');
    const refused = await pipeline.failure(rollBack(pipeline, 3));
    expect(refused).toMatchObject({ code: 'PS1010' });
    expect(refused.message).toMatch(
      /has no extract 3; extracts before 4 are not listed any more, see extracts\.retentionDays; it has 4 to 6$/,
    );
    expect(await rollBack(pipeline, 5)).toMatchObject({ from: 5, to: 6, stopped: [] });
    expect(await pipeline.differences()).toEqual([]);
  });

  it('keeps the last one whatever its age, and goes on from it', async () => {
    await using pipeline = await open();
    await changed(pipeline, 2);
    await age(pipeline, 2, 'unlisted');
    await pipeline.followed();
    expect([files(pipeline), await listed(pipeline)]).toEqual([[2], [2]]);
    expect(await pipeline.status()).toMatchObject({
      lastExtract: 2,
      loaded: 2,
      sourceDate: expect.any(String) as string,
    });
    await changed(pipeline, 1);
    expect(files(pipeline)).toEqual([3]);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a run removes them when it starts', async () => {
    await using pipeline = await open();
    await changed(pipeline, 3);
    await age(pipeline, 2, 'unlisted');
    await using following = pipeline.follow();
    await eventuallyIs(() => listed(pipeline), [3]);
    await following.stop();
    expect(files(pipeline)).toEqual([3]);
  });

  it.each([
    { place: 'retention.before-objects', left: [1, 2, 3, 4], listing: [1, 2, 3, 4] },
    { place: 'retention.after-objects', left: [4], listing: [1, 2, 3, 4] },
    { place: 'retention.before-items', left: [4], listing: [1, 2, 3, 4] },
  ])('killed at $place, the next time does the rest', async ({ place, left, listing }) => {
    await using pipeline = await open();
    await changed(pipeline, 4);
    await age(pipeline, 3, 'unlisted');
    const { environment, folder } = pipeline;
    const words = ['delta', '--config', join(folder, 'penstock.yaml'), '--json'];
    const faults = { PENSTOCK_FAILPOINT: `${place}@1:kill` };
    expect((await runPenstock(words, { ...environment, ...faults }, folder)).signal).toBe('SIGKILL');
    expect([files(pipeline), await listed(pipeline)]).toEqual([left, listing]);
    await pipeline.followed();
    expect([files(pipeline), await listed(pipeline)]).toEqual([[4], [4]]);
    expect(await page(pipeline, null, 9)).toEqual({ points: [4], next: null });
    await changed(pipeline, 1);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a stopped table keeps what it needs and catches up with it', async () => {
    await using pipeline = await open();
    await changed(pipeline, 2);
    const [row] = await pipeline.rows('SELECT large FROM items WHERE id = 9');
    await pipeline.rows('DELETE FROM items WHERE id = 9');
    await pipeline.write('UPDATE items SET n = 9 WHERE id = 9');
    expect((await pipeline.delta()).stopped).toEqual(['public.items']);
    await changed(pipeline, 3);
    await age(pipeline, 5);
    await pipeline.delta();
    expect(files(pipeline)).toEqual([3, 4, 5, 6]);
    await pipeline.rows(`INSERT INTO items VALUES (9, 0, '${row?.[0] ?? ''}')`);
    expect(await rollBack(pipeline, 6)).toMatchObject({ resumed: ['public.items'], stopped: [] });
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.followed();
    expect(files(pipeline)).toEqual([6]);
  });

  it('a rollback that was begun keeps its own', async () => {
    await using pipeline = await open();
    await changed(pipeline, 4);
    await pipeline.operate((context) => rollback(context, { tables: null, dryRun: false, load: false, to: 2 }));
    expect((await pipeline.status()).rollback).toEqual(
      TABLES.map((table) => ({ table: `public.${table}`, from: 2, next: 2, to: 4 })),
    );
    await age(pipeline, 3);
    await pipeline.operate(async (context: OperationContext) => {
      expect(await removeExpired(context)).toEqual({ expired: 1, unlisted: 0, more: false });
    });
    expect(files(pipeline)).toEqual([2, 3, 4]);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect((await pipeline.status()).rollback).toEqual([]);
    expect(files(pipeline)).toEqual([4]);
  });
});

describe('on AWS', () => {
  let pipeline: DeployedPipeline;
  afterEach(async () => {
    await load[Symbol.asyncDispose]();
    await pipeline[Symbol.asyncDispose]();
  });

  /** A new environment of the function: the one before has looked for old extracts within the hour. */
  async function called(isNew: boolean): Promise<void> {
    if (isNew) await load[Symbol.asyncDispose]();
    await pipeline.databases.write('UPDATE items SET n = n + 1 WHERE id = 7');
    await pipeline.operate(async (context) =>
      readLog(context, await context.source.currentPosition(context.signal), context.signal),
    );
    expect(await load({ Records: [] }, lambdaContext('load'))).toEqual({ more: false });
  }

  async function kept(): Promise<{ readonly items: number[]; readonly objects: number[] }> {
    return pipeline.catalog(async (catalog, { store }) => {
      const objects = await Array.fromAsync(store.list(`${pipeline.name}/extracts/`, new AbortController().signal));
      const records = await catalog.listedFrom(1, 100);
      return {
        items: records.map(({ number }) => number),
        objects: objects.map(({ key }) => Number(/extracts\/(\d+)-/.exec(key)?.[1])),
      };
    });
  }

  it('the loader removes what is old, at most once an hour', async () => {
    pipeline = await DeployedPipeline.open({ ...sharedServers('postgres'), setup: SETUP, tables: TABLES });
    await pipeline.operate((context) => fullExtract(context, { tables: null }));
    for (let times = 0; times < 3; times++) await called(false);
    await pipeline.catalog((_catalog, { items }) => makeOld(items, pipeline.name, 2, 'unlisted'));
    await called(false);
    expect(await kept()).toEqual({ items: [1, 2, 3, 4], objects: [1, 2, 3, 4] });
    await called(true);
    expect(await kept()).toEqual({ items: [3, 4, 5], objects: [3, 4, 5] });
    const options = { tables: null, dryRun: false, load: true };
    const back = (to: number) => pipeline.operate((context) => rollback(context, { ...options, to }));
    await expect(back(2)).rejects.toMatchObject({ code: 'PS1010' });
    expect(await back(3)).toMatchObject({ from: 3, to: 5, stopped: [] });
    await pipeline.operate((context) => delta(context));
    const rows = await pipeline.databases.rows('SELECT n FROM items WHERE id = 7');
    expect(rows).toEqual([['5']]);
  });
});

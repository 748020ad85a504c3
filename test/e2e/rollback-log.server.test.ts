import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../fixtures/eventually.ts';
import { extractSort } from '../../core/catalog/head-writer.ts';
import { readManifests } from '../../core/extracts/read-piece.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { removeExpired } from '../../core/operations/retention/retention.ts';
import { rollbackPoints } from '../../core/operations/rollback/rollback-points.ts';
import { rollback, type RollbackResult } from '../../core/operations/rollback/rollback.ts';
import { readLog } from '../../core/operations/replication/follow-and-load.ts';
import { FunctionError } from '../../functions/frame/function-error.ts';
import { handler as beginOperation } from '../../functions/begin-operation.ts';
import { handler as endOperation } from '../../functions/end-operation.ts';
import { handler as load } from '../../functions/load.ts';
import { handler as rollBackFunction } from '../../functions/rollback.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { makeOld } from '../fixtures/old-extracts.ts';
import { runPenstock } from '../fixtures/penstock-process.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { testSource, type SourceType } from '../fixtures/test-source.ts';

/** A rollback behind the retention: the source's log gives the extracts once more, where it still reaches back to them. */

const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, n integer, word varchar(80));
  INSERT INTO items VALUES (1, 0, 'a'), (2, 0, 'b'), (3, 0, 'c'), (4, 0, 'd'), (5, 0, 'e');
  CREATE TABLE versions (id integer PRIMARY KEY, n integer, word varchar(80));
  INSERT INTO versions VALUES (1, 0, 'a'), (2, 0, 'b'), (3, 0, 'c'), (4, 0, 'd'), (5, 0, 'e');`;
const TABLES = [{ name: 'items' }, { name: 'versions', transfer: 'history' }];

async function open(sourceType: SourceType): Promise<TestPipeline> {
  const more = { extracts: { rows: 50, bytes: 4000 } };
  const pipeline = await TestPipeline.open({ ...sharedServers(sourceType), setup: SETUP, tables: TABLES, more });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

/** Changes of all kinds, in one extract each; keys go and come again, a table is altered, and one transaction is larger than memory. */
const WORK = [
  ['UPDATE items SET n = 1 WHERE id < 3', 'UPDATE versions SET n = 1 WHERE id < 3', 'DELETE FROM items WHERE id = 4'],
  [
    'INSERT INTO items VALUES (4, 7, NULL)',
    'UPDATE versions SET id = 9 WHERE id = 5',
    'DELETE FROM versions WHERE id = 2',
  ],
  [
    "ALTER TABLE versions ADD COLUMN extra varchar(5) DEFAULT 'x'",
    "UPDATE versions SET extra = 'y', n = 2 WHERE id = 1",
  ],
  ["UPDATE items SET word = concat('word ', id), n = n + 1", "INSERT INTO versions VALUES (2, 5, 'again', NULL)"],
  ['LARGE'],
  ['UPDATE items SET n = 100 WHERE id = 1', 'DELETE FROM versions WHERE id = 9'],
] as const;

function large(sourceType: SourceType): string {
  const numbers =
    sourceType === 'postgres'
      ? 'SELECT k FROM generate_series(100, 400) k'
      : `SELECT n AS k FROM ${testSource(sourceType).series(100, 400)}`;
  return `INSERT INTO items SELECT k, k, repeat('large ', 10) FROM (${numbers}) AS numbers`;
}

async function work(pipeline: TestPipeline, sourceType: SourceType): Promise<void> {
  for (const statements of WORK) {
    for (const statement of statements) await pipeline.write(statement === 'LARGE' ? large(sourceType) : statement);
    expect((await pipeline.delta()).stopped).toEqual([]);
  }
}

/** Files of the extracts up to `last` go, as they do when they are old. */
async function expire(pipeline: TestPipeline, last: number): Promise<void> {
  await pipeline.operate(async (context) => {
    await makeOld(context.host.items, context.settings.pipeline, last);
    expect(await removeExpired(context)).toMatchObject({ expired: last });
  });
}

async function available(pipeline: TestPipeline): Promise<number[]> {
  const { points } = await pipeline.operate((context) => rollbackPoints(context, { before: null, limit: 50 }));
  return points.filter((point) => point.available).map(({ file }) => file);
}

function rollBack(pipeline: TestPipeline, to: number, dryRun = false): Promise<RollbackResult> {
  return pipeline.operate((context) => rollback(context, { tables: null, dryRun, load: true, to }));
}

/** What the extracts say, without where it lies in their objects. */
async function contents(pipeline: TestPipeline): Promise<unknown> {
  return pipeline.operate(async ({ host, signal }) =>
    pipeline.catalog(async (catalog) => {
      const records = await catalog.listedFrom(1, 50);
      const pieces = await Promise.all(records.map((record) => readManifests(host, record, signal)));
      return pieces.map((all, index) => ({
        ...{ from: records[index]?.from, to: records[index]?.to, rows: records[index]?.rows },
        parts: all.flatMap(({ manifest }) => manifest.parts),
        pieces: all.length,
      }));
    }),
  );
}

function everything(pipeline: TestPipeline): Promise<unknown> {
  return Promise.all([
    pipeline.rows('SELECT * FROM items ORDER BY id'),
    pipeline.rows('SELECT * FROM versions ORDER BY id, __seq'),
  ]);
}

const SPOIL = [
  "UPDATE items SET word = 'spoilt' WHERE id IN (1, 4, 200)",
  'DELETE FROM items WHERE id = 300',
  'UPDATE versions SET n = -1 WHERE id = 1 AND n > 0',
  'DELETE FROM versions WHERE id = 9',
];

async function spoil(pipeline: TestPipeline): Promise<void> {
  for (const statement of SPOIL) await pipeline.rows(statement);
}

describe('MariaDB', () => {
  it('gives expired extracts once more, byte for byte, and the rollback ends as any other', async () => {
    await using pipeline = await open('mysql');
    await work(pipeline, 'mysql');
    const [before, rows] = [await contents(pipeline), await everything(pipeline)];
    const { lastExtract } = await pipeline.status();
    await expire(pipeline, lastExtract - 1);
    expect(await available(pipeline)).toEqual([lastExtract]);
    await spoil(pipeline);
    const spoilt = await everything(pipeline);
    const dry = await rollBack(pipeline, 1, true);
    const fromLog = { from: 1, to: lastExtract - 1, extracts: lastExtract - 1, reaches: true, reason: '' };
    expect(dry).toMatchObject({ from: 1, to: lastExtract, fromLog });
    expect(await available(pipeline)).toEqual([lastExtract]);
    expect(await everything(pipeline)).toEqual(spoilt);
    expect(await rollBack(pipeline, 1)).toMatchObject({ from: 1, to: lastExtract, fromLog, stopped: [] });
    expect(await everything(pipeline)).toEqual(rows);
    expect(await pipeline.differences()).toEqual([]);
    expect(await contents(pipeline)).toEqual(before);
    // They stay as long as new ones, and are of use until then.
    await pipeline.followed();
    expect(await available(pipeline)).toHaveLength(lastExtract);
    expect(await rollBack(pipeline, 2)).toMatchObject({ fromLog: null, stopped: [] });
    await expire(pipeline, lastExtract - 1);
    expect(await available(pipeline)).toEqual([lastExtract]);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('refuses where the log does not reach back, and has done nothing', async () => {
    await using pipeline = await open('mysql');
    await work(pipeline, 'mysql');
    await expire(pipeline, 3);
    await pipeline.operate(async ({ host, settings }) => {
      const item = await host.items.get({ partition: settings.pipeline, sort: extractSort(2) });
      if (item === null) throw new Error('extract 2 is not listed');
      const from = item.value['from'] as { readonly resume: string };
      const resume = JSON.stringify({ ...(JSON.parse(from.resume) as object), file: 'binlog.000000' });
      await host.items.put(item.key, { ...item.value, from: { ...from, resume } }, item.version);
    });
    await spoil(pipeline);
    const spoilt = await everything(pipeline);
    const dry = await rollBack(pipeline, 2, true);
    expect(dry.fromLog).toMatchObject({ from: 2, to: 3, reaches: false });
    expect(dry.fromLog?.reason).toMatch(/binlog\.000000 is not there any more; the oldest is /);
    const refused = await pipeline.failure(rollBack(pipeline, 2));
    expect(refused.code).toBe('PS3001');
    expect(refused.message).toMatch(
      /needs extracts 2, 3, whose files are gone or damaged; and PS2006 .*the oldest is /,
    );
    expect(refused.remedy).toMatch(/^Choose a point after extract 3, or set redoInitialExtract/);
    expect(await everything(pipeline)).toEqual(spoilt);
    expect(await rollBack(pipeline, 3)).toMatchObject({ fromLog: { from: 3, to: 3 }, stopped: [] });
  });

  it.each(['remake.after-put', 'remake.after-item', 'replay.after-begin'])(
    'killed at %s, the next one goes on',
    async (place) => {
      await using pipeline = await open('mysql');
      await work(pipeline, 'mysql');
      const rows = await everything(pipeline);
      await expire(pipeline, 5);
      await spoil(pipeline);
      const { environment, folder } = pipeline;
      const words = ['rollback', '--config', join(folder, 'penstock.yaml'), '--json', '--to', '1', '--yes'];
      const faults = { PENSTOCK_FAILPOINT: `${place}@${place.startsWith('remake') ? 3 : 1}:kill` };
      expect((await runPenstock(words, { ...environment, ...faults }, folder)).signal).toBe('SIGKILL');
      const again = await runPenstock(words, environment, folder);
      expect(again.code, again.stderr).toBe(0);
      expect(await everything(pipeline)).toEqual(rows);
      expect(await pipeline.differences()).toEqual([]);
    },
  );

  it('is refused while another process reads the log', async () => {
    await using pipeline = await open('mysql');
    await work(pipeline, 'mysql');
    await expire(pipeline, 2);
    await using following = pipeline.follow();
    await eventually(() =>
      pipeline.operate(async ({ host, settings }) => {
        const lease = await host.items.get({ partition: settings.pipeline, sort: 'lease#reader' });
        // Who read the log before has given it back: 0.
        return Number(lease?.value['until']) > 0;
      }),
    );
    expect(await pipeline.failure(rollBack(pipeline, 1))).toMatchObject({ code: 'PS1007' });
    await following.stop();
    expect(await rollBack(pipeline, 1)).toMatchObject({ stopped: [] });
  });
});

describe('PostgreSQL', () => {
  it('refuses, because a slot does not go back, and says how far the log reaches', async () => {
    await using pipeline = await open('postgres');
    await work(pipeline, 'postgres');
    await expire(pipeline, 2);
    await spoil(pipeline);
    const spoilt = await everything(pipeline);
    const reason = /replication slot \S+ keeps the log from [0-9A-F]+\/[0-9A-F]+ on, and a slot does not go back to /;
    const dry = await rollBack(pipeline, 1, true);
    expect(dry.fromLog).toMatchObject({
      from: 1,
      to: 2,
      reaches: false,
      reason: expect.stringMatching(reason) as string,
    });
    const refused = await pipeline.failure(rollBack(pipeline, 1));
    expect(refused).toMatchObject({
      code: 'PS3001',
      remedy: expect.stringMatching(/^Choose a point after extract 2/) as string,
    });
    expect(refused.message).toMatch(reason);
    expect(await everything(pipeline)).toEqual(spoilt);
    expect(await rollBack(pipeline, 3)).toMatchObject({ fromLog: null, stopped: [] });
    await pipeline.followed();
  });
});

describe('on AWS', () => {
  let pipeline: DeployedPipeline;
  const handlers = [beginOperation, rollBackFunction, load, endOperation];
  afterEach(async () => {
    for (const handler of handlers) await handler[Symbol.asyncDispose]();
    await pipeline[Symbol.asyncDispose]();
  });

  it('the function reads the log under its operation, and is called again where its time is up', async () => {
    const more = { extracts: { rows: 50, bytes: 4000 } };
    pipeline = await DeployedPipeline.open({ ...sharedServers('mysql'), setup: SETUP, tables: TABLES, more });
    await pipeline.operate((context) => fullExtract(context, { tables: null }));
    for (const statements of WORK) {
      for (const statement of statements)
        await pipeline.databases.write(statement === 'LARGE' ? large('mysql') : statement);
      await pipeline.operate(async (context) =>
        readLog(context, await context.source.currentPosition(context.signal), context.signal),
      );
      await load({ drain: true }, lambdaContext('load'));
    }
    const rows = await everything(pipeline.databases);
    await pipeline.operate(async (context) => {
      await makeOld(context.host.items, context.settings.pipeline, 4);
      expect(await removeExpired(context)).toMatchObject({ expired: 4 });
    });
    await spoil(pipeline.databases);
    const step = { operation: 'back-1', kind: 'rollback', request: { to: 1 } };
    await beginOperation(step, lambdaContext('begin-operation'));
    // Hardly any time: it answers that there is more, or is ended by the signal that comes before the end; both call it again.
    const cut = await rollBackFunction(step, lambdaContext('rollback', 1500)).catch((error: unknown) => error);
    if (cut instanceof FunctionError)
      expect(cut).toMatchObject({ name: 'PenstockTimed', message: expect.stringMatching(/^PS1011/) as string });
    else expect(cut).toMatchObject({ more: expect.any(Boolean) as boolean });
    expect(await rollBackFunction(step, lambdaContext('rollback'))).toMatchObject({ from: 1, more: false });
    await load({ drain: true }, lambdaContext('load'));
    await endOperation({ ...step, outcome: 'succeeded' }, lambdaContext('end-operation'));
    expect(await everything(pipeline.databases)).toEqual(rows);
  });
});

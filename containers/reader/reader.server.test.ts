import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { leaseKey } from '../../core/catalog/lease-request.ts';
import { leaseRecord, parseRecord } from '../../core/catalog/records.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { readReaderStatus } from '../../core/operations/replication/reader-status.ts';
import { verify } from '../../core/operations/verification/verify.ts';
import { handler as beginOperation } from '../../functions/begin-operation.ts';
import { handler as endOperation } from '../../functions/end-operation.ts';
import { handler as finishCopy } from '../../functions/finish-copy.ts';
import type { InvocationContext } from '../../functions/frame/function-frame.ts';
import { handler as loadChunks } from '../../functions/load-chunks.ts';
import { handler as load } from '../../functions/load.ts';
import { handler as planCopy } from '../../functions/plan-copy.ts';
import { DeployedPipeline, lambdaContext } from '../../test/fixtures/deployed-pipeline.ts';
import { eventually } from '../../test/fixtures/eventually.ts';
import { sharedServers } from '../../test/fixtures/pipeline.ts';
import { startReader, type ReaderProcess } from '../../test/fixtures/reader-process.ts';
import type { SourceType } from '../../test/fixtures/test-source.ts';
import { buildReader } from './build.ts';

let bundle: string;
let temporary: string;
beforeAll(async () => {
  bundle = await mkdtemp(join(tmpdir(), 'penstock-reader-'));
  temporary = await mkdtemp(join(tmpdir(), 'penstock-reader-tmp-'));
  await buildReader(bundle);
});
afterAll(async () => {
  for (const folder of [bundle, temporary]) await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const handler of [beginOperation, planCopy, loadChunks, finishCopy, endOperation, load]) {
    await handler[Symbol.asyncDispose]();
  }
});

async function deployed(sourceType: SourceType): Promise<DeployedPipeline> {
  const pipeline = await DeployedPipeline.open({
    ...sharedServers(sourceType),
    setup: "CREATE TABLE t (id int PRIMARY KEY, v varchar(20)); INSERT INTO t VALUES (1, 'one'), (2, 'two')",
    tables: ['t'],
    more: { extracts: { seconds: 0.05 } },
  });
  await pipeline.operate((context) => fullExtract(context, { tables: null }));
  return pipeline;
}

function follow(pipeline: DeployedPipeline, more: Readonly<Record<string, string>> = {}): ReaderProcess {
  return startReader(bundle, 'follow', { ...pipeline.environment, TMPDIR: temporary, ...more });
}

/** The rows at the destination once they are so many and all is loaded that is visible. */
async function loadedRows(pipeline: DeployedPipeline, count: number): Promise<(string | null)[][]> {
  return eventually(async () => {
    await load({}, lambdaContext('load'));
    const rows = await pipeline.databases.rows('SELECT id, v FROM t ORDER BY id');
    return rows.length === count ? rows : null;
  });
}

async function expectEqual(pipeline: DeployedPipeline): Promise<void> {
  const { tables } = await pipeline.operate((context) => verify(context, { tables: null }));
  expect(tables.map(({ tag }) => tag)).toEqual(['equal']);
}

/** Who holds the reader's lease, as the catalog says. */
async function readerLease(pipeline: DeployedPipeline): Promise<{ owner: string; until: number }> {
  const item = await pipeline.catalog((_, host) => host.items.get(leaseKey(pipeline.name, 'reader')));
  return parseRecord(leaseRecord, item!);
}

async function statusOf(pipeline: DeployedPipeline) {
  return pipeline.catalog((_, host) => readReaderStatus(host, pipeline.name));
}

/** As if the rest of a dead process's half minute had passed. */
async function expireLease(pipeline: DeployedPipeline): Promise<void> {
  await pipeline.catalog(async (_, host) => {
    const item = (await host.items.get(leaseKey(pipeline.name, 'reader')))!;
    await host.items.put(item.key, { ...item.value, until: 0 }, item.version);
  });
}

describe.each(['postgres', 'mysql'] as const)('the reader of a %s source, built as the image has it', (sourceType) => {
  test('follows the log; what it extracts is loaded; SIGTERM ends it in order', async () => {
    await using pipeline = await deployed(sourceType);
    await using reader = follow(pipeline);
    await pipeline.databases.write("INSERT INTO t VALUES (3, 'three'); UPDATE t SET v = 'zwei' WHERE id = 2");
    expect(await loadedRows(pipeline, 3)).toEqual([
      ['1', 'one'],
      ['2', 'zwei'],
      ['3', 'three'],
    ]);
    const status = await eventually(async () => {
      const found = await statusOf(pipeline);
      return found?.state === 'following' ? found : null;
    });
    expect(status).toMatchObject({ reason: '', lagMilliseconds: expect.any(Number) as number });
    expect(status.diskFreeBytes).toBeGreaterThan(0);
    expect(status.memoryUsedBytes).toBeLessThan(Math.min(300e6, status.memoryLimitBytes!));
    reader.kill('SIGTERM');
    expect(await reader.ended).toBe(0);
    expect((await readerLease(pipeline)).until).toBe(0);
    expect(reader.output()).toContain('{"type":"ExtractCompleted"');
    expect(reader.output()).not.toContain(pipeline.databases.sourceServer.password);
    await expectEqual(pipeline);
  });
});

test('a standby waits, and takes over from a reader that was killed between two writes; nothing is lost or doubled', async () => {
  await using pipeline = await deployed('postgres');
  await using active = follow(pipeline, { PENSTOCK_FAILPOINT: 'extract.after-item@3:kill' });
  await eventually(async () => (await statusOf(pipeline))?.state === 'following');
  const first = (await readerLease(pipeline)).owner;
  await using standby = follow(pipeline);
  await eventually(async () => Promise.resolve(standby.output().includes('"state":"waiting"')));
  // The one at work keeps its say in the catalog.
  expect((await statusOf(pipeline))?.owner).toBe(first);
  // One transaction each, which is one extract, so that the third one is where it is killed.
  const writeTen = (batch: number): Promise<void> =>
    pipeline.databases.write(`INSERT INTO t SELECT i, 'row' FROM generate_series(${batch}0, ${batch}9) i`);
  for (const batch of [1, 2]) {
    await writeTen(batch);
    await loadedRows(pipeline, 2 + batch * 10);
  }
  await writeTen(3);
  expect(await active.ended).toBeNull();
  await writeTen(4);
  await expireLease(pipeline);
  expect(await loadedRows(pipeline, 42)).toHaveLength(42);
  expect((await readerLease(pipeline)).owner).not.toBe(first);
  standby.kill('SIGTERM');
  expect(await standby.ended).toBe(0);
  await expectEqual(pipeline);
});

test('a reader that was killed goes on from where it was when it is started again', async () => {
  await using pipeline = await deployed('postgres');
  await using killed = follow(pipeline);
  await pipeline.databases.write("INSERT INTO t VALUES (3, 'three')");
  await loadedRows(pipeline, 3);
  killed.kill('SIGKILL');
  expect(await killed.ended).toBeNull();
  await pipeline.databases.write("INSERT INTO t VALUES (4, 'four')");
  await expireLease(pipeline);
  await using again = follow(pipeline);
  expect(await loadedRows(pipeline, 4)).toHaveLength(4);
  again.kill('SIGTERM');
  expect(await again.ended).toBe(0);
  await expectEqual(pipeline);
});

test('hands the log over to an operation that asks for it, and goes on when that has ended', async () => {
  await using pipeline = await deployed('postgres');
  await using reader = follow(pipeline);
  await eventually(async () => (await statusOf(pipeline))?.state === 'following');
  const operation = { operation: 'delta-1', kind: 'manual-delta', request: {} };
  const begin = () => beginOperation(operation, lambdaContext('begin-operation'));
  await expect(begin()).rejects.toMatchObject({
    name: 'PenstockTimed',
    message: expect.stringContaining('PS1007') as string,
  });
  await eventually(begin);
  expect((await readerLease(pipeline)).owner).toBe('operation/delta-1');
  await pipeline.databases.write("INSERT INTO t VALUES (3, 'three')");
  await eventually(async () => (await statusOf(pipeline))?.state === 'waiting');
  expect(await pipeline.catalog((catalog) => catalog.head())).toMatchObject({ lastExtract: 0 });
  await endOperation({ ...operation, outcome: 'succeeded' }, lambdaContext('end-operation'));
  expect(await loadedRows(pipeline, 3)).toHaveLength(3);
  reader.kill('SIGTERM');
  expect(await reader.ended).toBe(0);
});

test('copies as a worker of an operation, and reads the log up to now for another one; stopped before it is done it says so', async () => {
  await using pipeline = await DeployedPipeline.open({
    ...sharedServers('postgres'),
    setup:
      'CREATE TABLE t (id int PRIMARY KEY, v varchar(20)); INSERT INTO t SELECT i, i FROM generate_series(1, 5000) i',
    tables: ['t'],
    more: { extracts: { chunkBytes: 20_000 } },
  });
  const call = (handler: (event: unknown, context: InvocationContext) => Promise<unknown>, event: object) =>
    handler(event, lambdaContext('step', 900_000));
  const full = { operation: 'full-1', kind: 'full-extract', request: {} };
  await call(beginOperation, full);
  await call(planCopy, { ...full, attempt: 1, copyTasks: 2 });
  const worker = { ...pipeline.environment, TMPDIR: temporary, PENSTOCK_OPERATION: 'full-1', PENSTOCK_WORKERS: '2' };
  // The first is stopped between two chunks, where failpoints make it linger: behind the second one, too, should the signal come late.
  const places = [1, 2, 3].map((time) => `copy.after-chunk-listed@${time}:pause-3000`);
  const lingering = { PENSTOCK_WORKER: '0', PENSTOCK_FAILPOINT: places.join() };
  await using stopped = startReader(bundle, 'copy', { ...worker, ...lingering });
  await eventually(async () => {
    const chunks = await pipeline.catalog((catalog) => catalog.chunks('public.t', 1));
    return chunks.some(({ record }) => record.state.tag === 'extracted');
  });
  stopped.kill('SIGTERM');
  expect(await stopped.ended).toBe(143);
  await using second = startReader(bundle, 'copy', { ...worker, PENSTOCK_WORKER: '1' });
  expect(await second.ended).toBe(0);
  const chunks = await pipeline.catalog((catalog) => catalog.chunks('public.t', 1));
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.map(({ record }) => record.state.tag)).toEqual(chunks.map(() => 'extracted'));
  await call(loadChunks, { operation: 'full-1' });
  await call(finishCopy, { operation: 'full-1', attempt: 1, round: 1 });
  await call(endOperation, { ...full, outcome: 'succeeded' });
  await pipeline.databases.write("UPDATE t SET v = 'new' WHERE id <= 10");
  await call(beginOperation, { operation: 'delta-1', kind: 'manual-delta', request: {} });
  await using delta = startReader(bundle, 'delta', { ...worker, PENSTOCK_OPERATION: 'delta-1' });
  expect(await delta.ended).toBe(0);
  await call(load, { drain: true });
  await call(endOperation, { operation: 'delta-1', kind: 'manual-delta', outcome: 'succeeded' });
  expect(await pipeline.databases.rows("SELECT COUNT(*) FROM t WHERE v = 'new'")).toEqual([['10']]);
  await expectEqual(pipeline);
});

test('without a first full extract it waits for one; an unknown job and a broken deployment end with a code', async () => {
  await using pipeline = await DeployedPipeline.open({
    ...sharedServers('postgres'),
    setup: 'CREATE TABLE t (id int PRIMARY KEY)',
    tables: ['t'],
  });
  await using waiting = follow(pipeline);
  await eventually(async () => {
    const status = await statusOf(pipeline);
    return status?.state === 'waiting' && status.reason === 'no full extract was made yet';
  });
  waiting.kill('SIGTERM');
  expect(await waiting.ended).toBe(0);
  await using broken = follow(pipeline, { PENSTOCK_SETTINGS: 's3://nowhere/settings.json' });
  expect(await broken.ended).toBe(1);
  expect(broken.output()).toContain('PS3003');
  await using nameless = startReader(bundle, 'copy', { ...pipeline.environment, PENSTOCK_TABLE: '' });
  expect(await nameless.ended).toBe(1);
  expect(nameless.output()).toContain('PENSTOCK_TABLE');
});

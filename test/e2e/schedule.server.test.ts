import { describe, expect, it } from 'vitest';
import { Catalog } from '../../core/catalog/catalog.ts';
import { run } from '../../core/operations/replication/run.ts';
import { schedulerStanding, switchScheduler } from '../../core/operations/scheduling/scheduler.ts';
import { eventually, eventuallyIs } from '../fixtures/eventually.ts';
import { sharedServers, TestPipeline, type PipelineOptions } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES } from '../fixtures/test-source.ts';

/** `run` by a schedule: runs of their own, and nobody at the source between them. */

const DAY = 24 * 3600 * 1000;
const DAILY = { schedule: { type: 'daily', at: '02:30', zone: 'Europe/Berlin' } };
const SECONDLY = { schedule: { type: 'periodic', every: { seconds: 1 } } };

const orders: Omit<PipelineOptions, keyof ReturnType<typeof sharedServers>> = {
  setup: 'CREATE TABLE orders (id integer PRIMARY KEY, total integer); INSERT INTO orders VALUES (1, 10)',
  tables: ['orders'],
};

const loaded = (pipeline: TestPipeline) =>
  pipeline.rows('SELECT id FROM orders ORDER BY id').then((rows) => rows.flat());
const served = async (pipeline: TestPipeline) => {
  const found = await pipeline.catalog((catalog) => catalog.schedule());
  return found?.record.served ?? null;
};

describe.each(SOURCE_TYPES)('%s', (type) => {
  const servers = sharedServers(type);

  it('is read at every period', async () => {
    await using pipeline = await TestPipeline.open({ ...servers, ...orders, more: SECONDLY });
    await pipeline.copied();
    await using following = pipeline.follow();
    await pipeline.write('INSERT INTO orders VALUES (2, 20)');
    await eventually(async () => (await loaded(pipeline)).includes('2'));
    const first = await served(pipeline);
    await pipeline.write('INSERT INTO orders VALUES (3, 30); DELETE FROM orders WHERE id = 1');
    await eventually(async () => (await loaded(pipeline)).join() === '2,3');
    await eventually(async () => (await served(pipeline)) !== first);
    await following.stop();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a run that was missed is made once at the next start', async () => {
    await using pipeline = await TestPipeline.open({ ...servers, ...orders, more: DAILY });
    await pipeline.copied();
    expect((await pipeline.status()).schedule).toMatchObject({ type: 'daily', next: { isDue: false } });
    const early = pipeline.follow();
    const start = await eventually(() => served(pipeline));
    await early.stop();
    await pipeline.write('INSERT INTO orders VALUES (2, 20)');
    expect(await loaded(pipeline)).toEqual(['1']);
    pipeline.ahead = 3 * DAY;
    expect((await pipeline.status()).schedule).toMatchObject({ next: { isDue: true, zone: 'Europe/Berlin' } });
    await using late = pipeline.follow();
    await eventually(async () => (await served(pipeline)) !== start);
    expect(await loaded(pipeline)).toEqual(['1', '2']);
    expect((await pipeline.status()).schedule).toMatchObject({ next: { isDue: false } });
    await late.stop();
  });
});

it('nobody reads the log between two runs', async () => {
  await using pipeline = await TestPipeline.open({ ...sharedServers('postgres'), ...orders, more: DAILY });
  await pipeline.copied();
  await using waiting = pipeline.follow();
  await eventually(() => served(pipeline));
  const slots = () =>
    pipeline.sourceRows('SELECT active::text FROM pg_replication_slots WHERE database = current_database()');
  // A server notices a little later that who read has gone.
  await eventuallyIs(slots, [['false']]);
  await pipeline.write('INSERT INTO orders VALUES (2, 20)');
  // The pipeline is free for who asks for a delta now.
  expect(await pipeline.followed()).toMatchObject({ rows: 1 });
  await waiting.stop();
});

it('full extracts are made again at every period', async () => {
  const source = { extractType: 'fullExtracts' };
  await using pipeline = await TestPipeline.open({ ...sharedServers('postgres'), ...orders, source, more: SECONDLY });
  await using following = pipeline.follow();
  await eventually(async () => (await loaded(pipeline)).join() === '1');
  await pipeline.write('INSERT INTO orders VALUES (2, 20)');
  await eventually(async () => (await loaded(pipeline)).join() === '1,2');
  await following.stop();
});

it('a manual schedule, and a pipeline that was never copied, are refused', async () => {
  await using pipeline = await TestPipeline.open({ ...sharedServers('postgres'), ...orders, more: SECONDLY });
  expect(await pipeline.failure(pipeline.operate(run))).toMatchObject({ code: 'PS1004' });
  pipeline.configuration.more = { schedule: { type: 'manual' } };
  expect(await pipeline.failure(pipeline.operate(run))).toMatchObject({ code: 'PS1001' });
  await pipeline.copied();
  await pipeline.write('INSERT INTO orders VALUES (2, 20)');
  expect(await pipeline.followed()).toMatchObject({ rows: 1 });
});

const switched = (pipeline: TestPipeline, on: boolean) =>
  pipeline.operate(({ host, settings }) =>
    switchScheduler(host, new Catalog(settings.pipeline, host), { on, by: 'operator', reason: 'by the test' }),
  );
const standing = (pipeline: TestPipeline) => pipeline.catalog(schedulerStanding);

describe.each(SOURCE_TYPES)('the switch, %s', (type) => {
  const servers = sharedServers(type);

  it('off ends what is at work and leaves the pipeline to operations; on goes on without a restart', async () => {
    await using pipeline = await TestPipeline.open({ ...servers, ...orders });
    await pipeline.copied();
    await using following = pipeline.follow();
    await pipeline.write('INSERT INTO orders VALUES (2, 20)');
    await eventually(async () => (await loaded(pipeline)).join() === '1,2');
    await switched(pipeline, false);
    // Its leases are free as soon as it has seen it.
    await eventually(async () => {
      await pipeline.write('INSERT INTO orders VALUES (3, 30)').catch(() => undefined);
      return (await pipeline.delta().catch(() => null)) !== null;
    });
    expect(await loaded(pipeline)).toEqual(['1', '2', '3']);
    await pipeline.write('INSERT INTO orders VALUES (4, 40)');
    expect((await pipeline.status()).schedule.scheduler).toMatchObject({ on: false, reason: 'by the test' });
    await pipeline.copied();
    await pipeline.write('INSERT INTO orders VALUES (5, 50)');
    await switched(pipeline, true);
    await eventually(async () => (await loaded(pipeline)).join() === '1,2,3,4,5');
    await following.stop();
    expect(await pipeline.differences()).toEqual([]);
  });
});

it('an error that somebody has to mend switches off; the next start waits and asks nothing of the source', async () => {
  await using pipeline = await TestPipeline.open({ ...sharedServers('postgres'), ...orders });
  await pipeline.copied();
  const password = pipeline.environment['SOURCE_PASSWORD']!;
  pipeline.environment['SOURCE_PASSWORD'] = '';
  await using first = pipeline.follow();
  expect(await first.ended).toMatchObject({ code: 'PS1002' });
  expect(await standing(pipeline)).toMatchObject({ on: false, by: 'error' });
  await using second = pipeline.follow();
  pipeline.environment['SOURCE_PASSWORD'] = password;
  await pipeline.write('INSERT INTO orders VALUES (2, 20)');
  // By hand everything can be done before it is switched on again.
  expect(await pipeline.followed()).toMatchObject({ rows: 1 });
  expect(pipeline.events.filter((event) => event.type === 'HaltError')).toHaveLength(1);
  await second.stop();
  await switched(pipeline, true);
  await using third = pipeline.follow();
  await pipeline.write('INSERT INTO orders VALUES (3, 30)');
  await eventually(async () => (await loaded(pipeline)).join() === '1,2,3');
  await third.stop();
});

it('without restoreOnStartup it starts switched off', async () => {
  const more = { schedule: { type: 'automatic', restoreOnStartup: false } };
  await using pipeline = await TestPipeline.open({ ...sharedServers('postgres'), ...orders, more });
  await pipeline.copied();
  await using following = pipeline.follow();
  await eventually(async () => !(await standing(pipeline)).on);
  expect(await standing(pipeline)).toMatchObject({ by: 'start' });
  await pipeline.write('INSERT INTO orders VALUES (2, 20)');
  await switched(pipeline, true);
  await eventually(async () => (await loaded(pipeline)).join() === '1,2');
  await following.stop();
});

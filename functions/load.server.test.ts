import { afterEach, expect, test } from 'vitest';
import { withLease } from '../core/catalog/lease.ts';
import { catalogOf } from '../core/operations/contexts.ts';
import { readLog } from '../core/operations/replication/follow-and-load.ts';
import { fullExtract } from '../core/operations/copying/full-extract.ts';
import { rollback } from '../core/operations/rollback/rollback.ts';
import { DeployedPipeline, lambdaContext } from '../test/fixtures/deployed-pipeline.ts';
import { sharedServers } from '../test/fixtures/pipeline.ts';
import { handler as checkDestination } from './check-destination.ts';
import { handler as checkSource } from './check-source.ts';
import { handler as load } from './load.ts';
import { handler as health } from './health.ts';
import { handler as tick } from './schedule-tick.ts';
import { handler as switchSchedule } from './switch-schedule.ts';

const context = lambdaContext('load', 600_000);
const never = new AbortController().signal;

afterEach(async () => {
  for (const handler of [load, tick, health, switchSchedule, checkSource, checkDestination])
    await handler[Symbol.asyncDispose]();
});

async function deployed(): Promise<DeployedPipeline> {
  const pipeline = await DeployedPipeline.open({
    ...sharedServers('postgres'),
    setup: "CREATE TABLE t (id int PRIMARY KEY, v varchar(20)); INSERT INTO t VALUES (1, 'one')",
    tables: ['t'],
  });
  await pipeline.operate((operation) => fullExtract(operation, { tables: null }));
  return pipeline;
}

/** Changes a row and makes the change an extract that is not loaded. */
async function extract(pipeline: DeployedPipeline, id: number): Promise<void> {
  await pipeline.databases.write(`INSERT INTO t VALUES (${id}, 'row ${id}')`);
  await pipeline.operate(async (operation) => {
    const until = await operation.source.currentPosition(never);
    await readLog(operation, until, never);
  });
}

const damaged = (pipeline: DeployedPipeline) => pipeline.databases.rows("SELECT COUNT(*) FROM t WHERE v = 'damaged'");
const rows = (pipeline: DeployedPipeline) => pipeline.databases.rows('SELECT COUNT(*) FROM t');

test('what is visible is loaded; where nothing is, two items are read and nothing else is touched', async () => {
  await using pipeline = await deployed();
  await extract(pipeline, 2);
  expect(await load({ Records: [{ eventID: '1' }] }, context)).toEqual({ more: false });
  expect(await rows(pipeline)).toEqual([['2']]);
  // A load that connected to the destination anew would miss its password now.
  await load[Symbol.asyncDispose]();
  pipeline.services.secrets.delete('penstock/destination');
  await load({}, context);
  pipeline.dynamoDb.requests.length = 0;
  expect(await load({}, context)).toEqual({ more: false });
  expect(pipeline.dynamoDb.requests).toEqual(['Query', 'Query']);
  expect(pipeline.services.invoked).toEqual([]);
});

test('a load of one extract writes one item, the run, and reads seven times, and now and then the switch', async () => {
  await using pipeline = await deployed();
  await extract(pipeline, 2);
  await load({}, context);
  await extract(pipeline, 3);
  pipeline.dynamoDb.requests.length = 0;
  await load({}, context);
  const counts = Map.groupBy(pipeline.dynamoDb.requests, (name) => name);
  const count = (name: string): number => counts.get(name)?.length ?? 0;
  expect([count('PutItem'), count('Query')]).toEqual([1, 4]);
  // Whether the switch is looked at again depends on the time since the load before.
  expect([3, 4]).toContain(count('GetItem'));
});

test('while another loader is at work nothing is done; the schedule finds what is left', async () => {
  await using pipeline = await deployed();
  expect(await tick({}, context)).toEqual({ woken: false });
  await extract(pipeline, 2);
  await pipeline.operate(({ host }) =>
    withLease(host, pipeline.name, 'loader', never, async () => {
      expect(await load({}, context)).toEqual({ more: false });
    }),
  );
  expect(await rows(pipeline)).toEqual([['1']]);
  expect(await tick({}, context)).toEqual({ woken: true });
  expect(pipeline.services.invoked).toEqual([{ name: `penstock-${pipeline.name}-load`, type: 'Event' }]);
  await load({}, context);
  expect(await rows(pipeline)).toEqual([['2']]);
});

test('a rollback that was begun and whose wake-up was lost is found by the schedule, also while nothing is extracted', async () => {
  await using pipeline = await deployed();
  await extract(pipeline, 2);
  await load({}, context);
  expect(await tick({}, context)).toEqual({ woken: false });
  await pipeline.databases.destination.query("UPDATE t SET v = 'damaged' WHERE id = 2");
  await pipeline.operate((operation) => rollback(operation, { to: 1, tables: null, dryRun: false, load: false }));
  expect(await damaged(pipeline)).toEqual([['1']]);
  expect(await tick({}, context)).toEqual({ woken: true });
  expect(await load({}, context)).toEqual({ more: false });
  expect(await damaged(pipeline)).toEqual([['0']]);
  expect(await tick({}, context)).toEqual({ woken: false });
});

test('what a rollback left that died before it began costs one call', async () => {
  await using pipeline = await deployed();
  await pipeline.operate((operation) =>
    withLease(operation.host, pipeline.name, 'loader', never, (lease) => catalogOf(operation).replays.begin(lease)),
  );
  expect(await tick({}, context)).toEqual({ woken: true });
  expect(await load({}, context)).toEqual({ more: false });
  expect(await tick({}, context)).toEqual({ woken: false });
});

test('without time left it calls itself to go on, and a state machine is told that there is more', async () => {
  await using pipeline = await deployed();
  await extract(pipeline, 2);
  expect(await load({}, lambdaContext('load', 900))).toEqual({ more: true });
  expect(pipeline.services.invoked).toHaveLength(1);
  expect(await load({ drain: true }, lambdaContext('load', 900))).toEqual({ more: true });
  expect(pipeline.services.invoked).toHaveLength(1);
  expect(await load({ drain: true }, context)).toEqual({ more: false });
  expect(await rows(pipeline)).toEqual([['2']]);
});

test('an error that somebody has to mend is sent and switches the scheduler off; switched on again the next call goes on', async () => {
  await using pipeline = await deployed();
  await extract(pipeline, 2);
  const { secrets, published } = pipeline.services;
  const secret = secrets.get('penstock/destination')!;
  secrets.delete('penstock/destination');
  await expect(load({}, context)).rejects.toMatchObject({
    name: 'PenstockManual',
    message: expect.stringContaining('PS1002') as string,
  });
  expect(pipeline.events.filter(({ type }) => type === 'HaltError')).toHaveLength(1);
  expect(published.map(({ subject }) => subject)).toEqual([`Penstock ${pipeline.name}: stopped by PS1002`]);
  // Nobody tries again what cannot succeed, …
  expect(await load({}, context)).toEqual({ more: false });
  expect(published).toHaveLength(1);
  expect(await switchSchedule({}, context)).toMatchObject({ on: false, by: 'error' });
  secrets.set('penstock/destination', secret);
  expect(await load({}, context)).toEqual({ more: false });
  expect(await rows(pipeline)).toEqual([['1']]);
  // … but whoever switches on wakes the loader.
  expect(await switchSchedule({ to: 'on', reason: 'mended' }, context)).toMatchObject({ on: true, by: 'operator' });
  expect(pipeline.services.invoked).toEqual([{ name: `penstock-${pipeline.name}-load`, type: 'Event' }]);
  expect(await load({}, context)).toEqual({ more: false });
  expect(await rows(pipeline)).toEqual([['2']]);
});

test('switched off, wake-ups load nothing and operations do; the health function raises no alarm for it', async () => {
  await using pipeline = await deployed();
  expect(await switchSchedule({ to: 'off', reason: 'the table moves' }, context)).toMatchObject({ on: false });
  await extract(pipeline, 2);
  expect(await load({ Records: [] }, context)).toEqual({ more: false });
  expect(await rows(pipeline)).toEqual([['1']]);
  expect(await health({}, context)).toEqual({ alarms: [] });
  expect(await load({ drain: true }, context)).toEqual({ more: false });
  expect(await rows(pipeline)).toEqual([['2']]);
  await expect(switchSchedule({ to: 'of' }, context)).rejects.toMatchObject({ name: 'PenstockNever' });
});

test('the checks answer with findings, also where a login is refused', async () => {
  await using pipeline = await deployed();
  const source = await checkSource({}, context);
  expect(source.findings).toContainEqual(expect.objectContaining({ code: 'tables', severity: 'ok' }));
  expect((await checkDestination({}, context)).findings.map(({ severity }) => severity)).not.toContain('error');
  pipeline.services.secrets.set('penstock/destination', '{"password":"wrong"}');
  await checkDestination[Symbol.asyncDispose]();
  const refused = (await checkDestination({}, context)).findings;
  expect(refused).toContainEqual(expect.objectContaining({ severity: 'error' }));
});

import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Catalog } from '../../core/catalog/catalog.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { readReaderStatus } from '../../core/operations/replication/reader-status.ts';
import { handler as beginOperation } from '../../functions/begin-operation.ts';
import { handler as endOperation } from '../../functions/end-operation.ts';
import { handler as health } from '../../functions/health.ts';
import { handler as load } from '../../functions/load.ts';
import { handler as tick } from '../../functions/schedule-tick.ts';
import { handler as switchSchedule } from '../../functions/switch-schedule.ts';
import { AwsCalls } from '../fixtures/aws-calls.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { neededPermissions } from '../fixtures/iam-actions.ts';
import { operate, type Operated } from '../fixtures/operation-machines.ts';
import { sharedServers } from '../fixtures/pipeline.ts';
import { resourcesOf, synthesisePipeline, type SynthesisedPipeline } from '../fixtures/synthesised-pipeline.ts';
import { SOURCE_TYPES, type SourceType } from '../fixtures/test-source.ts';

/** A schedule with runs on AWS: the deployed tick starts executions of the synthesised machine, and no reader stands between them. */

const HANDLERS = { load, 'begin-operation': beginOperation, 'end-operation': endOperation };
const CONTEXT = lambdaContext('schedule-tick');
const DAY = 24 * 3600 * 1000;

let daily: SynthesisedPipeline;
beforeAll(async () => {
  daily = await synthesisePipeline({}, 'schedule: { type: daily, at: "02:30", zone: Europe/Berlin }', {
    isValidated: false,
  });
});
afterEach(async () => {
  for (const handler of [tick, health, switchSchedule, ...Object.values(HANDLERS)])
    await handler[Symbol.asyncDispose]();
});

function functionOf(name: string): Readonly<Record<string, unknown>> {
  const found = resourcesOf(daily, 'AWS::Lambda::Function').find(
    ([, one]) => one['FunctionName'] === `penstock-${daily.name}-${name}`,
  );
  if (found === undefined) throw new Error(`${name} was not synthesised`);
  return found[1];
}

function environmentOf(name: string): Readonly<Record<string, string>> {
  return (functionOf(name)['Environment'] as { readonly Variables: Readonly<Record<string, string>> }).Variables;
}

async function deployed(sourceType: SourceType): Promise<DeployedPipeline> {
  const pipeline = await DeployedPipeline.open({
    ...sharedServers(sourceType),
    setup: 'CREATE TABLE orders (id int PRIMARY KEY, total int); INSERT INTO orders VALUES (1, 10)',
    tables: ['orders'],
    more: { schedule: { type: 'daily', at: '02:30', zone: 'Europe/Berlin' } },
  });
  // What the deployment gives the two functions.
  vi.stubEnv('PENSTOCK_RUNS', environmentOf('schedule-tick')['PENSTOCK_RUNS']);
  vi.stubEnv('PENSTOCK_READER', environmentOf('health')['PENSTOCK_READER']);
  return pipeline;
}

/** As if the schedule had been served so many days ago. */
async function served(pipeline: DeployedPipeline, daysAgo: number): Promise<void> {
  await pipeline.catalog(async (catalog) => {
    const found = await catalog.schedule();
    const at = new Date(Date.now() - daysAgo * DAY).toISOString().replace('Z', '000Z');
    await catalog.putSchedule({ served: at }, found?.version ?? null);
  });
}

/** What Step Functions does with an execution that was started. */
async function execute(pipeline: DeployedPipeline, name: string): Promise<Operated> {
  const ended = await operate(pipeline, daily, HANDLERS, { machine: 'manual-delta', name, input: {} });
  const execution = pipeline.services.executions.get(name)!;
  execution.status = ended.tag === 'succeeded' ? 'SUCCEEDED' : 'FAILED';
  if (ended.tag === 'failed') Object.assign(execution, { error: ended.error, cause: ended.cause });
  return ended;
}

const started = (pipeline: DeployedPipeline): string[] => [...pipeline.services.executions.keys()];
const rows = (pipeline: DeployedPipeline) => pipeline.databases.rows('SELECT id FROM orders ORDER BY id');

it.each(SOURCE_TYPES)('%s: a missed run is started once, brings everything, and is served', async (sourceType) => {
  await using pipeline = await deployed(sourceType);
  expect(await tick({}, CONTEXT)).toEqual({ woken: false, run: 'idle' });
  await served(pipeline, 5);
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'never-copied' });
  await pipeline.operate((context) => fullExtract(context, { tables: null }));
  await pipeline.databases.write('INSERT INTO orders VALUES (2, 20)');
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'started' });
  const [name = ''] = started(pipeline);
  expect(name).toMatch(/^run-\d{8}T0[01]3000Z$/);
  expect(pipeline.services.executions.get(name)?.machine).toMatch(/:stateMachine:penstock-billing-manual-delta$/);
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'running' });
  expect(await execute(pipeline, name)).toMatchObject({ tag: 'succeeded' });
  expect(await rows(pipeline)).toEqual([['1'], ['2']]);
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'ended' });
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'idle' });
  expect(started(pipeline)).toEqual([name]);
  // The run has said how the source's log stands; nobody misses a reader now.
  const status = await pipeline.operate(({ host }) => readReaderStatus(host, pipeline.name));
  expect(status).toMatchObject({ state: 'waiting', reason: 'the schedule has runs, and none is at work' });
  expect(await health({}, lambdaContext('health'))).toEqual({ alarms: [] });
});

it('switched off nothing is started, operations work, and what was due is made once when it is on again', async () => {
  await using pipeline = await deployed('postgres');
  await pipeline.operate((context) => fullExtract(context, { tables: null }));
  await served(pipeline, 3);
  await switchSchedule({ to: 'off' }, lambdaContext('switch-schedule'));
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'switched-off' });
  await pipeline.databases.write('INSERT INTO orders VALUES (2, 20)');
  const byHand = await operate(pipeline, daily, HANDLERS, { machine: 'manual-delta', name: 'by-hand', input: {} });
  expect(byHand).toMatchObject({ tag: 'succeeded' });
  expect(await rows(pipeline)).toEqual([['1'], ['2']]);
  await switchSchedule({ to: 'on' }, lambdaContext('switch-schedule'));
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'started' });
  expect(started(pipeline)).toHaveLength(1);
});

it('a run that fails with what somebody has to mend switches the scheduler off and is sent; mended, it is made again', async () => {
  await using pipeline = await deployed('postgres');
  await pipeline.operate((context) => fullExtract(context, { tables: null }));
  await pipeline.databases.write('INSERT INTO orders VALUES (2, 20)');
  await served(pipeline, 2);
  await tick({}, CONTEXT);
  const { secrets, published } = pipeline.services;
  const secret = secrets.get('penstock/destination')!;
  secrets.delete('penstock/destination');
  expect(await execute(pipeline, started(pipeline)[0]!)).toMatchObject({ tag: 'failed' });
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'halted' });
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'switched-off' });
  expect(published.map(({ subject }) => subject)).toContain(`Penstock ${pipeline.name}: stopped by PS1015`);
  expect(await switchSchedule({}, lambdaContext('switch-schedule'))).toMatchObject({
    on: false,
    by: 'error',
    reason: expect.stringContaining('PS1002') as string,
  });
  secrets.set('penstock/destination', secret);
  await switchSchedule({ to: 'on' }, lambdaContext('switch-schedule'));
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'started' });
  const again = started(pipeline)[1]!;
  expect(again).toMatch(/-2$/);
  expect(await execute(pipeline, again)).toMatchObject({ tag: 'succeeded' });
  expect(await tick({}, CONTEXT)).toMatchObject({ run: 'ended' });
  expect(await rows(pipeline)).toEqual([['1'], ['2']]);
});

it('Manual Delta before the first full extract is refused before a task is started, with the reason', async () => {
  await using pipeline = await deployed('postgres');
  const refused = await operate(pipeline, daily, HANDLERS, { machine: 'manual-delta', name: 'too-early', input: {} });
  expect(refused).toMatchObject({ tag: 'failed', entered: ['Begin', 'EndFailed', 'Failed'] });
  expect(refused).toMatchObject({ cause: expect.stringContaining('PS1004') as string });
  const lease = await pipeline.operate(({ host }) =>
    host.items.get({ partition: new Catalog(pipeline.name, host).pipeline, sort: 'lease#reader' }),
  );
  expect(lease).toBeNull();
});

it('the tick may do what it does, and nothing else', async () => {
  await using pipeline = await deployed('postgres');
  await pipeline.operate((context) => fullExtract(context, { tables: null }));
  using calls = new AwsCalls();
  const ticked = () => calls.as('schedule-tick', () => tick({}, CONTEXT));
  await served(pipeline, 2);
  await ticked();
  pipeline.services.executions.get(started(pipeline)[0]!)!.status = 'FAILED';
  expect(await ticked()).toMatchObject({ run: 'halted' });
  const made = new Set(
    calls.calls
      .filter(({ workload }) => workload === 'schedule-tick')
      .flatMap((call) => neededPermissions(call).map(({ action }) => action)),
  );
  const role = resourcesOf(daily, 'AWS::IAM::Role').find(([id]) => id.startsWith('ScheduleTickRole'))?.[1];
  const policies = role?.['Policies'] as {
    PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] };
  }[];
  const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const allowed = new Set(statements.flatMap(({ Action }) => Action));
  expect([...made].filter((action) => !allowed.has(action))).toEqual([]);
  expect([...made].sort()).toEqual([
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'sns:Publish',
    'states:DescribeExecution',
    'states:StartExecution',
  ]);
  const states = statements.filter(({ Action }) => JSON.stringify(Action).includes('states:'));
  expect(JSON.stringify(states.map(({ Resource }) => Resource))).toMatch(
    /:stateMachine:penstock-billing-manual-delta".*:execution:penstock-billing-manual-delta:run-\*"/,
  );
});

it('no reader stands, nobody is alarmed that there is none, and copies and operations are as ever', () => {
  expect(resourcesOf(daily, 'AWS::ECS::Service')).toEqual([]);
  const families = resourcesOf(daily, 'AWS::ECS::TaskDefinition').map(([, { Family }]) => Family);
  expect(families).toContain('penstock-billing-copy');
  expect(families).not.toContain('penstock-billing-reader');
  const alarms = resourcesOf(daily, 'AWS::CloudWatch::Alarm').map(([, { AlarmName }]) => AlarmName);
  expect(alarms).not.toContain('penstock-billing-no-reader');
  expect(alarms).toContain('penstock-billing-operation-failed');
  expect(daily.definitions.size).toBe(6);
  expect(JSON.parse(environmentOf('schedule-tick')['PENSTOCK_RUNS'] ?? '')).toMatchObject({
    schedule: { tag: 'daily', at: 150, zone: 'Europe/Berlin' },
    needsCopy: true,
  });
});

it('a manual schedule has no runs and no reader', async () => {
  const manual = await synthesisePipeline({}, 'schedule: { type: manual }', { isValidated: false });
  expect(resourcesOf(manual, 'AWS::ECS::Service')).toEqual([]);
  const tickOf = ({ resources }: SynthesisedPipeline) =>
    JSON.stringify(
      [...resources.values()].filter(({ Properties }) => /schedule-tick/.test(String(Properties?.['FunctionName']))),
    );
  expect(tickOf(manual)).not.toContain('PENSTOCK_RUNS');
});

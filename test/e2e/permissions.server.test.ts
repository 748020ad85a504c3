import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../core/operations/replication/follow.ts';
import { readLog } from '../../core/operations/replication/follow-and-load.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { removeExpired } from '../../core/operations/retention/retention.ts';
import type { FunctionHandler } from '../../functions/frame/function-frame.ts';
import { handler as beginOperation } from '../../functions/begin-operation.ts';
import { handler as checkDestination } from '../../functions/check-destination.ts';
import { handler as checkSource } from '../../functions/check-source.ts';
import { handler as endOperation } from '../../functions/end-operation.ts';
import { handler as finishCopy } from '../../functions/finish-copy.ts';
import { handler as health } from '../../functions/health.ts';
import { handler as loadChunks } from '../../functions/load-chunks.ts';
import { handler as load } from '../../functions/load.ts';
import { handler as planCopy } from '../../functions/plan-copy.ts';
import { handler as quarantine } from '../../functions/quarantine.ts';
import { handler as rollback } from '../../functions/rollback.ts';
import { handler as scheduleTick } from '../../functions/schedule-tick.ts';
import { handler as switchSchedule } from '../../functions/switch-schedule.ts';
import { handler as syncStructure } from '../../functions/sync-structure.ts';
import { handler as verify } from '../../functions/verify.ts';
import { AwsCalls } from '../fixtures/aws-calls.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { eventually } from '../fixtures/eventually.ts';
import { makeOld } from '../fixtures/old-extracts.ts';
import { neededPermissions } from '../fixtures/iam-actions.ts';
import { operate as operateMachine } from '../fixtures/operation-machines.ts';
import { sharedServers } from '../fixtures/pipeline.ts';
import { resourcesOf, synthesisePipeline, type SynthesisedPipeline } from '../fixtures/synthesised-pipeline.ts';

/**
 * Least privilege, proven: every call of AWS that the code makes while a pipeline lives through all of its operations is allowed by the
 * synthesised role of who makes it, and each role allows nothing that is never called, but for a list with reasons.
 */

const HANDLERS = {
  load,
  'schedule-tick': scheduleTick,
  'switch-schedule': switchSchedule,
  'begin-operation': beginOperation,
  'plan-copy': planCopy,
  'load-chunks': loadChunks,
  'finish-copy': finishCopy,
  'end-operation': endOperation,
  rollback,
  'sync-structure': syncStructure,
  quarantine,
  verify,
  'check-source': checkSource,
  'check-destination': checkDestination,
  health,
} as const;
type FunctionName = keyof typeof HANDLERS;
const WORKLOADS = [...Object.keys(HANDLERS), 'reader', 'copy', 'new-tables'];

/** What the platform asks of a role, and no call of ours: these services are left out of the comparison. */
const PLATFORM: Readonly<Record<string, string>> = {
  kms: 'S3, DynamoDB, Secrets Manager and SNS use the key on behalf of the caller',
  logs: 'Lambda writes the log',
  xray: 'Lambda and the X-Ray daemon write traces',
  ec2: 'Lambda makes network interfaces; denied to the code itself',
  sqs: 'Lambda puts what failed into the dead letters',
};
const STREAM_ACTIONS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

/** Allowed and not seen in this test, and why it is allowed all the same. `*`: any workload. */
const NOT_SEEN: readonly (readonly [workload: string, permission: string, reason: string])[] = [
  ['*', 'sns:Publish topic', 'an alert is published when something goes wrong there; core/events/alert.ts says what'],
  ['*', 's3:AbortMultipartUpload store', 'an upload that fails is given up'],
  ['*', 's3:ListBucket store', 'S3 says 404 for an object that expired only to who may list, and 403 to others'],
  ['load', 'lambda:InvokeFunction load', 'wakes itself when its time is nearly up'],
  ['new-tables', 'dynamodb:DeleteItem catalog', 'a list of chunks that a full extract left is cleared away'],
  ['plan-copy', 'dynamodb:DeleteItem catalog', 'a copy that starts anew clears its list of chunks away'],
];

const ROWS = 2000;
const WIDE = 12_000;

let synthesised: SynthesisedPipeline;
let pipeline: DeployedPipeline;
/** All that were lived through, this one too. */
const worlds: DeployedPipeline[] = [];
let calls: AwsCalls;

beforeAll(async () => {
  synthesised = await synthesisePipeline({}, '', { isValidated: false });
  calls = new AwsCalls();
  await rollBackBehindRetention();
  pipeline = await DeployedPipeline.open({
    ...sharedServers('postgres'),
    tables: ['orders'],
    more: { extracts: { chunkBytes: 20_000_000 } },
  });
  worlds.push(pipeline);
  await pipeline.databases.write(`
    CREATE TABLE orders (id int PRIMARY KEY, note text);
    INSERT INTO orders SELECT n, repeat('x', 50) FROM generate_series(1, ${ROWS}) n;
    CREATE TABLE wide (id int PRIMARY KEY, note text);
    INSERT INTO wide SELECT n, (SELECT string_agg(md5(random()::text || n || m), '') FROM generate_series(1, 30) m) FROM generate_series(1, ${WIDE}) n;`);
  await liveThroughEverything();
});

afterAll(async () => {
  calls[Symbol.dispose]();
  for (const handler of Object.values(HANDLERS)) await handler[Symbol.asyncDispose]();
  await pipeline[Symbol.asyncDispose]();
});

function invoke(name: FunctionName, event: unknown = {}): Promise<unknown> {
  const handler: FunctionHandler<unknown> = HANDLERS[name];
  return calls.as(name, () => handler(event, lambdaContext(name)));
}

async function operate(machine: string, input: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const name = `${machine}-${calls.calls.length}`;
  const task = machine === 'sync-new-tables' ? 'new-tables' : 'copy';
  const around = (called: string, call: () => Promise<unknown>) => calls.as(called === 'runTask' ? task : called, call);
  const ended = await operateMachine(pipeline, synthesised, HANDLERS, { machine, name, input, around });
  expect(ended).toMatchObject({ tag: 'succeeded' });
}

async function restart(): Promise<void> {
  await pipeline.deploy();
  for (const handler of Object.values(HANDLERS)) await handler[Symbol.asyncDispose]();
}

/** Files that have expired are made again from the source's log; a slot of PostgreSQL does not go back to them. */
async function rollBackBehindRetention(): Promise<void> {
  await using mysql = await DeployedPipeline.open({ ...sharedServers('mysql'), tables: ['orders'] });
  worlds.push(mysql);
  await mysql.databases.write('CREATE TABLE orders (id int PRIMARY KEY, n int); INSERT INTO orders VALUES (1, 0)');
  await mysql.operate((context) => fullExtract(context, { tables: null }));
  // Two: the last one never expires.
  for (const n of [1, 2]) {
    await mysql.databases.write(`UPDATE orders SET n = ${n}`);
    await mysql.operate(async (context) =>
      readLog(context, await context.source.currentPosition(context.signal), context.signal),
    );
    await invoke('load', { drain: true });
  }
  await mysql.operate(async (context) => {
    await makeOld(context.host.items, mysql.name, 1);
    expect(await removeExpired(context)).toMatchObject({ expired: 1 });
  });
  const step = { operation: 'back-1', kind: 'rollback', request: { to: 1 } };
  await invoke('begin-operation', step);
  expect(await invoke('rollback', step)).toMatchObject({ from: 1, more: false });
  await invoke('end-operation', { ...step, outcome: 'succeeded' });
  for (const handler of Object.values(HANDLERS)) await handler[Symbol.asyncDispose]();
}

async function liveThroughEverything(): Promise<void> {
  const { databases } = pipeline;
  // Before the first load.
  await invoke('schedule-tick');
  await invoke('check-source');
  await invoke('check-destination');
  await operate('full-extract');
  databases.configuration.tables = ['orders', 'wide'];
  await restart();
  await operate('sync-new-tables');
  await followFor(async () => {
    const extracts = (): number => pipeline.events.filter(({ type }) => type === 'ExtractCompleted').length;
    const before = extracts();
    await databases.write(`UPDATE orders SET note = 'seen' WHERE id < 100`);
    await eventually(() => Promise.resolve(extracts() > before));
    expect(await invoke('schedule-tick')).toEqual({ woken: true });
    await invoke('load', { Records: [] });
    // One transaction of more than a part of an upload.
    await databases.write(`UPDATE wide SET note = note || 'y'`);
    await eventually(async () => (await calls.as('reader', () => lastExtract())) >= 2);
    await invoke('load');
  });
  await databases.write(`ALTER TABLE orders RENAME COLUMN note TO remark; INSERT INTO orders VALUES (90001, 'later')`);
  await operate('manual-delta');
  await operate('sync-structure');
  await operate('rollback', { to: 1 });
  // A row in quarantine that fits by now; the change before it is read by who fetches it.
  await databases.rows(
    `INSERT INTO penstock_quarantine VALUES ('${pipeline.name}', '${databases.idOf('orders')}', 'p', 'r', 'c', '{}', NOW(6), '0123456789abcdef', '["90001"]')`,
  );
  await databases.write(`UPDATE orders SET remark = 'fetched' WHERE id = 90001`);
  expect(await invoke('quarantine', { action: 'retry' })).toMatchObject({ tables: [{ rows: 1, settled: 1 }] });
  // Rows that differ are fetched again, with the log that nobody has read yet.
  await databases.rows(`UPDATE orders SET remark = 'spoilt' WHERE id IN (90001, 7)`);
  await databases.write(`UPDATE orders SET remark = 'once more' WHERE id = 90001`);
  await operate('verify', { repair: true });
  expect(await databases.rows('SELECT remark FROM orders WHERE id = 90001')).toEqual([['once more']]);
  // What is old goes with the next load of a new environment.
  await pipeline.catalog(async (catalog, { items }) =>
    makeOld(items, pipeline.name, (await catalog.head()).lastExtract, 'unlisted'),
  );
  await restart();
  await databases.write(`INSERT INTO orders VALUES (90002, 'last')`);
  await operate('manual-delta');
  expect(await pipeline.catalog((catalog) => catalog.listedFrom(1, 5))).toHaveLength(1);
  await invoke('switch-schedule', { to: 'off' });
  await invoke('switch-schedule', { to: 'on' });
  vi.stubEnv('PENSTOCK_THRESHOLDS', JSON.stringify({ diskFreeGigabytes: 100 }));
  await invoke('health');
}

function lastExtract(): Promise<number> {
  return pipeline.catalog(async (catalog) => (await catalog.head()).lastExtract);
}

async function followFor(work: () => Promise<void>): Promise<void> {
  const ended = new AbortController();
  const measured = { diskFreeBytes: 1024 ** 3, memoryUsedBytes: 1, memoryLimitBytes: 1024 ** 3 };
  const running = calls.as('reader', () =>
    pipeline.operate((context) => follow(context, () => Promise.resolve(measured)), ended.signal),
  );
  try {
    await work();
  } finally {
    ended.abort(new Error('the test has seen enough'));
    await running;
  }
}

interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const listed = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

function statementsOf(workload: string): PolicyStatement[] {
  const role = roleOf(workload);
  const found = resourcesOf(synthesised, 'AWS::IAM::Role').find(([id]) => role.endsWith(`role/${id}`));
  const policies = (found?.[1]['Policies'] ?? []) as { PolicyDocument: { Statement: PolicyStatement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function roleOf(workload: string): string {
  const name = `penstock-${synthesised.name}-${workload}`;
  const functions = resourcesOf(synthesised, 'AWS::Lambda::Function').map(([, one]) => [
    one['FunctionName'],
    one['Role'],
  ]);
  const tasks = resourcesOf(synthesised, 'AWS::ECS::TaskDefinition').map(([, one]) => [
    one['Family'],
    one['TaskRoleArn'],
  ]);
  const found = [...functions, ...tasks].find(([its]) => its === name);
  if (found === undefined) throw new Error(`${workload} has no role`);
  return String(found[1]);
}

/** What a role allows, as `action kind-of-resource`. */
function allowed(workload: string): Set<string> {
  const own = new Set<string>();
  for (const statement of statementsOf(workload)) {
    if (statement.Effect !== 'Allow') continue;
    for (const action of listed(statement.Action)) {
      const [service = '', call = ''] = action.split(':');
      if (PLATFORM[service] !== undefined || STREAM_ACTIONS.includes(call)) continue;
      for (const resource of listed(statement.Resource))
        own.add(`${action} ${kindAllowed(action, resource, statement)}`);
    }
  }
  return own;
}

function kindAllowed(action: string, resource: string, { Condition }: PolicyStatement): string {
  const { name } = synthesised;
  const conditions = JSON.stringify(Condition ?? {});
  if (action === 's3:ListBucket' && conditions.includes(`"s3:prefix":["${name}/*"]`)) return 'store';
  if (action.startsWith('s3:') && resource.endsWith(`/${name}/*`)) return 'store';
  if (action === 's3:GetObject' && /\/cdk-.*-assets-|cdk-.*\.json$/.test(resource)) return 'settings';
  if (action.startsWith('dynamodb:') && conditions.includes(`"dynamodb:LeadingKeys":["${name}"]`)) return 'catalog';
  if (action.startsWith('secretsmanager:'))
    return /penstock\/[^/]+\/(source|destination)-/.exec(resource)?.[1] ?? resource;
  if (action === 'sns:Publish') return resource === '*' ? '*' : 'topic';
  if (action === 'lambda:InvokeFunction' && resource.endsWith(`:function:penstock-${name}-load`)) return 'load';
  return resource;
}

/** What a workload called, as `action kind-of-resource`. */
function needed(workload: string): Set<string> {
  const own = calls.calls.filter((call) => call.workload === workload).flatMap(neededPermissions);
  return new Set(own.map(({ action, resource }) => `${action} ${kindNeeded(action, resource)}`));
}

function kindNeeded(action: string, resource: string): string {
  for (const { name, environment, s3 } of worlds) {
    if (`s3://${resource}` === environment['PENSTOCK_SETTINGS']) return 'settings';
    if (action.startsWith('s3:') && resource.startsWith(`${s3.bucket}/${name}/`)) return 'store';
    if (action === 's3:ListBucket' && resource.startsWith(`${s3.bucket} ${name}/`)) return 'store';
    if (action.startsWith('dynamodb:') && resource === name) return 'catalog';
    if (resource === environment['PENSTOCK_TOPIC']) return 'topic';
    if (resource === environment['PENSTOCK_LOADER']) return 'load';
  }
  if (action.startsWith('secretsmanager:')) return resource.replace('penstock/', '');
  return resource;
}

describe.each(WORKLOADS)('the role of %s', (workload) => {
  it('allows every call that was made', () => {
    const made = needed(workload);
    expect(made.size).toBeGreaterThan(0);
    expect([...made].filter((permission) => !allowed(workload).has(permission))).toEqual([]);
  });

  it('allows nothing else', () => {
    const made = needed(workload);
    const unused = [...allowed(workload)].filter((permission) => !made.has(permission));
    const unexplained = unused.filter(
      (permission) => !NOT_SEEN.some(([who, what]) => (who === '*' || who === workload) && what === permission),
    );
    expect(unexplained).toEqual([]);
  });
});

it('every exception is one: it is allowed somewhere and was not seen there', () => {
  for (const [who, permission] of NOT_SEEN) {
    const where = WORKLOADS.filter((workload) => who === '*' || who === workload);
    const isUsed = where.some((workload) => allowed(workload).has(permission) && !needed(workload).has(permission));
    expect([who, permission, isUsed]).toEqual([who, permission, true]);
  }
});

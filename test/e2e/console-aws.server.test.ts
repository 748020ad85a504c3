import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../core/operations/replication/follow.ts';
import { readLog } from '../../core/operations/replication/follow-and-load.ts';
import { handler as beginOperation } from '../../functions/begin-operation.ts';
import { handler as checkDestination } from '../../functions/check-destination.ts';
import { handler as checkSource } from '../../functions/check-source.ts';
import { handler as endOperation } from '../../functions/end-operation.ts';
import { handler as finishCopy } from '../../functions/finish-copy.ts';
import { handler as load } from '../../functions/load.ts';
import { handler as loadChunks } from '../../functions/load-chunks.ts';
import { handler as planCopy } from '../../functions/plan-copy.ts';
import { handler as quarantine } from '../../functions/quarantine.ts';
import { handler as rollback } from '../../functions/rollback.ts';
import { handler as switchSchedule } from '../../functions/switch-schedule.ts';
import { handler as syncStructure } from '../../functions/sync-structure.ts';
import { handler as verify } from '../../functions/verify.ts';
import { endpoints } from '../../web/api/schemas/contract.ts';
import type { Dashboard } from '../../web/api/schemas/dashboard.ts';
import type { Operation, OperationRequest } from '../../web/api/schemas/operations.ts';
import { AwsCalls } from '../fixtures/aws-calls.ts';
import { DeployedConsole, VIEWER, type AskOptions } from '../fixtures/deployed-console.ts';
import { DeployedOperations, Gate } from '../fixtures/deployed-operations.ts';
import { DeployedPipeline } from '../fixtures/deployed-pipeline.ts';
import { eventually } from '../fixtures/eventually.ts';
import { neededPermissions } from '../fixtures/iam-actions.ts';
import { sharedServers } from '../fixtures/pipeline.ts';
import { consoleResources, synthesiseConsole } from '../fixtures/synthesised-console.ts';
import { synthesisePipeline } from '../fixtures/synthesised-pipeline.ts';

const HANDLERS = {
  load,
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
};
const ROWS = 500;

let pipeline: DeployedPipeline;
let operations: DeployedOperations;
let console: DeployedConsole;
let calls: AwsCalls;

beforeAll(async () => {
  const synthesised = await synthesisePipeline({}, '', { isValidated: false });
  const servers = sharedServers('postgres');
  pipeline = await DeployedPipeline.open({ ...servers, tables: ['orders', 'words'] });
  await pipeline.databases.write(`
    CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL, note varchar(100));
    CREATE TABLE words (word varchar(50) PRIMARY KEY);
    INSERT INTO orders SELECT n, n, repeat('x', 50) FROM generate_series(1, ${ROWS}) n;
    INSERT INTO words SELECT concat('w', n) FROM generate_series(1, 20) n;`);
  operations = new DeployedOperations(pipeline, synthesised, HANDLERS);
  console = await DeployedConsole.open(pipeline);
  calls = new AwsCalls();
  console.around = (work) => calls.as('console', work);
});

afterAll(async () => {
  calls[Symbol.dispose]();
  await console[Symbol.asyncDispose]();
  await operations[Symbol.asyncDispose]();
  await pipeline[Symbol.asyncDispose]();
});

const at = (rest: string): string => `/api/v1/instances/${pipeline.name}${rest}`;
const get = async (rest: string): Promise<unknown> => (await console.ask(`GET ${at(rest)}`)).json;
const post = (rest: string, body: unknown, options: AskOptions = {}) =>
  console.ask(`POST ${at(rest)}`, { ...options, body });

async function start(request: OperationRequest): Promise<Operation> {
  const { status, json } = await post('/operations', request);
  expect([status, json]).toMatchObject([202, { state: 'running' }]);
  return json as Operation;
}

/** Waits for its end. */
async function ended({ id }: Operation): Promise<Operation> {
  return eventually(async () => {
    const operation = (await get(`/operations/${id}`)) as Operation;
    return operation.endedAt === null ? null : operation;
  });
}

/** What was written at the source comes to the destination, as the reader and the loader bring it. */
async function replicate(): Promise<void> {
  await pipeline.operate(async (context) =>
    readLog(context, await context.source.currentPosition(context.signal), context.signal),
  );
  await pipeline.services.callFunction?.(`penstock-${pipeline.name}-load`, { drain: true });
}

async function amountAt(id: number): Promise<number> {
  const [[amount] = []] = await pipeline.databases.rows(`SELECT amount FROM orders WHERE id = ${id}`);
  return Number(amount);
}

describe('operations', () => {
  it('copies by the state machine; meanwhile others are refused, and the dashboard says so', async () => {
    expect(await get('/dashboard')).toMatchObject({
      activity: { state: 'off', remedy: 'Start the operation Full Extract.' },
      tables: { chosen: 2, following: 0 },
      source: { type: 'postgres' },
    });
    const gate = new Gate();
    operations.beforeCall = (_execution, called) =>
      (called === 'finish-copy' ? gate.pass() : Promise.resolve()).then(() => undefined);
    const copy = await start({ kind: 'full-extract', tables: null });
    await gate.reached;
    const atWork = await get(`/operations/${copy.id}`);
    expect(atWork).toMatchObject({ state: 'running', by: 'olga@example.com', message: '0 of 2 tables copied' });
    expect((atWork as Operation).progress.map(({ table }) => table).sort()).toEqual(
      ['orders', 'words'].map((table) => `public.${table}`),
    );
    expect(await get('/dashboard')).toMatchObject({ activity: { state: 'operation', operation: copy.id } });
    expect(await post('/operations', { kind: 'manual-delta' })).toMatchObject({
      status: 409,
      json: { code: 'PS1008' },
    });
    gate.open();
    expect(await ended(copy)).toMatchObject({ state: 'succeeded', error: null });
    expect(await amountAt(ROWS)).toBe(ROWS);
    expect(await get('/dashboard')).toMatchObject({
      tables: { following: 2 },
      checklist: expect.arrayContaining([{ step: 'full-extract', done: true, detail: '2 copied' }]) as unknown,
    });
  });

  it('brings what came since', async () => {
    await pipeline.databases.write('UPDATE orders SET amount = -1 WHERE id <= 10');
    expect(await ended(await start({ kind: 'manual-delta' }))).toMatchObject({ state: 'succeeded' });
    expect(await amountAt(1)).toBe(-1);
    expect(await ended(await start({ kind: 'sync-new-tables', tables: null }))).toMatchObject({ state: 'succeeded' });
  });

  it('stops one at once, and the next one begins at once', async () => {
    const gate = new Gate();
    operations.beforeCall = (_execution, called) =>
      (called === 'plan-copy' ? gate.pass() : Promise.resolve()).then(() => undefined);
    const copy = await start({ kind: 'full-extract', tables: ['public.words'] });
    await gate.reached;
    const { status, json } = await post(`/operations/${copy.id}/stop`, {});
    expect([status, json]).toMatchObject([202, { state: 'stopped' }]);
    expect(await post(`/operations/${copy.id}/stop`, {})).toMatchObject({ json: { state: 'stopped' } });
    await eventually(async () =>
      pipeline.operate(async ({ host }) => {
        const item = await host.items.get({ partition: pipeline.name, sort: 'lease#reader' });
        return Number(item?.value['until']) <= host.clock.now();
      }),
    );
    gate.open();
    operations.beforeCall = () => Promise.resolve();
    expect(await ended(await start({ kind: 'full-extract', tables: ['public.words'] }))).toMatchObject({
      state: 'succeeded',
    });
  });

  it('tells why one failed, with what mends it', async () => {
    const failed = await ended(await start({ kind: 'rollback', to: 999, tables: null }));
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'PS1010', message: expect.stringContaining('no extract 999') as unknown },
    });
    expect(failed.error?.message.match(/PS1010/g)).toHaveLength(1);
  });

  it('looks without changing anything: a rollback and differences of structure', async () => {
    const points = (await get('/rollback-points')) as { items: { file: number; available: boolean }[] };
    expect(points.items[0]).toMatchObject({ file: 1, available: true });
    const back = await start({ kind: 'rollback', to: 1, tables: null, dryRun: true });
    expect(await ended(back)).toMatchObject({
      state: 'succeeded',
      request: { dryRun: true },
      result: { kind: 'rollback', from: 1, to: 1, tables: [{ table: 'public.orders' }] },
    });
    await pipeline.databases.write('ALTER TABLE orders ADD COLUMN colour varchar(20)');
    const same = await ended(await start({ kind: 'sync-structure', tables: null, dryRun: true }));
    expect(same).toMatchObject({ state: 'succeeded', result: { kind: 'sync-structure', changes: 0 } });
    const { result } = same;
    const tables = result?.kind === 'sync-structure' ? result.tables : [];
    expect(tables.map(({ table, state }) => [table, state])).toEqual([
      ['public.orders', 'different'],
      ['public.words', 'same'],
    ]);
    const wrong = await ended(await start({ kind: 'rollback', to: 999, tables: null, dryRun: true }));
    expect(wrong).toMatchObject({ state: 'failed', error: { code: 'PS1010' } });
  });

  it('applies them', async () => {
    expect(await ended(await start({ kind: 'sync-structure', tables: null }))).toMatchObject({
      state: 'succeeded',
      message: '1 difference made good',
    });
    expect(await post('/operations', { kind: 'sync-structure', tables: null, redo: true })).toMatchObject({
      status: 422,
    });
    await pipeline.databases.rows('UPDATE orders SET amount = 7 WHERE id = 1');
    const back = await ended(await start({ kind: 'rollback', to: 1, tables: ['public.orders'] }));
    expect(back).toMatchObject({ state: 'succeeded', message: '10 changes of 1 extract applied again' });
    expect(await amountAt(1)).toBe(-1);
  });

  it('compares, and says which tables differ', async () => {
    await replicate();
    expect(await ended(await start({ kind: 'verify', tables: null }))).toMatchObject({
      state: 'succeeded',
      message: '2 of 2 tables equal',
      result: { kind: 'verify', equal: true },
    });
    await pipeline.databases.rows('DELETE FROM orders WHERE id = 2');
    const different = await ended(await start({ kind: 'verify', tables: ['public.orders'] }));
    // Nobody reads the log here: what differs may be on its way, and is no proof of a difference.
    expect(different).toMatchObject({ message: '0 of 1 table equal, 1 not', result: { equal: false, tables: [] } });
    const mended = await ended(await start({ kind: 'verify', tables: ['public.orders'], repair: true }));
    expect(mended).toMatchObject({ state: 'succeeded', message: '1 of 1 table equal' });
    expect(await get('/dashboard')).toMatchObject({ verified: { equal: 2, different: 0 } });
  });

  it('says how the reader stands', async () => {
    const stopped = new AbortController();
    const use = { diskFreeBytes: 5e9, memoryUsedBytes: 1e8, memoryLimitBytes: null };
    const reading = pipeline.operate((context) => follow(context, () => Promise.resolve(use)), stopped.signal);
    reading.catch(() => undefined);
    const dashboard = await eventually(async () => {
      const found = (await get('/dashboard')) as Dashboard;
      return found.activity.state === 'working' ? found : null;
    });
    expect(dashboard).toMatchObject({ resources: { diskFreeBytes: 5e9 }, lag: { milliseconds: 0 } });
    stopped.abort(new Error('stopped by the test'));
    await reading.catch(() => undefined);
  });

  it('lists them all, the newest first, page by page', async () => {
    const seen: Operation[] = [];
    let next: string | null = null;
    do {
      const page = (await get(`/operations?limit=5${next === null ? '' : `&after=${next}`}`)) as {
        items: Operation[];
        next: string | null;
      };
      seen.push(...page.items);
      next = page.next;
    } while (next !== null);
    expect(seen.map(({ request }) => request.kind)).toEqual([
      ...['verify', 'verify', 'verify', 'rollback', 'sync-structure', 'rollback', 'sync-structure', 'rollback'],
      ...['rollback', 'full-extract', 'full-extract', 'sync-new-tables', 'manual-delta', 'full-extract'],
    ]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect((await console.ask(`GET ${at('/operations/none')}`)).status).toBe(404);
  });
});

it('switches the scheduler through the pipeline itself', async () => {
  const off = await console.ask(`PUT ${at('/scheduler')}`, { body: { on: false, reason: 'maintenance' } });
  expect(off.json).toMatchObject({ on: false, by: 'operator', reason: 'maintenance' });
  expect(await get('/scheduler')).toMatchObject({ on: false });
  expect(await get('/dashboard')).toMatchObject({ schedule: { scheduler: { on: false } } });
  expect(await console.ask(`PUT ${at('/scheduler')}`, { body: { on: true } })).toMatchObject({ json: { on: true } });
});

describe('what is deployed', () => {
  it('is shown, and not changed', async () => {
    const configuration = await get('/configuration');
    expect(configuration).toMatchObject({ writable: false, complete: true, sections: { source: { password: 'set' } } });
    const { version } = configuration as { version: string };
    for (const [request, body] of [
      [`PUT ${at('/configuration/schedule')}`, { value: { type: 'manual' }, version }],
      [`PATCH ${at('/tables')}`, { changes: [{ table: 'public.words', selected: false }], version }],
      ['POST /api/v1/instances', { name: 'another' }],
      ['PATCH /ingest/api/ingest/conn-src', { password: 'hunter2' }],
    ] as const) {
      const { status, json } = await console.ask(request, { body });
      expect([request, status, (json as { remedy: string }).remedy]).toEqual([
        request,
        403,
        expect.stringMatching(/deploy/),
      ]);
    }
  });

  it('lists the chosen tables, with the columns that were copied', async () => {
    const list = await get('/tables');
    expect(list).toMatchObject({
      total: 2,
      problem: null,
      items: [{ id: 'public.orders', key: ['id'], atSource: true, state: { tag: 'following' } }, {}],
    });
    const detail = (await get('/tables/public.orders')) as { columns: { name: string }[] };
    expect(detail.columns.map(({ name }) => name)).toEqual(['id', 'amount', 'note', 'colour']);
  });

  it('is tested by its own functions; what is not deployed is not tested', async () => {
    for (const end of ['source', 'destination']) {
      const { status, json } = await post(`/${end}/test`, {});
      expect([end, status, (json as { findings: unknown[] }).findings.length > 0]).toEqual([end, 200, true]);
    }
    expect(await post('/source/test', { password: 'hunter2' })).toMatchObject({ status: 403 });
  });

  it('answers scripts of the Flow Ingest API', async () => {
    const { json } = await console.ask('GET /ingest/api/ingest/conn-src');
    expect(json).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'type', value: 'postgres' })]));
    const { json: begun } = await console.ask('POST /ingest/api/ingest/ops/extract/delta');
    expect(begun).toMatchObject({ success: true });
    await eventually(async () => ((await get('/operations?limit=1')) as { items: Operation[] }).items[0]?.endedAt);
  });

  it('has reports, rows in quarantine, notes and an audit', async () => {
    const month = new Date().toISOString().slice(0, 7);
    const report = (await get(`/reports/month?month=${month}&zone=UTC`)) as { items: unknown[] };
    expect(report.items.length).toBeGreaterThan(0);
    const csv = await console.ask(`GET ${at(`/reports/csv?month=${month}&zone=UTC`)}`);
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.text.split('\r\n').length).toBeGreaterThan(1);
    expect(await get('/transfers?zone=UTC')).toMatchObject({ zone: 'UTC' });
    expect(await get('/quarantine')).toEqual({ items: [], next: null, tables: [], total: 0 });
    expect(await post('/quarantine/retry', { tables: null })).toMatchObject({ status: 200, json: { tables: null } });
    expect(await post('/quarantine/drop', { tables: null, dryRun: false })).toMatchObject({
      json: { dropped: true, rows: 0 },
    });
    const icon = { text: 'AW', color: '#037f0c' };
    expect(await console.ask(`PATCH ${at('/settings')}`, { body: { icon } })).toMatchObject({
      json: { instance: { icon } },
    });
    expect(await get('/settings')).toMatchObject({
      instance: { icon },
      metadata: { place: expect.stringContaining('DynamoDB') as unknown },
    });
    const audit = (await get('/audit?limit=500')) as { items: { by: string; action: string; outcome: string }[] };
    expect(audit.items[0]).toMatchObject({
      by: 'olga@example.com',
      action: `PATCH /instances/${pipeline.name}/settings`,
      outcome: 'done',
    });
    expect(audit.items.filter(({ action }) => action.startsWith('PUT')).map(({ outcome }) => outcome)).toEqual([
      'refused',
      'done',
      'done',
    ]);
    const first = (await get('/audit?limit=2')) as { items: unknown[]; next: string };
    const second = (await get(`/audit?limit=2&after=${encodeURIComponent(first.next)}`)) as { items: unknown[] };
    expect([...first.items, ...second.items]).toEqual(audit.items.slice(0, 4));
  });
});

it('shows the log group: its last lines, what is wrong, what comes', async () => {
  const now = Date.now();
  const said = (seconds: number, line: object) => ({ timestamp: now - seconds * 1000, message: JSON.stringify(line) });
  pipeline.services.logGroups.set(`/penstock/${pipeline.name}`, [
    ...Array.from({ length: 120 }, (_, index) =>
      said(3000 - index, { level: 'INFO', message: `line ${index}`, function: 'load' }),
    ),
    ...pipeline.events.slice(-20).map((event, index) => said(1000 - index, event)),
    said(500, {
      level: 'ERROR',
      message: 'PS4001 no',
      function: 'load',
      details: { code: 'PS4001', remedy: 'mend it' },
    }),
    said(400, { level: 50, time: 'x', msg: 'PS2002 gone', code: 'PS2002', remedy: 'look' }),
    said(300, { type: 'platform.report', record: {} }),
    said(200, { _aws: {}, ColdStart: 1 }),
    // Written while the test is at work, however long that takes.
    said(-3600, { level: 'INFO', message: 'too young', function: 'load' }),
  ]);
  type Page = { items: { message: string; kind: string; id: string }[]; last: string; first: string | null };
  const last = (await get('/logs?limit=2')) as Page;
  expect(last.items.map(({ message, kind }) => [message, kind])).toEqual([
    ['PS4001 no', 'destination'],
    ['PS2002 gone', 'source'],
  ]);
  const before = (await get(`/logs?limit=1000&before=${encodeURIComponent(last.first ?? '')}`)) as Page;
  expect(before.items.filter(({ message }) => /^line \d/.test(message))).toHaveLength(120);
  expect(before.items.map(({ id }) => id)).toEqual(before.items.map(({ id }) => id).toSorted());
  expect(((await get('/logs?search=LINE%20119')) as Page).items).toHaveLength(1);
  expect(((await get('/logs?kind=errors')) as Page).items.map(({ message }) => message)).toContain('PS2002 gone');
  pipeline.services.logGroups
    .get(`/penstock/${pipeline.name}`)
    ?.push(said(20, { level: 'INFO', message: 'new', function: 'load' }));
  expect(await get(`/logs?after=${encodeURIComponent(last.last)}`)).toMatchObject({ items: [{ message: 'new' }] });
  const download = await console.ask(`GET ${at('/logs/download')}`);
  expect(download.text).toContain('line 0');
  expect(download.headers['content-disposition']).toContain(`${pipeline.name}.log`);
  await using fresh = await DeployedConsole.open(pipeline);
  expect((await fresh.ask(`GET ${at('/dashboard')}`)).json).toMatchObject({
    source: { lastError: { code: 'PS2002', remedy: 'look' } },
    destination: { lastError: { code: 'PS4001' } },
  });
});

describe('who may', () => {
  it('look: a viewer, who changes nothing', async () => {
    expect((await console.ask('GET /api/v1/session', { by: VIEWER })).json).toMatchObject({
      user: 'vera@example.com',
      role: 'viewer',
    });
    expect((await console.ask(`GET ${at('/dashboard')}`, { by: VIEWER })).status).toBe(200);
    const before = pipeline.services.executions.size;
    expect(await post('/operations', { kind: 'verify' }, { by: VIEWER })).toMatchObject({ status: 403 });
    expect(await console.ask(`GET ${at('/logs/download')}`, { by: VIEWER })).toMatchObject({ status: 403 });
    expect(pipeline.services.executions.size).toBe(before);
  });

  it('not even look: nobody, and who is in no group', async () => {
    for (const place of [
      '/api/v1/instances',
      '/%61pi/v1/instances',
      '//api/v1/instances',
      '/ingest/api/ingest/conn-src',
    ]) {
      const { status, text } = await console.ask(`GET ${place}`, { by: null });
      expect([place, text.includes(pipeline.name)]).toEqual([place, false]);
      expect([place, status >= 400]).toEqual([place, true]);
    }
    const stranger = await console.ask('GET /api/v1/instances', {
      by: { sub: '3', email: 'eve@example.com', 'cognito:groups': '[viewers]' },
    });
    expect(stranger).toMatchObject({ status: 403, json: { remedy: expect.stringContaining('operator') as unknown } });
  });

  it('ask at all: who comes from an allowed address', async () => {
    await using guarded = await DeployedConsole.open(pipeline, { allowList: ['198.51.100.0/24', '2001:db8::/32'] });
    for (const place of ['/', '/sign-in.json', '/api/v1/session']) {
      const refused = await guarded.ask(`GET ${place}`, { from: '203.0.113.7' });
      expect([place, refused.status, refused.headers['content-type']]).toEqual([
        place,
        403,
        'application/problem+json',
      ]);
      expect(refused.headers['content-security-policy']).toContain("default-src 'none'");
    }
    for (const from of ['198.51.100.77', '2001:db8::1']) {
      expect([from, (await guarded.ask('GET /api/v1/session', { from })).status]).toEqual([from, 200]);
    }
  });
});

/**
 * Least privilege, proven: every call of AWS that was made for all of the above is allowed by the function's synthesised role, which
 * allows nothing else.
 */
it('has exactly the rights that it needs', async () => {
  const [role] = consoleResources(
    await synthesiseConsole('standard', undefined, { isValidated: false }),
    'AWS::IAM::Role',
  );
  const [{ PolicyDocument }] = role?.['Policies'] as [{ PolicyDocument: { Statement: PolicyStatement[] } }];
  const allowed = new Set(PolicyDocument.Statement.flatMap(rightsOf));
  const needed = new Set(
    calls.calls.flatMap(neededPermissions).map(({ action, resource }) => `${action} ${kindOf(resource)}`),
  );
  expect([...needed].filter((right) => !allowed.has(right))).toEqual([]);
  expect([...allowed].filter((right) => !needed.has(right))).toEqual([]);
});

interface PolicyStatement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** `action kind-of-resource`; what the platform asks of a role is left out. */
function rightsOf({ Action, Resource, Condition = {} }: PolicyStatement): string[] {
  const keys = listed(Condition['ForAllValues:StringEquals']?.['dynamodb:LeadingKeys']);
  const prefixes = listed(Condition['StringLike']?.['s3:prefix']);
  const resources = keys.length > 0 ? keys : prefixes.length > 0 ? prefixes : listed(Resource);
  return listed(Action)
    .filter((action) => !/^(?:kms|xray):|^logs:(?:Create|Put)/.test(action))
    .flatMap((action) => resources.map((resource) => `${action} ${kindOf(resource)}`));
}

/** The same word for what the template and this test name by their own names. */
function kindOf(resource: string): string {
  const { name, s3 } = pipeline;
  const plain = resource.replaceAll(name, 'billing');
  if (plain.endsWith('.json')) return 'asset';
  if (plain === 'billing/*' || plain.startsWith(`${s3.bucket} billing/`)) return 'store';
  if (/:(?:stateMachine|execution):penstock-billing-[a-z-]+/.test(plain)) return 'a machine of the pipeline';
  return plain.replace(/^arn:aws:[^/]*:(?:function|log-group):/, '').replace(/:\*$/, '');
}

it('documents every call', async () => {
  const { json } = await console.ask('GET /api/v1/openapi.json');
  const { paths } = json as { paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  for (const [call] of endpoints()) {
    const [method = '', place = ''] = call.split(' ');
    expect(paths[`/api/v1${place}`]?.[method.toLowerCase()], call).toBeDefined();
  }
});

it('told no secret in all of this', () => {
  expect(console.answers.length).toBeGreaterThan(100);
  const { sourceServer, destinationServer } = sharedServers('postgres');
  const secrets = [sourceServer.password, destinationServer.password, 'hunter2'].filter(({ length }) => length > 5);
  for (const secret of secrets) {
    for (const answer of console.answers) expect(answer.includes(secret)).toBe(false);
  }
});

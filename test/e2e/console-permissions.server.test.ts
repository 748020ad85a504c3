import { afterAll, beforeAll, expect, test } from 'vitest';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { readLog } from '../../core/operations/replication/follow-and-load.ts';
import { DeployedConsole } from '../fixtures/deployed-console.ts';
import { DeployedPipeline } from '../fixtures/deployed-pipeline.ts';
import { AwsCalls, type AwsCall } from '../fixtures/aws-calls.ts';
import { sharedServers } from '../fixtures/pipeline.ts';
import { consoleResources, synthesiseConsole, type SynthesisedConsole } from '../fixtures/synthesised-console.ts';

/**
 * Least privilege of the console's function, proven: every call of AWS that it makes for any call of its API is allowed by the role of
 * the stack, and the role allows nothing that is never called. What the called functions and machines do is not looked at here.
 */

/** What the platform asks of the role, and no call of ours. */
const PLATFORM = new Set(['kms', 'xray', 'logs:CreateLogStream', 'logs:PutLogEvents']);

let pipeline: DeployedPipeline;
let console: DeployedConsole;
let synthesised: SynthesisedConsole;
let calls: AwsCalls;

beforeAll(async () => {
  synthesised = await synthesiseConsole('standard', {}, { isValidated: false });
  calls = new AwsCalls();
  pipeline = await DeployedPipeline.open({ ...sharedServers('postgres'), tables: ['orders'] });
  await pipeline.databases.write('CREATE TABLE orders (id int PRIMARY KEY)');
  // An extract, whose file is looked for.
  await pipeline.operate((context) => fullExtract(context, { tables: null }));
  await pipeline.databases.write('INSERT INTO orders VALUES (1)');
  await pipeline.operate(async (context) =>
    readLog(context, await context.source.currentPosition(context.signal), context.signal),
  );
  // Answers that are none: what matters is that somebody was asked.
  pipeline.services.callFunction = () => Promise.resolve({});
  // Executions that are stopped before they end.
  pipeline.services.runMachine = () => new Promise(() => undefined);
  console = await DeployedConsole.open(pipeline);
});

afterAll(async () => {
  await console[Symbol.asyncDispose]();
  await pipeline[Symbol.asyncDispose]();
  calls[Symbol.dispose]();
});

const ask = (request: string, body?: unknown): Promise<{ readonly json: unknown }> => {
  const [method = '', rest = ''] = request.split(' ');
  const path = rest.startsWith('/api') ? rest : `/api/v1/instances/${pipeline.name}${rest}`;
  return calls.as('console', () => console.ask(`${method} ${path}`, body === undefined ? {} : { body }));
};

const READS = [
  '/api/v1/session',
  '/api/v1/instances',
  '/dashboard',
  '/configuration',
  '/tables',
  '/tables/public.orders',
  '/scheduler',
  '/operations',
  '/rollback-points',
  '/transfers?zone=UTC',
  '/reports/month?month=2026-11&zone=UTC',
  '/quarantine',
  '/logs',
  '/logs?kind=errors',
  '/logs/download',
  '/settings',
  '/audit',
];

async function useEverything(): Promise<void> {
  for (const path of READS) await ask(`GET ${path}`);
  await ask('PUT /scheduler', { on: false });
  for (const end of ['source', 'destination']) await ask(`POST /${end}/test`, {});
  await ask('PATCH /settings', { icon: { text: 'AB', color: '#123456' } });
  await ask('POST /quarantine/retry', { tables: null });
  await ask('POST /operations', { kind: 'sync-structure', dryRun: true });
  await ask('POST /operations', { kind: 'rollback', to: 1, dryRun: true });
  const kinds = ['verify', 'full-extract', 'sync-new-tables', 'sync-structure', 'manual-delta'];
  for (const request of [...kinds.map((kind) => ({ kind })), { kind: 'rollback', to: 1 }]) {
    const { id } = (await ask('POST /operations', request)).json as { readonly id: string };
    await ask('GET /dashboard');
    await ask(`GET /operations/${id}`);
    await ask(`POST /operations/${id}/stop`, {});
  }
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const listed = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

/** What the role allows, as `action what`. */
function allowed(): string[] {
  const [role] = consoleResources(synthesised, 'AWS::IAM::Role');
  const policies = role?.['Policies'] as readonly { PolicyDocument: { Statement: readonly Statement[] } }[];
  const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const found = statements.flatMap(({ Action, Resource, Condition }) =>
    listed(Action).flatMap((action) => {
      if (PLATFORM.has(action) || PLATFORM.has(action.split(':')[0] ?? '')) return [];
      const keys = Condition?.['ForAllValues:StringEquals']?.['dynamodb:LeadingKeys'];
      return (keys ?? listed(Resource)).map((resource) => `${action} ${kindOf(resource, 'billing')}`);
    }),
  );
  return [...new Set(found)].sort();
}

/** Names and ARNs of one pipeline, without its name. */
function kindOf(resource: string, name: string): string {
  if (resource === name) return 'items of the pipeline';
  if (resource === `console#${name}`) return "the console's own items";
  if (resource === pipeline.s3.bucket || /^arn:aws:s3:::bucket\w*$/.test(resource)) return 'the bucket';
  if (resource.endsWith('.json')) return 'assets';
  if (resource.includes(':execution:'))
    return `executions of ${/-([a-z-]+):[^:]*$/.exec(resource.replace(`penstock-${name}`, ''))?.[1] ?? ''}`;
  if (resource.includes(`/penstock/${name}`)) return 'log';
  return resource.split(`penstock-${name}-`).at(-1) ?? resource;
}

/** What a call needs, in the same words. @throws Error for one that nobody thought of yet */
function neededBy({ command, input }: AwsCall): string {
  const given = input as Readonly<Record<string, string | undefined>> & {
    readonly Key?: { readonly partition: string } | string;
    readonly Item?: { readonly partition: string };
    readonly ExpressionAttributeValues?: { readonly ':partition': string };
  };
  const { Key, Item, ExpressionAttributeValues: values } = given;
  const partition = (typeof Key === 'object' ? Key.partition : undefined) ?? Item?.partition ?? values?.[':partition'];
  const [action, resource] = {
    GetObject: ['s3:GetObject', Key as string],
    ListObjectsV2: ['s3:ListBucket', given['Bucket']],
    Get: ['dynamodb:GetItem', partition],
    Query: ['dynamodb:Query', partition],
    Put: ['dynamodb:PutItem', partition],
    Invoke: ['lambda:InvokeFunction', given['FunctionName']],
    StartExecution: ['states:StartExecution', given['stateMachineArn']],
    ListExecutions: ['states:ListExecutions', given['stateMachineArn']],
    DescribeExecution: ['states:DescribeExecution', given['executionArn']],
    StopExecution: ['states:StopExecution', given['executionArn']],
    FilterLogEvents: ['logs:FilterLogEvents', given['logGroupName']],
  }[command] ?? [null, null];
  if (action === null || resource === undefined) throw new Error(`which permission does ${command} need?`);
  return `${action} ${kindOf(resource ?? '', pipeline.name)}`;
}

test('the role allows every call that the API makes, and nothing else', async () => {
  await useEverything();
  const needed = [...new Set(calls.calls.filter(({ workload }) => workload === 'console').map(neededBy))].sort();
  expect(needed.length).toBeGreaterThan(20);
  expect(needed.filter((one) => !allowed().includes(one))).toEqual([]);
  expect(allowed().filter((one) => !needed.includes(one))).toEqual([]);
});

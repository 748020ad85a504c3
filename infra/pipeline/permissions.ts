import { FUNCTION_NAMES, functionEntry, type FunctionName, type Needs } from './function-table.ts';
import type { ResourceArns } from './resource-arns.ts';

/** One statement of a policy, as IAM has it. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What runs our own code. `external`: an on-premises reader and its copy workers. */
export type Workload = FunctionName | 'reader' | 'copy' | 'new-tables' | 'external';
export const WORKLOADS: readonly Workload[] = [...FUNCTION_NAMES, 'reader', 'copy', 'new-tables', 'external'];

interface WorkloadNeeds extends Omit<Needs, 'store'> {
  readonly store: Needs['store'] | 'write' | 'all';
}

/** Follows the log or copies chunks: writes objects and the catalog, reads the source only. */
const READING: WorkloadNeeds = {
  settings: true,
  catalog: ['get', 'list', 'put'],
  store: 'write',
  secrets: ['source'],
  publishes: true,
  wakesLoader: false,
};

/** Copies tables from end to end: what it has put into the store it reads again, and removes when the table is in its place. */
const COPYING: WorkloadNeeds = {
  ...READING,
  catalog: ['get', 'list', 'put', 'remove'],
  store: 'all',
  secrets: ['source', 'destination'],
};

const CATALOG_ACTIONS = {
  get: 'dynamodb:GetItem',
  list: 'dynamodb:Query',
  put: 'dynamodb:PutItem',
  remove: 'dynamodb:DeleteItem',
} as const;

const STORE_ACTIONS = {
  none: [],
  read: ['s3:GetObject'],
  // Parts of an upload and its completion are PutObject, too.
  write: ['s3:PutObject', 's3:AbortMultipartUpload'],
  clear: ['s3:DeleteObject'],
  expire: ['s3:GetObject', 's3:DeleteObject'],
  all: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:DeleteObject'],
  remake: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
} as const;

const READ_KEY = ['kms:Decrypt', 'kms:DescribeKey'];
/** What AWS asks of who writes to a table or a bucket under a key of the account's own. */
const WRITE_KEY = [...READ_KEY, 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

const NETWORK_INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Everything that a workload may do: the one place that says so. Nothing else is added to its role. */
export function workloadStatements(workload: Workload, arns: ResourceArns): Statement[] {
  const own = isFunction(workload) ? functionStatements(workload, arns) : [];
  return [...needsStatements(needsOf(workload, arns), arns), ...own];
}

function needsOf(workload: Workload, { runMachine }: ResourceArns): WorkloadNeeds {
  // Only where it starts runs: it writes down which, and tells of those that fail.
  if (workload === 'schedule-tick' && runMachine !== null) {
    const { needs } = functionEntry(workload);
    return { ...needs, catalog: [...needs.catalog, 'get', 'put'], publishes: true };
  }
  if (isFunction(workload)) return functionEntry(workload).needs;
  return workload === 'new-tables' ? COPYING : READING;
}

function isFunction(workload: Workload): workload is FunctionName {
  return (FUNCTION_NAMES as readonly Workload[]).includes(workload);
}

function needsStatements(needs: WorkloadNeeds, arns: ResourceArns): Statement[] {
  return [
    ...(needs.settings ? [allow(['s3:GetObject'], [arns.settings])] : []),
    ...catalogStatements(needs, arns),
    ...storeStatements(needs, arns),
    ...needs.secrets.map((end) => allow(['secretsmanager:GetSecretValue'], secretsOf(end, arns))),
    ...(needs.publishes ? [allow(['sns:Publish'], [arns.topic])] : []),
    ...(needs.wakesLoader ? [allow(['lambda:InvokeFunction'], [arns.function('load')])] : []),
    ...keyStatements(needs, arns),
  ];
}

/** With the source come the other databases that it needs. */
function secretsOf(end: 'source' | 'destination', { secrets }: ResourceArns): readonly string[] {
  return end === 'source' ? [secrets.source, ...secrets.beside] : [secrets.destination];
}

/** Only the items of the pipeline's own partition. */
function catalogStatements({ catalog }: WorkloadNeeds, arns: ResourceArns): Statement[] {
  if (catalog.length === 0) return [];
  const conditions = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [arns.pipeline] } };
  const actions = catalog.map((use) => CATALOG_ACTIONS[use]);
  return [{ ...allow(actions, [arns.table]), conditions }];
}

/** Only the objects under the pipeline's own prefix. */
function storeStatements({ store }: WorkloadNeeds, arns: ResourceArns): Statement[] {
  if (store === 'none') return [];
  const objects = allow(STORE_ACTIONS[store], [`${arns.bucket}/${arns.pipeline}/*`]);
  if (store === 'write') return [objects];
  // Who reads must be told 404 of an expired object: without ListBucket S3 says 403, which would be tried for ever. GetObject
  // carries no prefix, hence IfExists.
  const conditions = { StringLikeIfExists: { 's3:prefix': [`${arns.pipeline}/*`] } };
  return [objects, { ...allow(['s3:ListBucket'], [arns.bucket]), conditions }];
}

/** The key is used only through the services that hold what it encrypts. */
function keyStatements(needs: WorkloadNeeds, arns: ResourceArns): Statement[] {
  const services = [
    ...(needs.catalog.length === 0 ? [] : ['dynamodb']),
    ...(needs.store === 'none' ? [] : ['s3']),
    ...(needs.secrets.length === 0 ? [] : ['secretsmanager']),
    ...(needs.publishes ? ['sns'] : []),
  ];
  const isWriter = ['write', 'all', 'remake'].includes(needs.store);
  const writes = needs.catalog.includes('put') || isWriter || needs.publishes;
  const conditions = {
    StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${arns.region}.amazonaws.com`) },
  };
  return [{ ...allow(writes ? WRITE_KEY : READ_KEY, [arns.key]), conditions }];
}

function functionStatements(name: FunctionName, arns: ResourceArns): Statement[] {
  return [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${arns.logGroup}:*`]),
    allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
    allow(NETWORK_INTERFACE_ACTIONS, ['*']),
    // The Lambda service needs these to put the function into the VPC; the function's own code does not.
    {
      effect: 'Deny',
      actions: NETWORK_INTERFACE_ACTIONS,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': [arns.function(name)] } },
    },
    ...(functionEntry(name).calledAsynchronously ? [allow(['sqs:SendMessage'], [arns.deadLetters])] : []),
    ...(name === 'load' ? streamStatements(arns) : []),
    ...(name === 'schedule-tick' && arns.runMachine !== null ? runStatements(arns.runMachine) : []),
  ];
}

/** For the mapping that wakes the loader. */
function streamStatements({ stream }: ResourceArns): Statement[] {
  return [
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [stream]),
    allow(['dynamodb:ListStreams'], ['*']),
  ];
}

/** Starting runs of the schedule, and seeing how they stand. */
function runStatements(machine: string): Statement[] {
  const executions = `${machine.replace(':stateMachine:', ':execution:')}:run-*`;
  return [allow(['states:StartExecution'], [machine]), allow(['states:DescribeExecution'], [executions])];
}

export function allow(actions: readonly string[], resources: readonly string[]): Statement {
  return { effect: 'Allow', actions, resources };
}

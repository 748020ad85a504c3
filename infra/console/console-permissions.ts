import { allow, type Statement } from '../pipeline/permissions.ts';

/**
 * The pipeline's functions that the console asks for what only they reach: source, destination, the scheduler's switch, dry runs; and
 * the one that gives back what an execution held that was stopped.
 */
export const ASKED_FUNCTIONS = [
  'end-operation',
  'check-source',
  'check-destination',
  'sync-structure',
  'rollback',
  'quarantine',
  'switch-schedule',
] as const;

/** Plain texts: tokens while synthesising, anything in a test. */
export interface ConsoleArns {
  readonly region: string;
  readonly pipelines: readonly string[];
  /** The document's object, and the settings of each pipeline. */
  readonly objects: readonly string[];
  /** Of the extracts. */
  readonly bucket: string;
  readonly table: string;
  readonly key: string;
  readonly machines: readonly string[];
  readonly executions: readonly string[];
  readonly functions: readonly string[];
  /** Of the pipelines. */
  readonly logGroups: readonly string[];
  readonly ownLogGroup: string;
}

/** The partition of what the console itself keeps of a pipeline. */
export function consolePartition(pipeline: string): string {
  return `console#${pipeline}`;
}

/**
 * All that the console's function may do. It reads the catalog and writes none of it: who can write a pipeline's own items can move
 * its position. No row and no password is in its reach.
 */
export function consoleStatements(arns: ConsoleArns): Statement[] {
  const own = arns.pipelines.map(consolePartition);
  const leading = (keys: readonly string[]): NonNullable<Statement['conditions']> => ({
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys },
  });
  const viaTable = { StringEquals: { 'kms:ViaService': [`dynamodb.${arns.region}.amazonaws.com`] } };
  return [
    allow(['s3:GetObject'], arns.objects),
    // Whether the file of an extract is still there: names and sizes.
    {
      ...allow(['s3:ListBucket'], [arns.bucket]),
      conditions: { StringLike: { 's3:prefix': arns.pipelines.map((pipeline) => `${pipeline}/*`) } },
    },
    {
      ...allow(['dynamodb:GetItem', 'dynamodb:Query'], [arns.table]),
      conditions: leading([...arns.pipelines, ...own]),
    },
    { ...allow(['dynamodb:PutItem'], [arns.table]), conditions: leading(own) },
    {
      ...allow(
        [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        [arns.key],
      ),
      conditions: viaTable,
    },
    allow(['states:StartExecution', 'states:ListExecutions'], arns.machines),
    allow(['states:DescribeExecution', 'states:StopExecution'], arns.executions),
    allow(['lambda:InvokeFunction'], arns.functions),
    allow(['logs:FilterLogEvents'], arns.logGroups),
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${arns.ownLogGroup}:*`]),
    allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
  ];
}

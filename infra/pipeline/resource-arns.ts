import { Reference, Stack, Tokenization } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { DataParts } from '../stacks/parts.ts';
import type { OperationKind } from '../../core/operations/shared-operation.ts';
import { operationMachine } from '../operation-names.ts';
import { partName, type PipelineNames } from './names.ts';
import type { PipelineSecrets } from './secrets.ts';

/** The ARNs that permissions name. Plain texts: tokens while synthesising, anything in a test. */
export interface ResourceArns {
  readonly pipeline: string;
  readonly region: string;
  readonly bucket: string;
  readonly table: string;
  readonly stream: string;
  readonly key: string;
  readonly topic: string;
  /** The one object of the settings asset. */
  readonly settings: string;
  readonly secrets: PipelineSecrets;
  readonly logGroup: string;
  readonly deadLetters: string;
  readonly cluster: string;
  /** The tasks of the cluster, all of them. */
  readonly tasks: string;
  readonly containerInstances: string;
  /** The definitions of the tasks that operations start, every revision: a run goes on where a deployment replaced it. */
  readonly definitions: { readonly copy: string; readonly 'new-tables': string };
  /** The rule by which Step Functions learns that a task ended; AWS makes it once an account. */
  readonly taskEventsRule: string;
  readonly function: (name: string) => string;
  /** The state machine whose executions are the schedule's runs; null where there is no schedule that recurs. */
  readonly runMachine: string | null;
}

export interface OwnArns {
  readonly settings: string;
  readonly secrets: PipelineSecrets;
  /** The operation that a run of the schedule is; null where none recurs. */
  readonly runs: OperationKind | null;
}

/**
 * By name rather than by reference wherever the name is ours: a role may then stand before what it permits, without a cycle.
 * @throws Error where the catalog's table has no stream
 */
export function resourceArns(scope: Construct, names: PipelineNames, data: DataParts, own: OwnArns): ResourceArns {
  const stack = Stack.of(scope);
  const arn = (service: string, resource: string): string =>
    `arn:${stack.partition}:${service}:${stack.region}:${stack.account}:${resource}`;
  const stream = data.table.tableStreamArn;
  if (stream === undefined) throw new Error("the catalog's table needs a stream: the loader is woken by it");
  const { runs, ...given } = own;
  return {
    ...given,
    runMachine: runs === null ? null : arn('states', `stateMachine:${operationMachine(names.pipeline, runs)}`),
    pipeline: names.pipeline,
    region: stack.region,
    bucket: bucketArn(stack, data.bucket),
    table: data.table.tableArn,
    stream,
    key: data.key.keyArn,
    topic: data.topic.topicArn,
    logGroup: arn('logs', `log-group:${names.logGroup}`),
    deadLetters: arn('sqs', names.deadLetters),
    cluster: arn('ecs', `cluster/${names.cluster}`),
    tasks: arn('ecs', `task/${names.cluster}/*`),
    containerInstances: arn('ecs', `container-instance/${names.cluster}/*`),
    definitions: {
      copy: arn('ecs', `task-definition/${names.copyFamily}:*`),
      'new-tables': arn('ecs', `task-definition/${names.newTablesFamily}:*`),
    },
    taskEventsRule: arn('events', 'rule/StepFunctionsGetEventsForECSTaskRule'),
    function: (name) => arn('lambda', `function:${partName(names.pipeline, name)}`),
  };
}

/** As the import that it will be: what stands behind it is then known while roles are made, and cdk-nag's findings can be named. */
function bucketArn(stack: Stack, bucket: IBucket): string {
  const owner = Stack.of(bucket);
  const isReference = Reference.isReference(Tokenization.reverse(bucket.bucketArn, { failConcat: false }));
  return isReference && owner !== stack ? owner.exportValue(bucket.bucketArn) : bucket.bucketArn;
}

import { Duration } from 'aws-cdk-lib';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { NetworkParts } from '../stacks/parts.ts';
import { functionCode } from './bundle.ts';
import { FUNCTION_NAMES, functionEntry, type FunctionName } from './function-table.ts';
import { partName } from './names.ts';
import { workloadStatements } from './permissions.ts';
import type { ResourceArns } from './resource-arns.ts';
import { exactRole } from './role.ts';

/** How long a call that nobody waits for is kept while the function is busy. */
const MOST_EVENT_AGE = Duration.hours(1);

export interface FunctionsProps {
  readonly pipeline: string;
  readonly arns: ResourceArns;
  readonly network: NetworkParts;
  readonly securityGroup: ISecurityGroup;
  readonly logGroup: ILogGroup;
  readonly deadLetters: IQueue;
  readonly environment: Record<string, string>;
  /** What single functions get besides. */
  readonly own: Partial<Readonly<Record<FunctionName, Readonly<Record<string, string>>>>>;
  /** MB of the load function. */
  readonly loadMemory: number;
}

export type PipelineFunctions = Readonly<Record<FunctionName, LambdaFunction>>;

/** Every function of the table, each with a role of its own. */
export function pipelineFunctions(scope: Construct, props: FunctionsProps): PipelineFunctions {
  const made = FUNCTION_NAMES.map((name) => [name, pipelineFunction(scope, name, props)] as const);
  return Object.fromEntries(made) as Record<FunctionName, LambdaFunction>;
}

function pipelineFunction(scope: Construct, name: FunctionName, props: FunctionsProps): LambdaFunction {
  const { entry, description, timeoutSeconds, memory, calledAsynchronously, reservedConcurrency } = functionEntry(name);
  const id = name.replace(/(^|-)[a-z]/g, (letter) => letter.slice(-1).toUpperCase());
  const { role } = exactRole(scope, `${id}Role`, {
    service: 'lambda.amazonaws.com',
    description: `Penstock ${props.pipeline}: function ${name}`,
    statements: workloadStatements(name, props.arns),
    why: "Objects and log streams get their names later: * stands only behind the pipeline's own prefix or log group. X-Ray, EC2's network interfaces and ListStreams take no resource.",
  });
  const made = new LambdaFunction(scope, id, {
    functionName: partName(props.pipeline, name),
    description,
    code: functionCode(entry),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: memory === 'byVolume' ? props.loadMemory : memory,
    timeout: Duration.seconds(timeoutSeconds),
    environment: { ...props.environment, ...props.own[name] },
    role,
    vpc: props.network.vpc,
    vpcSubnets: props.network.subnets,
    securityGroups: [props.securityGroup],
    logGroup: props.logGroup,
    // Events and metrics are JSON lines on stdout; so is then everything else in the group.
    loggingFormat: LoggingFormat.JSON,
    tracing: Tracing.ACTIVE,
    ...(reservedConcurrency === null ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
    ...(calledAsynchronously ? asynchronousCalls(props.deadLetters) : {}),
    // The loader calls itself while something is left; Lambda would take that for a runaway after sixteen calls.
    ...(name === 'load' ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
  });
  return made;
}

/** The next tick calls again: a call that failed is not repeated for long, but it is not lost unseen either. */
function asynchronousCalls(deadLetters: IQueue): {
  readonly retryAttempts: number;
  readonly maxEventAge: Duration;
  readonly onFailure: SqsDestination;
} {
  return { retryAttempts: 1, maxEventAge: MOST_EVENT_AGE, onFailure: new SqsDestination(deadLetters) };
}

import { Duration, Stack } from 'aws-cdk-lib';
import { Architecture, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { DataParts } from '../stacks/parts.ts';
import { exactRole } from '../pipeline/role.ts';
import { consoleCode } from './console-bundle.ts';
import type { ConsoleIdentity } from './console-identity.ts';
import { consoleStatements, type ConsoleArns } from './console-permissions.ts';

/** API Gateway waits for thirty seconds. */
const TIMEOUT = Duration.seconds(29);
const MEMORY = 1024;

export interface ConsoleFunctionProps {
  readonly data: Pick<DataParts, 'bucket' | 'table'>;
  /** `s3://bucket/key` of the console's document. */
  readonly document: string;
  readonly identity: ConsoleIdentity;
  readonly arns: ConsoleArns;
  readonly logGroup: ILogGroup;
}

/** The API and the pages. In no VPC: it talks to AWS alone, and asks the pipeline's functions for what is at source and destination. */
export function consoleFunction(scope: Construct, props: ConsoleFunctionProps): LambdaFunction {
  const { data, document, identity, arns, logGroup } = props;
  const { role } = exactRole(scope, 'FunctionRole', {
    service: 'lambda.amazonaws.com',
    description: 'Penstock: the web console',
    statements: consoleStatements(arns),
    why: 'Executions and log streams get their names when they begin: * stands only behind one machine or one log group. X-Ray takes no resource.',
  });
  return new LambdaFunction(scope, 'Function', {
    description: 'Serves the pages and the API of the web console',
    code: consoleCode(),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: MEMORY,
    timeout: TIMEOUT,
    // web/aws/console-environment.ts reads it.
    environment: {
      PENSTOCK_CONSOLE: document,
      PENSTOCK_BUCKET: data.bucket.bucketName,
      PENSTOCK_TABLE: data.table.tableName,
      PENSTOCK_SIGN_IN: Stack.of(scope).toJsonString(identity.signIn),
      POWERTOOLS_SERVICE_NAME: 'penstock',
      POWERTOOLS_LOG_LEVEL: 'INFO',
    },
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    tracing: Tracing.ACTIVE,
  });
}

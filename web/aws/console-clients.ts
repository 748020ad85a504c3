import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { ANSWERING, answeringWithin, transferring } from '../../hosts/aws/client-settings.ts';

/** What the console calls: one client of each service, for all pipelines. It reads no secret and publishes nothing. */
export interface ConsoleClients extends Disposable {
  readonly s3: S3Client;
  readonly dynamoDb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly states: SFNClient;
  readonly logs: CloudWatchLogsClient;
}

/** An HTTP API answers nobody after 30 seconds; so long a function is waited for, in milliseconds. */
export const FUNCTION_MILLISECONDS = 24_000;
/** A search of a log group takes its time, in milliseconds. */
const SEARCH_MILLISECONDS = 10_000;

export function consoleClients(environment: Readonly<Record<string, string | undefined>>): ConsoleClients {
  const clients = {
    s3: new S3Client(transferring(environment)),
    dynamoDb: new DynamoDBClient(ANSWERING),
    // A function that was called and did not answer in time is not called again: it may still be at work.
    lambda: new LambdaClient(answeringWithin(FUNCTION_MILLISECONDS, 1)),
    states: new SFNClient(ANSWERING),
    logs: new CloudWatchLogsClient(answeringWithin(SEARCH_MILLISECONDS, 3)),
  };
  return {
    ...clients,
    [Symbol.dispose]() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

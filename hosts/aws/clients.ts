import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';

/**
 * One client of each service. Region, credentials and endpoints (`AWS_REGION`, `AWS_ENDPOINT_URL_*`, a task's or function's role)
 * come from the standard environment, as the SDK reads it; connections are kept alive.
 */
export interface AwsClients extends Disposable {
  readonly s3: S3Client;
  readonly dynamoDb: DynamoDBClient;
  readonly secretsManager: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly lambda: LambdaClient;
}

/** Milliseconds until a connection stands; in one region it takes a few. */
const CONNECT_MILLISECONDS = 2000;
/** Milliseconds until the answer of a small request begins. */
const ANSWER_MILLISECONDS = 4000;
/** The same for S3, where a request carries up to 16 MB. */
const TRANSFER_MILLISECONDS = 60_000;
/** A body that stands still for this long has lost its connection. */
const IDLE_MILLISECONDS = 30_000;

/**
 * Four tries: with their pauses they end within a lease's 30 seconds. The `standard` mode, not `adaptive`: that one makes all
 * requests of a client wait after one of them was throttled, the renewal of a lease among them.
 */
const RETRIES = { maxAttempts: 4, retryMode: 'standard' } as const;

export function awsClients(environment: Readonly<Record<string, string | undefined>>): AwsClients {
  const small = { ...RETRIES, requestHandler: timeouts(ANSWER_MILLISECONDS) };
  // An S3 that is not AWS's own seldom has a host name for each bucket.
  const forcePathStyle = (environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL']) !== undefined;
  const clients = {
    s3: new S3Client({ ...RETRIES, requestHandler: timeouts(TRANSFER_MILLISECONDS), forcePathStyle }),
    dynamoDb: new DynamoDBClient(small),
    secretsManager: new SecretsManagerClient(small),
    sns: new SNSClient(small),
    lambda: new LambdaClient(small),
  };
  return {
    ...clients,
    [Symbol.dispose]() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

function timeouts(requestTimeout: number): Record<string, number | boolean> {
  return {
    connectionTimeout: CONNECT_MILLISECONDS,
    requestTimeout,
    throwOnRequestTimeout: true,
    socketTimeout: IDLE_MILLISECONDS,
  };
}

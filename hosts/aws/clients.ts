import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { ANSWERING, transferring } from './client-settings.ts';

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

export function awsClients(environment: Readonly<Record<string, string | undefined>>): AwsClients {
  const clients = {
    s3: new S3Client(transferring(environment)),
    dynamoDb: new DynamoDBClient(ANSWERING),
    secretsManager: new SecretsManagerClient(ANSWERING),
    sns: new SNSClient(ANSWERING),
    lambda: new LambdaClient(ANSWERING),
  };
  return {
    ...clients,
    [Symbol.dispose]() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

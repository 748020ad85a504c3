import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host, Log } from '../../core/host/host.ts';
import { EnvironmentSecrets } from '../node/environment-secrets.ts';
import { failpoints } from '../node/failpoints.ts';
import { FileScratch } from '../node/file-scratch.ts';
import { SystemClock } from '../node/system-clock.ts';
import { SystemRandomness } from '../node/system-randomness.ts';
import { zstdCodec } from '../node/zlib-codec.ts';
import { AwsEvents } from './aws-events.ts';
import { awsClients, type AwsClients } from './clients.ts';
import { deployedEnvironment, type DeployedEnvironment } from './deployed-environment.ts';
import { DynamoItems } from './dynamo-items.ts';
import { LambdaWakeUps, StreamWakeUps } from './lambda-wake-ups.ts';
import { S3Store } from './s3-store.ts';
import { SecretsManagerSecrets } from './secrets-manager-secrets.ts';

export interface AwsHostOptions {
  /** The process's. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** What this process is: its task's ARN, its log stream; null: this machine's name. */
  readonly process: string | null;
  /** Who wakes the loader: the catalog's own stream, or this process by calling it. */
  readonly wakes: 'by-stream' | 'by-call';
}

export interface AwsHost extends Host, AsyncDisposable {
  readonly deployed: DeployedEnvironment;
  readonly clients: AwsClients;
  /** Resolves when alerts and wake-ups are on their way. To be awaited before a function ends: then its process stands still. */
  settled(): Promise<void>;
}

/** The ports in an AWS account. Calls nothing yet. @throws PenstockError PS1001 where the environment is not a deployment's */
export function createAwsHost(options: AwsHostOptions): AwsHost {
  const { environment, log } = options;
  const deployed = deployedEnvironment(environment);
  const clients = awsClients(environment);
  const clock = new SystemClock();
  const randomness = new SystemRandomness();
  const events = new AwsEvents({ client: clients.sns, topic: deployed.topic, clock, log });
  const calls = new LambdaWakeUps(clients.lambda, deployed.loader, clock, log);
  const settled = async (): Promise<void> => {
    await Promise.all([events.settled(), calls.settled()]);
  };
  return {
    deployed,
    clients,
    clock,
    randomness,
    codec: zstdCodec(),
    store: new S3Store({ client: clients.s3, bucket: deployed.bucket, prefix: '' }),
    items: new DynamoItems({ client: clients.dynamoDb, table: deployed.table }),
    events,
    log,
    secrets: new SecretsManagerSecrets(clients.secretsManager, new EnvironmentSecrets(environment)),
    wakeUps: options.wakes === 'by-call' ? calls : new StreamWakeUps(clock),
    scratch: new FileScratch(join(tmpdir(), 'penstock-scratch')),
    owner: `${options.process ?? hostname()}/${randomness.identifier()}`,
    // Nothing is certain about a process on another machine: its leases run out.
    ownerIsGone: () => false,
    failpoint: failpoints(deployed.failpoint),
    settled,
    async [Symbol.asyncDispose]() {
      await settled();
      clients[Symbol.dispose]();
    },
  };
}

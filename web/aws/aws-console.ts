import { SystemClock } from '../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../hosts/node/system-randomness.ts';
import { DynamoItems } from '../../hosts/aws/dynamo-items.ts';
import { S3Store } from '../../hosts/aws/s3-store.ts';
import type { ConsoleHost, InstanceHost } from '../api/console-host.ts';
import { notFound } from '../api/problems/api-error.ts';
import type { Instance } from '../api/schemas/instances.ts';
import { AwsInstance } from './aws-instance.ts';
import type { ConsoleClients } from './console-clients.ts';
import type { ConsoleDocument, ConsoleEnvironment } from './console-environment.ts';
import { notHere } from './deployed-configuration.ts';
import type { Account } from './deployed-names.ts';

export interface AwsConsoleOptions {
  readonly environment: ConsoleEnvironment;
  readonly document: ConsoleDocument;
  readonly clients: ConsoleClients;
  readonly account: Account;
  readonly version: string;
}

/** All pipelines of a deployment. What is configured is deployed; here it is looked at and operated. */
export class AwsConsole implements ConsoleHost {
  readonly kind = 'aws';
  readonly canConfigure = false;
  readonly only = null;
  readonly live = 'poll';
  readonly version: string;
  readonly #instances: ReadonlyMap<string, AwsInstance>;

  constructor({ environment, document, clients, account, version }: AwsConsoleOptions) {
    const { bucket, table, document: place } = environment;
    this.version = version;
    const host: InstanceHost = {
      clock: new SystemClock(),
      randomness: new SystemRandomness(),
      items: new DynamoItems({ client: clients.dynamoDb, table }),
      store: new S3Store({ client: clients.s3, bucket, prefix: '' }),
    };
    const assets = place.bucket;
    this.#instances = new Map(
      document.pipelines.map((pipeline) => [
        pipeline.name,
        new AwsInstance({ pipeline, assets, host, clients, account, version, table }),
      ]),
    );
  }

  /** One whose settings or catalog cannot be read hides no other, and is listed as not complete: its own pages say why. */
  instances(): Promise<Instance[]> {
    const all = [...this.#instances.values()];
    return Promise.all(all.map((instance) => instance.summary().catch(() => instance.unread())));
  }

  instance(name: string): Promise<AwsInstance | null> {
    return Promise.resolve(this.#instances.get(name) ?? null);
  }

  create(): Promise<void> {
    return Promise.reject(notHere('instances are not made here'));
  }

  /** What is deployed goes on by itself. */
  open(name: string): Promise<void> {
    return this.#instances.has(name) ? Promise.resolve() : Promise.reject(notFound(`instance ${name}`));
  }
}

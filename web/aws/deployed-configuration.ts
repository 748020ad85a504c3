import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretReference } from '../../core/host/host.ts';
import type { S3Object } from '../../hosts/aws/deployed-environment.ts';
import { DEPLOYED_FILE, deployedDocument } from '../../hosts/aws/deployed-settings.ts';
import { versionOf } from '../api/configuration/candidate-settings.ts';
import type { ConfigurationStore, ConfigurationText } from '../api/console-host.ts';
import { ApiError } from '../api/problems/api-error.ts';

/** A pipeline's configuration as it was deployed: it is read here, and changed by another deployment. */
export class DeployedConfiguration implements ConfigurationStore {
  readonly #client: S3Client;
  readonly #place: S3Object;
  /** The key of the asset is a hash of what it holds: what was read once stays true. */
  #read: Promise<ConfigurationText> | null = null;

  constructor(client: S3Client, place: S3Object) {
    this.#client = client;
    this.#place = place;
  }

  read(): Promise<ConfigurationText> {
    const read = (this.#read ??= this.#fetch());
    read.catch(() => (this.#read = null));
    return read;
  }

  write(): Promise<ConfigurationText> {
    return Promise.reject(notHere('the configuration is not changed here'));
  }

  passwordReference(): Readonly<Record<string, string>> {
    throw notHere('passwords are not changed here');
  }

  /** The console may read no secret; the deployment makes those that are named, and the test of each side tells whether they work. */
  hasPassword(reference: SecretReference): Promise<boolean> {
    return Promise.resolve(reference.tag === 'secret');
  }

  async #fetch(): Promise<ConfigurationText> {
    const { text } = await deployedDocument(this.#client, this.#place);
    return { text, version: versionOf(text), file: DEPLOYED_FILE };
  }
}

/** What is deployed is changed by deploying. */
export function notHere(what: string): ApiError {
  return new ApiError(403, what, {
    remedy: "Change the pipeline's YAML file, and its secrets in Secrets Manager; then deploy it with `cdk deploy`.",
  });
}

import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StackProps } from 'aws-cdk-lib';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';
import type { Deployment, PipelineDeployment } from '../deployment/deployment.ts';

/** What stacks hand to each other. */

/** Where tasks and functions run. `workload-security-group.ts` makes the group that goes with it. */
export interface NetworkParts {
  readonly vpc: IVpc;
  /** The private subnets. */
  readonly subnets: SubnetSelection;
  /** DNS servers besides the VPC's own resolver, as address ranges; security groups must let these through. */
  readonly dnsServers: readonly string[];
}

/** What outlives every pipeline. */
export interface DataParts {
  /** Extracts, copies and the settings of all pipelines, under `<pipeline>/`. */
  readonly bucket: IBucket;
  /** The catalog: partition key `partition`, sort key `sort`; its stream sends keys only. */
  readonly table: ITable;
  /** Encrypts the bucket, the table, the topic, the secrets and the log groups whose names begin with `/penstock/`. */
  readonly key: IKey;
  /** Alarms and events that call for somebody. */
  readonly topic: ITopic;
  readonly logRetention: RetentionDays;
}

/** The pipeline's settings as tasks and functions read them at start: the JSON text of the settings asset. */
export interface SettingsDocument {
  /** The YAML file as it was written. */
  readonly text: string;
  /**
   * What the `ca` files of `tls` hold (PEM), because there are no files there, by the places of their servers: `source`,
   * `source.rootDatabase`, `destination`. Where there is none the system's authorities count.
   */
  readonly authorities: Readonly<Record<string, string>>;
}

export interface PipelineStackProps extends StackProps {
  readonly deployment: Deployment;
  readonly pipeline: PipelineDeployment;
  readonly settings: PipelineSettings;
  readonly document: SettingsDocument;
  readonly network: NetworkParts;
  readonly data: DataParts;
}

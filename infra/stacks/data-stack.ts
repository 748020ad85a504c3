import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  StreamViewType,
  Table,
  TableEncryption,
  type ITable,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { Topic, type ITopic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { acknowledge } from '../checks/acknowledge.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { DataParts } from './parts.ts';

export interface DataStackProps extends StackProps {
  readonly deployment: Deployment;
  /** Names of all pipelines: a lifecycle rule knows prefixes, but no patterns. */
  readonly pipelines: readonly string[];
}

const RETENTION: Readonly<Record<Deployment['data']['logRetentionDays'], RetentionDays>> = {
  30: RetentionDays.ONE_MONTH,
  90: RetentionDays.THREE_MONTHS,
  180: RetentionDays.SIX_MONTHS,
  365: RetentionDays.ONE_YEAR,
  731: RetentionDays.TWO_YEARS,
};

/** What expired or was deleted can be had back for so many days. */
const NONCURRENT_DAYS = 7;
const UNFINISHED_UPLOAD_DAYS = 1;
/** Chunks of an interrupted full extract wait so long at least to be gone on with. */
const LEAST_COPY_DAYS = 30;
const ACCESS_LOG_DAYS = 90;

/** What outlives pipelines: key, bucket, catalog table, topic. Nothing of it goes when the stack is deleted. */
export class DataStack extends Stack {
  readonly parts: DataParts;

  constructor(scope: Construct, id: string, { deployment, pipelines, ...props }: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { data } = deployment;
    const key = data.keyArn === null ? this.#key(deployment) : Key.fromKeyArn(this, 'Key', data.keyArn);
    const bucket =
      data.bucketName === null
        ? this.#bucket(key, data.extractRetentionDays, pipelines)
        : Bucket.fromBucketAttributes(this, 'Bucket', { bucketName: data.bucketName, encryptionKey: key });
    const topic = data.topicArn === null ? this.#topic(key) : Topic.fromTopicArn(this, 'Topic', data.topicArn);
    for (const address of deployment.alarmEmails) topic.addSubscription(new EmailSubscription(address));
    const table = this.#table(key);
    this.parts = { bucket, table, key, topic, logRetention: RETENTION[data.logRetentionDays] };
    new CfnOutput(this, 'BucketName', { value: bucket.bucketName, description: 'Extracts and copies' });
    new CfnOutput(this, 'TableName', { value: table.tableName, description: 'The catalog' });
    new CfnOutput(this, 'TopicArn', { value: topic.topicArn, description: 'Alarms' });
    new CfnOutput(this, 'KeyArn', { value: key.keyArn, description: 'Encrypts all of it' });
  }

  #key({ application, environment }: Deployment): Key {
    const key = new Key(this, 'Key', {
      alias: `alias/penstock-${application}-${environment}`,
      description: 'Penstock: extracts, catalog, secrets, alarms and logs',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const statement of serviceStatements(this)) key.addToResourcePolicy(statement);
    return key;
  }

  // The classes say `| undefined` where their interfaces say `?`: the same, but not to this compiler.
  #bucket(key: IKey, retentionDays: number, pipelines: readonly string[]): IBucket {
    const accessLogs = new Bucket(this, 'AccessLogs', {
      // S3 delivers access logs only into buckets with keys of its own.
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(ACCESS_LOG_DAYS) }],
      removalPolicy: RemovalPolicy.RETAIN,
    }) as IBucket;
    acknowledge(accessLogs, 'AwsSolutions-S1', 'It holds the access logs; a log of its own would feed itself.');
    return new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      versioned: true,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'bucket/',
      lifecycleRules: lifecycle(retentionDays, pipelines),
      removalPolicy: RemovalPolicy.RETAIN,
    }) as IBucket;
  }

  #table(key: IKey): ITable {
    return new Table(this, 'Table', {
      partitionKey: { name: 'partition', type: AttributeType.STRING },
      sortKey: { name: 'sort', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      stream: StreamViewType.KEYS_ONLY,
      // hosts/aws/dynamo-items: what has expired goes by itself, and is not billed.
      timeToLiveAttribute: 'expires',
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    }) as ITable;
  }

  #topic(key: IKey): ITopic {
    const topic = new Topic(this, 'Topic', { displayName: 'Penstock', masterKey: key, enforceSSL: true });
    // A policy of one's own replaces SNS's, so alarms have to be let in by name.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    return topic;
  }
}

/**
 * Extracts are kept for rollbacks, copies until they surely are of no use. An extract that was never loaded goes too:
 * its age raises alarms from the first minutes on, and for a week more it can be had back as a noncurrent version.
 */
function lifecycle(retentionDays: number, pipelines: readonly string[]): LifecycleRule[] {
  const copyDays = Math.max(retentionDays, LEAST_COPY_DAYS);
  const perPipeline = pipelines.flatMap((pipeline): LifecycleRule[] => [
    { id: `${pipeline}-extracts`, prefix: `${pipeline}/extracts/`, expiration: Duration.days(retentionDays) },
    { id: `${pipeline}-copies`, prefix: `${pipeline}/copies/`, expiration: Duration.days(copyDays) },
  ]);
  return [
    ...perPipeline,
    {
      id: 'leftovers',
      noncurrentVersionExpiration: Duration.days(NONCURRENT_DAYS),
      abortIncompleteMultipartUploadAfter: Duration.days(UNFINISHED_UPLOAD_DAYS),
      expiredObjectDeleteMarker: true,
    },
  ];
}

/** The services that use the key by themselves; a key of the user's needs the same in its policy. */
function serviceStatements(stack: Stack): PolicyStatement[] {
  const { account, region, partition } = stack;
  return [
    new PolicyStatement({
      sid: 'LogGroups',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': [
            `arn:${partition}:logs:${region}:${account}:log-group:/penstock/*`,
            `arn:${partition}:logs:${region}:${account}:log-group:/aws/vendedlogs/penstock/*`,
          ],
        },
      },
    }),
    new PolicyStatement({
      sid: 'AlarmsToTheTopic',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  ];
}

import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { deploymentOf, stacksOf } from '../../test/fixtures/shared-stacks.ts';
import type { DataStack } from './data-stack.ts';

describe('the data stack', () => {
  let stack: DataStack;
  let template: Template;
  beforeAll(() => {
    stack = stacksOf(deploymentOf()).data;
    template = Template.fromStack(stack);
  });

  it('is protected from being deleted, and keeps key, buckets and table if it is deleted all the same', () => {
    expect(stack.terminationProtection).toBe(true);
    for (const type of ['AWS::KMS::Key', 'AWS::S3::Bucket', 'AWS::DynamoDB::Table']) {
      const resources = Object.values(template.findResources(type));
      expect(resources.length).toBeGreaterThan(0);
      for (const resource of resources) {
        expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      }
    }
  });

  it('has a key that rotates and that the logs and alarms of Penstock may use', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'LogGroups',
            Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': Match.anyValue() } },
          }),
          Match.objectLike({
            Sid: 'AlarmsToTheTopic',
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  it('has a bucket that is encrypted, versioned, private, and logs who reads it', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: Match.anyValue() },
          },
        ],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LoggingConfiguration: { LogFilePrefix: 'bucket/' },
    });
  });

  it('refuses buckets and topic without TLS', () => {
    const policies = Object.values(template.findResources('AWS::S3::BucketPolicy'));
    expect(policies).toHaveLength(Object.keys(template.findResources('AWS::S3::Bucket')).length);
    for (const policy of policies) {
      const text = JSON.stringify(policy);
      expect(text).toContain('"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
      expect(text).toContain('"NumericLessThan":{"s3:TlsVersion":1.2}');
    }
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
        ]),
      },
    });
  });

  it('lets extracts expire for each pipeline, copies later, and clears up what is left over', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [
          { Id: 'billing-extracts', Prefix: 'billing/extracts/', ExpirationInDays: 90, Status: 'Enabled' },
          { Id: 'billing-copies', Prefix: 'billing/copies/', ExpirationInDays: 90, Status: 'Enabled' },
          { Id: 'shop-extracts', Prefix: 'shop/extracts/', ExpirationInDays: 90, Status: 'Enabled' },
          { Id: 'shop-copies', Prefix: 'shop/copies/', ExpirationInDays: 90, Status: 'Enabled' },
          {
            Id: 'leftovers',
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            ExpiredObjectDeleteMarker: true,
            NoncurrentVersionExpiration: { NoncurrentDays: 7 },
            Status: 'Enabled',
          },
        ],
      },
    });
  });

  it('has the table that the catalog is written for', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'partition', KeyType: 'HASH' },
        { AttributeName: 'sort', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'partition', AttributeType: 'S' },
        { AttributeName: 'sort', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: Match.anyValue() },
      StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      DeletionProtectionEnabled: true,
    });
  });

  it('has an encrypted topic that writes to everybody who is named', () => {
    template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    const addresses = Object.values(template.findResources('AWS::SNS::Subscription')).map(
      (resource) => (resource['Properties'] as { Endpoint: string }).Endpoint,
    );
    expect(addresses.sort()).toEqual(['one@example.com', 'two@example.com']);
  });

  it('makes nothing that is given', () => {
    const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
    const topicArn = 'arn:aws:sns:eu-central-1:111122223333:on-call';
    const given = deploymentOf({ data: { keyArn, topicArn, bucketName: 'extracts-of-ours' }, alarmEmails: [] });
    const { data } = stacksOf(given);
    const own = Template.fromStack(data);
    expect(Object.values(own.toJSON()['Resources'] as object).map(({ Type }: { Type: string }) => Type)).toEqual([
      'AWS::DynamoDB::Table',
    ]);
    own.hasResourceProperties('AWS::DynamoDB::Table', { SSESpecification: { KMSMasterKeyId: keyArn } });
    expect(data.parts.bucket.bucketName).toBe('extracts-of-ours');
    expect(data.parts.topic.topicArn).toBe(topicArn);
  });
});

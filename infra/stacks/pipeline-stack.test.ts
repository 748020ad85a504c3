import { beforeAll, describe, expect, it } from 'vitest';
import { deployedEnvironment } from '../../hosts/aws/deployed-environment.ts';
import {
  resourcesOf,
  synthesisePipeline,
  type ResourceProperties,
  type SynthesisedPipeline,
} from '../../test/fixtures/synthesised-pipeline.ts';
import { FUNCTION_NAMES, functionEntry, type FunctionName } from '../pipeline/function-table.ts';

let pipeline: SynthesisedPipeline;

beforeAll(async () => {
  pipeline = await synthesisePipeline();
});

function all(type: string): ResourceProperties[] {
  return resourcesOf(pipeline, type).map(([, properties]) => properties);
}

function lambda(name: FunctionName): ResourceProperties {
  return all('AWS::Lambda::Function').find(({ FunctionName }) => FunctionName === `penstock-billing-${name}`)!;
}

describe('the functions of a pipeline', () => {
  it('are those of the table and no others', () => {
    const names = all('AWS::Lambda::Function').map(({ FunctionName }) => FunctionName);
    expect(names).toEqual(FUNCTION_NAMES.map((name) => `penstock-billing-${name}`));
  });

  it.each(FUNCTION_NAMES)('%s runs on Node 24 and ARM, in the private subnets, with its own role', (name) => {
    const { timeoutSeconds, memory } = functionEntry(name);
    expect(lambda(name)).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: timeoutSeconds,
      MemorySize: memory === 'byVolume' ? 1024 : memory,
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: '/penstock/billing' },
      VpcConfig: { SecurityGroupIds: [expect.stringContaining('Workload')] },
    });
    const roles = FUNCTION_NAMES.map((other) => lambda(other)['Role']);
    expect(new Set(roles).size).toBe(FUNCTION_NAMES.length);
  });

  it.each(FUNCTION_NAMES)('%s is told where everything is, and no secret', (name) => {
    const { Variables } = lambda(name)['Environment'] as { Variables: Record<string, string> };
    const thresholds = name === 'health' ? ['PENSTOCK_READER', 'PENSTOCK_THRESHOLDS'] : [];
    expect(Object.keys(Variables).sort()).toEqual(
      [
        'PENSTOCK_BUCKET',
        'PENSTOCK_LOADER',
        'PENSTOCK_PIPELINE',
        'PENSTOCK_SETTINGS',
        'PENSTOCK_TABLE',
        'PENSTOCK_TOPIC',
        'POWERTOOLS_LOG_LEVEL',
        'POWERTOOLS_SERVICE_NAME',
        ...thresholds,
      ].sort(),
    );
  });

  it.each(FUNCTION_NAMES)('%s understands what it is told', (name) => {
    const { Variables } = lambda(name)['Environment'] as { Variables: Record<string, string> };
    expect(deployedEnvironment(Variables)).toMatchObject({
      pipeline: 'billing',
      settings: { bucket: 'cdk-hnb659fds-assets-123456789012-eu-central-1' },
      loader: 'penstock-billing-load',
    });
  });

  it('only the loader has its own room, and may call itself again and again', () => {
    const reserved = FUNCTION_NAMES.filter((name) => lambda(name)['ReservedConcurrentExecutions'] !== undefined);
    expect(reserved).toEqual(['load']);
    expect(lambda('load')).toMatchObject({ ReservedConcurrentExecutions: 2, RecursiveLoop: 'Allow' });
  });

  it('bundles differ by function: CDK takes no two for one', () => {
    const keys = FUNCTION_NAMES.map((name) => (lambda(name)['Code'] as { S3Key: string }).S3Key);
    expect(new Set(keys).size).toBe(FUNCTION_NAMES.length);
  });

  it('calls that nobody waits for end in the dead letters, encrypted and over TLS only', () => {
    const configured = all('AWS::Lambda::EventInvokeConfig');
    expect(configured.map(({ FunctionName }) => FunctionName)).toEqual([
      'penstock-billing-load',
      'penstock-billing-schedule-tick',
      'penstock-billing-health',
    ]);
    for (const { DestinationConfig } of configured) {
      expect(DestinationConfig).toEqual({
        OnFailure: { Destination: 'arn:aws:sqs:eu-central-1:123456789012:penstock-billing-dead-letters' },
      });
    }
    expect(all('AWS::SQS::Queue')).toMatchObject([{ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 }]);
    expect(JSON.stringify(all('AWS::SQS::QueuePolicy'))).toContain('"aws:SecureTransport":"false"');
  });
});

describe('what wakes functions', () => {
  it('the loader is woken where the head of this very pipeline moves, and nothing else', () => {
    const [mapping, ...others] = all('AWS::Lambda::EventSourceMapping');
    expect(others).toEqual([]);
    expect(mapping).toMatchObject({
      FunctionName: 'penstock-billing-load',
      StartingPosition: 'LATEST',
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 300,
    });
    expect(mapping?.['EventSourceArn']).toMatch(/:table\/.*\/stream\//);
    expect(mapping?.['BisectBatchOnFunctionError']).toBeUndefined();
    const { Filters } = mapping?.['FilterCriteria'] as { Filters: { Pattern: string }[] };
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern) as unknown)).toEqual([
      {
        eventName: ['INSERT', 'MODIFY'],
        dynamodb: { Keys: { partition: { S: ['billing'] }, sort: { S: ['head'] } } },
      },
    ]);
  });

  it('the tick and the look at its health come every minute, each with a role for that function alone', () => {
    expect(all('AWS::Scheduler::Schedule')).toMatchObject(
      ['schedule-tick', 'health'].map((name) => ({
        Name: `penstock-billing-${name}`,
        ScheduleExpression: 'rate(1 minute)',
        Target: {
          Arn: `arn:aws:lambda:eu-central-1:123456789012:function:penstock-billing-${name}`,
          Input: '{}',
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        },
      })),
    );
    const roles = resourcesOf(pipeline, 'AWS::IAM::Role').filter(([id]) => /^(Tick|Health)ScheduleRole/.test(id));
    expect(roles.map(([, { Policies }]) => JSON.stringify(Policies).match(/function:[a-z-]+/g))).toEqual([
      ['function:penstock-billing-schedule-tick'],
      ['function:penstock-billing-health'],
    ]);
  });
});

describe('what a pipeline keeps', () => {
  it('secrets are under the key of the deployment, with a placeholder', () => {
    expect(all('AWS::SecretsManager::Secret')).toMatchObject(
      ['source', 'destination'].map((end) => ({
        Name: `penstock/billing/${end}`,
        KmsKeyId: expect.stringMatching(/^arn:aws:kms:/) as unknown,
        GenerateSecretString: { SecretStringTemplate: '{}', GenerateStringKey: 'password' },
      })),
    );
  });

  it.each(['type: manual', 'type: daily, at: "02:30", zone: Europe/Berlin'])(
    'a schedule of %s is a valid template',
    async (schedule) => {
      const { templates } = await synthesisePipeline({}, `schedule: { ${schedule} }`);
      expect(templates.length).toBeGreaterThan(3);
    },
  );

  it('secrets that are given are used, and none is made', async () => {
    const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:penstock/billing/source-Ab12Cd';
    const given = await synthesisePipeline({ sourceSecretArn: arn });
    expect(resourcesOf(given, 'AWS::SecretsManager::Secret').map(([, { Name }]) => Name)).toEqual([
      'penstock/billing/destination',
    ]);
    const [, reader] = resourcesOf(given, 'AWS::IAM::Role').find(([id]) => id.startsWith('ReaderTaskRole'))!;
    expect(JSON.stringify(reader['Policies'])).toContain(
      `"secretsmanager:GetSecretValue","Effect":"Allow","Resource":"${arn}"`,
    );
  });

  it('log groups are under the key of the deployment and kept as long as it says', () => {
    expect(
      all('AWS::Logs::LogGroup').map(({ LogGroupName, RetentionInDays }) => [LogGroupName, RetentionInDays]),
    ).toEqual([
      ['/penstock/billing', 90],
      ['/aws/vendedlogs/penstock/billing', 90],
    ]);
    for (const { KmsKeyId } of all('AWS::Logs::LogGroup')) expect(KmsKeyId).toMatch(/^arn:aws:kms:/);
  });
});

describe('alarms and metrics', () => {
  it('each alarm goes to the topic, and says so when it has passed', () => {
    const alarms = all('AWS::CloudWatch::Alarm');
    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual(
      [
        'no-reader',
        'load-errors',
        'load-throttles',
        'stream-behind',
        'dead-letters',
        'health-errors',
        'operation-failed',
        'operation-timed-out',
        'halted',
        'table-stopped',
        'lag',
      ].map((name) => `penstock-billing-${name}`),
    );
    for (const { AlarmActions, OKActions, AlarmDescription } of alarms) {
      expect(AlarmActions).toEqual([expect.stringMatching(/^arn:aws:sns:/)]);
      expect(OKActions).toEqual(AlarmActions);
      expect(AlarmDescription).toMatch(/^Penstock pipeline billing: .{40,}\.$/);
    }
  });

  it('silence alarms only where it means that nothing runs', () => {
    const missing = all('AWS::CloudWatch::Alarm').map(({ AlarmName, TreatMissingData }) => [
      AlarmName,
      TreatMissingData,
    ]);
    expect(missing.filter(([, data]) => data !== 'notBreaching')).toEqual([
      ['penstock-billing-no-reader', 'breaching'],
    ]);
  });

  it('the lag alarm has the threshold of the deployment', async () => {
    const strict = await synthesisePipeline({ thresholds: { lagSeconds: 60 }, reader: 'external' });
    const names = resourcesOf(strict, 'AWS::CloudWatch::Alarm').map(([, { AlarmName, Threshold }]) => [
      AlarmName,
      Threshold,
    ]);
    expect(names).toContainEqual(['penstock-billing-lag', 60_000]);
    expect(names.map(([name]) => name)).not.toContain('penstock-billing-no-reader');
  });

  it('events become metrics by their type, for each pipeline by itself', () => {
    const filters = all('AWS::Logs::MetricFilter');
    for (const { LogGroupName, MetricTransformations } of filters) {
      expect(LogGroupName).toBe('/penstock/billing');
      expect(MetricTransformations).toMatchObject([
        {
          MetricNamespace: 'Penstock',
          Dimensions: [{ Key: 'Pipeline', Value: expect.stringMatching(/^\$\.(pipeline|source)$/) as unknown }],
        },
      ]);
    }
    const halts = filters.find(({ FilterPattern }) => String(FilterPattern).includes('HaltError'));
    expect(halts?.['FilterPattern']).toBe('{ ($.type = "HaltError") && ($.source = "*") }');
    const lag = filters.find(({ FilterPattern }) => String(FilterPattern).includes('worstLagMilliseconds'));
    expect(lag?.['FilterPattern']).toBe(
      '{ ($.type = "Status") && ($.pipeline = "*") && ($.worstLagMilliseconds >= 0) }',
    );
  });

  it('a dashboard shows them', () => {
    const [dashboard] = all('AWS::CloudWatch::Dashboard');
    expect(dashboard?.['DashboardName']).toBe('penstock-billing-dashboard');
    const body = JSON.parse(dashboard?.['DashboardBody'] as string) as { widgets: { properties: { title: string } }[] };
    expect(body.widgets).toHaveLength(12);
  });
});

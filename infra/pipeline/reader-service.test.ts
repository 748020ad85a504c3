import { beforeAll, describe, expect, it } from 'vitest';
import {
  resourcesOf,
  synthesisePipeline,
  type ResourceProperties,
  type SynthesisedPipeline,
} from '../../test/fixtures/synthesised-pipeline.ts';

const CASES = [
  { reader: 'fargate', highAvailability: false },
  { reader: 'fargate', highAvailability: true },
  { reader: 'ec2', highAvailability: false },
  { reader: 'ec2', highAvailability: true },
  { reader: 'external', highAvailability: false },
] as const;
type Case = (typeof CASES)[number];

const made = new Map<Case, SynthesisedPipeline>();

beforeAll(async () => {
  for (const one of CASES) made.set(one, await synthesisePipeline(one));
});

function only(one: Case, type: string): ResourceProperties {
  const found = resourcesOf(made.get(one)!, type);
  expect(found).toHaveLength(1);
  return found[0]![1];
}

function definition(one: Case, job: 'reader' | 'copy'): ResourceProperties {
  const definitions = resourcesOf(made.get(one)!, 'AWS::ECS::TaskDefinition').map(([, properties]) => properties);
  return definitions.find(({ Family }) => Family === `penstock-billing-${job}`)!;
}

function container(task: ResourceProperties): ResourceProperties {
  const containers = task['ContainerDefinitions'] as ResourceProperties[];
  expect(containers).toHaveLength(1);
  return containers[0]!;
}

const STANDING = CASES.filter(({ reader }) => reader !== 'external');

describe.each(STANDING)('the reader on $reader, high availability $highAvailability', (one) => {
  it('is one task, or two with a standby, and rolls back what does not start', () => {
    const service = only(one, 'AWS::ECS::Service');
    expect(service).toMatchObject({
      ServiceName: 'penstock-billing-reader',
      DesiredCount: one.highAvailability ? 2 : 1,
      EnableECSManagedTags: true,
      PropagateTags: 'SERVICE',
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
      },
    });
    expect(service['EnableExecuteCommand']).toBeUndefined();
  });

  it('runs in the private subnets under the security group of workloads', () => {
    const { AwsvpcConfiguration } = only(one, 'AWS::ECS::Service')['NetworkConfiguration'] as {
      AwsvpcConfiguration: Record<string, unknown>;
    };
    expect(AwsvpcConfiguration['AssignPublicIp']).toBe('DISABLED');
    expect(AwsvpcConfiguration['Subnets']).toHaveLength(2);
    expect(AwsvpcConfiguration['SecurityGroups']).toEqual([expect.stringContaining('Workload')]);
  });

  it.each(['reader', 'copy'] as const)('%s tasks have no root, no capability and only /tmp to write to', (job) => {
    const task = definition(one, job);
    expect(container(task)).toMatchObject({
      Name: 'penstock',
      EntryPoint: ['node'],
      Command: ['main.mjs', job === 'reader' ? 'follow' : 'copy'],
      Essential: true,
      Privileged: false,
      ReadonlyRootFilesystem: true,
      User: '1000:1000',
      StopTimeout: 120,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true },
      MountPoints: [{ SourceVolume: 'tmp', ContainerPath: '/tmp', ReadOnly: false }],
      LogConfiguration: { LogDriver: 'awslogs', Options: { 'awslogs-group': '/penstock/billing' } },
    });
    expect(task['Volumes']).toEqual([{ Name: 'tmp' }]);
    expect(container(task)['Secrets']).toBeUndefined();
  });

  it('is asked for its health by the image itself', () => {
    const healthCheck = container(definition(one, 'reader'))['HealthCheck'];
    expect(healthCheck).toMatchObject({ Command: ['CMD', 'node', 'health.mjs'], Interval: 30, Retries: 3 });
    expect(container(definition(one, 'copy'))['HealthCheck']).toBeUndefined();
  });

  it('finds in its environment what its host reads, and the thresholds', () => {
    const environment = container(definition(one, 'reader'))['Environment'] as { Name: string; Value: string }[];
    const values = Object.fromEntries(environment.map(({ Name, Value }) => [Name, Value]));
    expect(values).toMatchObject({
      PENSTOCK_PIPELINE: 'billing',
      PENSTOCK_LOADER: 'penstock-billing-load',
      POWERTOOLS_SERVICE_NAME: 'penstock',
    });
    expect(values['PENSTOCK_SETTINGS']).toMatch(
      /^s3:\/\/cdk-hnb659fds-assets-123456789012-eu-central-1\/[0-9a-f]{64}\.json$/,
    );
    expect(values['PENSTOCK_TOPIC']).toMatch(/^arn:aws:sns:/);
    expect(JSON.parse(values['PENSTOCK_THRESHOLDS']!)).toMatchObject({ lagSeconds: 900, silentSeconds: 300 });
  });

  it('is watched by Container Insights', () => {
    expect(only(one, 'AWS::ECS::Cluster')['ClusterSettings']).toEqual([
      { Name: 'containerInsights', Value: 'enabled' },
    ]);
  });
});

describe.each(STANDING.filter(({ reader }) => reader === 'fargate'))('on Fargate, $highAvailability', (one) => {
  it.each(['reader', 'copy'] as const)('the %s task has the size of the volume, on ARM', (job) => {
    expect(definition(one, job)).toMatchObject({
      Cpu: '1024',
      Memory: '2048',
      EphemeralStorage: { SizeInGiB: 21 },
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
  });

  it('tasks are moved where zones are uneven', () => {
    expect(only(one, 'AWS::ECS::Service')['AvailabilityZoneRebalancing']).toBe('ENABLED');
  });
});

describe.each(STANDING.filter(({ reader }) => reader === 'ec2'))('on EC2, $highAvailability', (one) => {
  it('instances answer only IMDSv2, one hop away, and have encrypted gp3 disks of the seed’s size', () => {
    const { LaunchTemplateData } = only(one, 'AWS::EC2::LaunchTemplate');
    expect(LaunchTemplateData).toMatchObject({
      InstanceType: 't3.large',
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
      BlockDeviceMappings: [
        {
          DeviceName: '/dev/xvda',
          Ebs: { Encrypted: true, VolumeType: 'gp3', VolumeSize: 100, DeleteOnTermination: true },
        },
      ],
      Monitoring: { Enabled: true },
    });
    const { UserData } = LaunchTemplateData as { UserData: unknown };
    expect(JSON.stringify(UserData)).toContain('ECS_AWSVPC_BLOCK_IMDS=true');
  });

  it('has an instance for each reader, and one more while a deployment needs it', () => {
    const readers = one.highAvailability ? 2 : 1;
    const group = only(one, 'AWS::AutoScaling::AutoScalingGroup');
    expect(group).toMatchObject({ MinSize: String(readers), MaxSize: String(readers + 1) });
    expect(group['VPCZoneIdentifier']).toHaveLength(2);
    expect(only(one, 'AWS::ECS::Service')['PlacementStrategies']).toEqual([
      { Type: 'spread', Field: 'attribute:ecs.availability-zone' },
    ]);
  });

  it('copy tasks still run on Fargate', () => {
    expect(definition(one, 'copy')['RequiresCompatibilities']).toEqual(['FARGATE']);
    expect(definition(one, 'reader')['RequiresCompatibilities']).toEqual(['EC2']);
  });
});

describe('an external reader', () => {
  const external = CASES[4];

  it('has no cluster, no task and no image here', () => {
    const types = [...made.get(external)!.resources.values()].map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('AWS::ECS') || type.startsWith('AWS::EC2::LaunchTemplate'))).toEqual(
      [],
    );
  });

  it('is given a policy of its own and the environment that ECS would give it', () => {
    expect(only(external, 'AWS::IAM::ManagedPolicy')['ManagedPolicyName']).toBe('penstock-billing-external-reader');
    const { template } = made.get(external)!;
    expect(JSON.stringify(template.Outputs?.['ExternalReaderEnvironment'])).toContain('PENSTOCK_SETTINGS=s3://');
  });

  it('has no machine for a manual delta, and the others start no tasks', () => {
    const { definitions } = made.get(external)!;
    expect([...definitions.keys()]).toEqual([
      'penstock-billing-full-extract',
      'penstock-billing-sync-new-tables',
      'penstock-billing-sync-structure',
      'penstock-billing-rollback',
      'penstock-billing-verify',
    ]);
    expect(JSON.stringify([...definitions.values()])).not.toContain('runTask');
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { resourcesOf, synthesisePipeline, type SynthesisedPipeline } from '../../test/fixtures/synthesised-pipeline.ts';

interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

interface Policy {
  readonly owner: string;
  readonly statements: readonly PolicyStatement[];
}

/** Actions for which AWS takes no resource (service authorization reference), and what they are for. */
const WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'traces',
  'xray:PutTelemetryRecords': 'traces',
  'xray:GetSamplingRules': 'traces of state machines',
  'xray:GetSamplingTargets': 'traces of state machines',
  'ecr:GetAuthorizationToken': 'ECS pulls the image',
  'ecs:DiscoverPollEndpoint': 'the agent of an instance',
  'dynamodb:ListStreams': "Lambda's event source mapping asks for it",
  'ec2:CreateNetworkInterface': 'Lambda in a VPC; denied to the code of the function',
  'ec2:DescribeNetworkInterfaces': 'the same',
  'ec2:DescribeSubnets': 'the same',
  'ec2:DeleteNetworkInterface': 'the same',
  'ec2:AssignPrivateIpAddresses': 'the same',
  'ec2:UnassignPrivateIpAddresses': 'the same',
  'logs:CreateLogDelivery': 'state machines deliver their log',
  'logs:GetLogDelivery': 'the same',
  'logs:UpdateLogDelivery': 'the same',
  'logs:DeleteLogDelivery': 'the same',
  'logs:ListLogDeliveries': 'the same',
  'logs:PutResourcePolicy': 'the same',
  'logs:DescribeResourcePolicies': 'the same',
  'logs:DescribeLogGroups': 'the same',
};

const REGIONAL = 'eu-central-1:123456789012';
/** Resources with a wildcard in their name, and why. */
const WILDCARDS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^arn:aws:s3:::[a-z0-9]+\/billing\/\*$/, "objects of the pipeline's own prefix"],
  [new RegExp(`^arn:aws:logs:${REGIONAL}:log-group:/penstock/billing:\\*$`), "streams of the pipeline's own log group"],
  [new RegExp(`^arn:aws:ecs:${REGIONAL}:task/penstock-billing-cluster/\\*$`), "tasks of the pipeline's own cluster"],
  [new RegExp(`^arn:aws:ecs:${REGIONAL}:container-instance/penstock-billing-cluster/\\*$`), 'its instances'],
  [
    new RegExp(`^arn:aws:ecs:${REGIONAL}:task-definition/penstock-billing-(copy|new-tables):\\*$`),
    'revisions of a task that operations start',
  ],
];

function listed(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function policiesOf(pipeline: SynthesisedPipeline): Policy[] {
  const documents = (id: string, value: unknown): Policy => ({
    owner: id,
    statements: (value as { Statement: PolicyStatement[] }).Statement,
  });
  const roles = resourcesOf(pipeline, 'AWS::IAM::Role').flatMap(([id, { Policies = [] }]) =>
    (Policies as { PolicyDocument: unknown }[]).map(({ PolicyDocument }) => documents(id, PolicyDocument)),
  );
  const others = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    resourcesOf(pipeline, type).map(([id, { PolicyDocument }]) => documents(id, PolicyDocument)),
  );
  return [...roles, ...others];
}

const READERS = ['fargate', 'ec2', 'external'] as const;
const made = new Map<string, SynthesisedPipeline>();

beforeAll(async () => {
  for (const reader of READERS)
    made.set(reader, await synthesisePipeline({ reader, highAvailability: reader === 'ec2' }));
});

describe.each(READERS)('the policies of a pipeline with the reader %s', (reader) => {
  const statements = (): { owner: string; statement: PolicyStatement }[] =>
    policiesOf(made.get(reader)!).flatMap(({ owner, statements }) =>
      statements.map((statement) => ({ owner, statement })),
    );

  it('name every action in full', () => {
    const actions = statements().flatMap(({ statement }) => listed(statement.Action));
    expect(actions.length).toBeGreaterThan(100);
    expect(actions.filter((action) => action.includes('*') || action.includes('?'))).toEqual([]);
  });

  it('say * only where AWS takes no resource', () => {
    const found = statements()
      .filter(({ statement }) => listed(statement.Resource).includes('*'))
      .flatMap(({ owner, statement }) =>
        listed(statement.Action)
          .filter((action) => WITHOUT_RESOURCE[action] === undefined)
          .map((action) => `${owner}: ${action}`),
      );
    expect(found).toEqual([]);
  });

  it('name every other resource, or say why not', () => {
    const found = statements()
      .flatMap(({ statement }) => listed(statement.Resource))
      .filter((resource) => resource !== '*' && resource.includes('*'))
      .filter((resource) => !WILDCARDS.some(([pattern]) => pattern.test(resource)));
    expect(found).toEqual([]);
  });

  it('are all part of their roles: nothing was added by constructs, and no policy of AWS is used', () => {
    const pipeline = made.get(reader)!;
    expect(resourcesOf(pipeline, 'AWS::IAM::Policy')).toEqual([]);
    for (const [id, role] of resourcesOf(pipeline, 'AWS::IAM::Role')) {
      expect([id, role['ManagedPolicyArns']]).toEqual([id, undefined]);
      expect(role['Policies']).toHaveLength(1);
    }
  });

  it('are no longer than IAM takes: 10,240 characters a role', () => {
    for (const { statements } of policiesOf(made.get(reader)!)) {
      expect(JSON.stringify(statements).length).toBeLessThan(10_240);
    }
  });

  it('give each role to one service', () => {
    for (const [, role] of resourcesOf(made.get(reader)!, 'AWS::IAM::Role')) {
      const { Statement } = role['AssumeRolePolicyDocument'] as { Statement: { Principal: { Service: string } }[] };
      expect(Statement).toHaveLength(1);
      expect(['lambda', 'ecs-tasks', 'states', 'scheduler', 'ec2']).toContain(
        Statement[0]!.Principal.Service.replace('.amazonaws.com', ''),
      );
    }
  });
});

describe('a pipeline stack', () => {
  it('leaves the policies of the stacks that it stands on as they are', () => {
    const [fargate, external] = [made.get('fargate')!, made.get('external')!];
    const policies = ({ templates }: SynthesisedPipeline): string[] =>
      templates
        .flatMap(({ Resources }) => Object.entries(Resources))
        .filter(([, { Type }]) => ['AWS::KMS::Key', 'AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy'].includes(Type))
        .map(([id, { Properties }]) => `${id} ${JSON.stringify(Properties)}`);
    expect(policies(fargate).length).toBeGreaterThan(2);
    expect(JSON.stringify(policies(fargate))).not.toContain('billing');
    expect(policies(fargate)).toEqual(policies(external));
  });
});

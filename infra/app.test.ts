import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnResource, Stack, TagManager, type App } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from './app.ts';
import { acknowledgeWildcards } from './checks/acknowledge.ts';
import { acknowledgedRules } from './checks/acknowledged-rules.ts';
import { loadDeployment, type LoadedDeployment } from './deployment/load-deployment.ts';
import { EXAMPLES, exampleFile, type Example } from './examples/examples.ts';
import { operationMachines } from './operation-names.ts';
import { nameOf, tagsOf } from './tagging.ts';

/** Functions are bundled by the tests that are about bundles; templates do not depend on it. */
const UNBUNDLED = { 'aws:cdk:bundling-stacks': [] };

interface Built {
  readonly loaded: LoadedDeployment;
  readonly app: App;
  readonly assembly: CloudAssembly;
}

const built = new Map<Example, Built>();
const directories: string[] = [];

function buildInto(loaded: LoadedDeployment): App {
  const outdir = mkdtempSync(join(tmpdir(), 'penstock-synth-'));
  directories.push(outdir);
  return buildApp(loaded, { outdir, context: UNBUNDLED });
}

function of(example: Example): Built {
  const found = built.get(example);
  if (found === undefined) throw new Error(`${example} was not built`);
  return found;
}

beforeAll(async () => {
  for (const example of EXAMPLES) {
    const loaded = await loadDeployment(exampleFile(example));
    const app = buildInto(loaded);
    built.set(example, { loaded, app, assembly: app.synth() });
  }
});

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

describe('the stacks of the examples', () => {
  it.each([
    [
      'standard',
      ['Penstock-Test-Console', 'Penstock-Test-Data', 'Penstock-Test-Network', 'Penstock-Test-Pipeline-billing'],
    ],
    [
      'high-availability',
      [
        'SingleStoreIngest-Prod-Console',
        'SingleStoreIngest-Prod-Data',
        'SingleStoreIngest-Prod-Network',
        'SingleStoreIngest-Prod-Pipeline-ledger',
        'SingleStoreIngest-Prod-Pipeline-shop',
      ],
    ],
    [
      'hybrid',
      [
        'Penstock-Hybrid-Console',
        'Penstock-Hybrid-Data',
        'Penstock-Hybrid-Pipeline-claims',
        'Penstock-Hybrid-Pipeline-orders',
        'Penstock-Hybrid-Pipeline-sales',
        'Penstock-Hybrid-Pipeline-stock',
      ],
    ],
  ] as const)('%s', (example, expected) => {
    const { assembly } = of(example);
    expect(assembly.stacks.map(({ stackName }) => stackName).sort()).toEqual(expected);
  });

  it.each(EXAMPLES)('%s needs no account to be made: nothing is looked up', (example) => {
    expect(of(example).assembly.manifest.missing ?? []).toEqual([]);
  });

  it.each(EXAMPLES)('%s fits into what CloudFormation takes', (example) => {
    for (const { template } of of(example).assembly.stacks) {
      const { Resources: resources } = template as { Resources: object };
      expect(Object.keys(resources).length).toBeGreaterThan(0);
      expect(Object.keys(resources).length).toBeLessThanOrEqual(500);
      expect(JSON.stringify(template, null, 1).length).toBeLessThan(1_000_000);
    }
  });

  it('hybrid uses the VPC, key and topic that are there', () => {
    const text = JSON.stringify(of('hybrid').assembly.stacks.map(({ template }) => template as unknown));
    expect(text).not.toContain('"AWS::EC2::VPC"');
    expect(text).not.toContain('"AWS::KMS::Key"');
    expect(text).not.toContain('"AWS::SNS::Topic"');
    expect(text).toContain('vpc-0123456789abcdef0');
    expect(text).toContain('arn:aws:sns:eu-central-1:111122223333:on-call');
  });

  it('hybrid lets the tasks of SQL Server out to its port, and reads its own two secrets', () => {
    const { assembly } = of('hybrid');
    const stack = assembly.stacks.find(({ stackName }) => stackName.endsWith('Pipeline-sales'));
    const text = JSON.stringify(stack?.template);
    expect(text).toContain('"CidrIp":"192.168.30.0/24"');
    expect(text).toContain('"FromPort":1433');
    expect(text).not.toContain('"FromPort":5432');
    for (const end of ['source', 'destination']) expect(text).toContain(`penstock/sales/${end}`);
  });

  it('hybrid lets the tasks of Oracle out to the database and to its root, and reads the secrets of both', () => {
    const { assembly } = of('hybrid');
    const stack = assembly.stacks.find(({ stackName }) => stackName.endsWith('Pipeline-claims'));
    const text = JSON.stringify(stack?.template);
    for (const [cidr, port] of [
      ['192.168.40.0/24', 1521],
      ['192.168.41.0/24', 1522],
    ] as const) {
      expect(text).toContain(`"CidrIp":"${cidr}"`);
      expect(text).toContain(`"FromPort":${port}`);
    }
    for (const secret of [
      'penstock/claims/source',
      'penstock/claims/destination',
      'secret:databases/claims-root-??????',
    ]) {
      expect(text).toContain(secret);
    }
  });

  it.each(EXAMPLES)('%s lets nobody in from everywhere', (example) => {
    for (const node of resourcesOf(of(example).app)) {
      if (!node.cfnResourceType.startsWith('AWS::EC2::SecurityGroup')) continue;
      const { SecurityGroupIngress: many, CidrIp: one, CidrIpv6: six } = propertiesOf(node);
      const ingress = node.cfnResourceType.endsWith('Egress') ? null : [many, one, six];
      expect(JSON.stringify(ingress), node.node.path).not.toMatch(/0\.0\.0\.0\/0|::\/0/);
    }
  });
});

describe('the rights of operators', () => {
  it.each(EXAMPLES)('%s: all state machines, and none that is not there', (example) => {
    const { app, loaded } = of(example);
    const there = resourcesOf(app)
      .filter(({ cfnResourceType }) => cfnResourceType === 'AWS::StepFunctions::StateMachine')
      .map((node) => propertiesOf(node)['StateMachineName']);
    const named = loaded.pipelines.flatMap(({ settings, deployment }) =>
      operationMachines(settings.pipeline, deployment.reader),
    );
    expect(there.sort()).toEqual(named.sort());
    const policy = JSON.stringify(
      of(example).assembly.stacks.find(({ stackName }) => stackName.endsWith('-Console'))?.template,
    );
    for (const name of named) expect(policy).toContain(`stateMachine:${name}"`);
  });
});

describe('tags', () => {
  it.each(EXAMPLES)('%s: everything that CloudFormation can tag has all of them', (example) => {
    const { app, loaded } = of(example);
    const names = loaded.pipelines.map(({ settings }) => settings.pipeline);
    let tagged = 0;
    for (const node of resourcesOf(app)) {
      const manager = TagManager.of(node);
      if (manager === undefined) continue;
      const { stackName } = Stack.of(node);
      const pipeline = names.find((name) => stackName.endsWith(`-Pipeline-${name}`)) ?? 'Shared';
      expect(writtenTags(propertiesOf(node)[propertyOf(manager)]), node.node.path).toMatchObject({
        ...tagsOf(loaded.deployment, pipeline),
        Name: nameOf(loaded.deployment, pipeline, node.cfnResourceType),
      });
      tagged++;
    }
    expect(tagged).toBeGreaterThan(0);
  });

  it('names can be those of the seed', () => {
    const { deployment } = of('high-availability').loaded;
    expect(nameOf(deployment, 'BFS', 'AWS::EC2::VPC')).toBe('SingleStoreIngest_BFS_EC2_Prod');
    expect(nameOf({ ...deployment, nameTag: '{environment}-{pipeline}' }, 'shop', 'AWS::S3::Bucket')).toBe('Prod-shop');
  });

  it('further ones of the deployment are there, too', () => {
    expect(tagsOf(of('high-availability').loaded.deployment, 'shop')).toMatchObject({
      Confidentiality: 'high',
      CostCentre: '4711',
    });
  });
});

describe('cdk-nag', () => {
  it('stops a deployment that breaks a rule', () => {
    const app = buildInto(of('standard').loaded);
    new Bucket(new Stack(app, 'Careless'), 'Open');
    expect(() => app.synth()).toThrow(/AwsSolutions-S10/);
  });

  it('lets through the wildcards that were named, and no others', () => {
    const app = buildInto(of('standard').loaded);
    const stack = new Stack(app, 'Careless');
    const resources = ['arn:aws:s3:::one/*', 'arn:aws:s3:::two/*'];
    const policy = new ManagedPolicy(stack, 'Policy', {
      statements: [new PolicyStatement({ actions: ['s3:GetObject'], resources })],
    });
    acknowledgeWildcards(
      policy,
      { resources: resources.slice(1) },
      'A test looks whether this reason is taken for another.',
    );
    const error = errorOf(() => app.synth());
    expect(error).toContain('Resource::arn:aws:s3:::one/*');
    expect(error).not.toContain('Resource::arn:aws:s3:::two/*');
  });

  it.each(EXAMPLES)('%s: whatever is acknowledged has a reason', (example) => {
    const found = of(example).app.node.findAll().flatMap(acknowledgedRules);
    expect(found.length).toBeGreaterThan(0);
    for (const { path, rule, reason } of found) {
      expect(reason.trim().split(/\s+/).length, `${path} ${rule}`).toBeGreaterThanOrEqual(5);
    }
  });

  it.each(EXAMPLES)('%s: nothing is acknowledged for a whole stack', (example) => {
    const stacks = of(example)
      .app.node.findAll()
      .filter((node) => Stack.isStack(node));
    expect(stacks.flatMap(acknowledgedRules)).toEqual([]);
  });
});

function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return 'nothing was thrown';
}

function resourcesOf(app: App): CfnResource[] {
  return app.node.findAll().filter((node): node is CfnResource => CfnResource.isCfnResource(node));
}

/** A resource's properties as they stand in the template. */
function propertiesOf(node: CfnResource): Readonly<Record<string, unknown>> {
  const stack = Stack.of(node);
  const written = stack.resolve(node._toCloudFormation()) as {
    readonly Resources?: Readonly<Record<string, { readonly Properties?: Readonly<Record<string, unknown>> }>>;
  };
  return Object.values(written.Resources ?? {})[0]?.Properties ?? {};
}

/** `tagPropertyName` begins with a small letter where CDK's own property does. */
function propertyOf({ tagPropertyName }: TagManager): string {
  return tagPropertyName.charAt(0).toUpperCase() + tagPropertyName.slice(1);
}

/** Tags as CloudFormation writes them: a list of pairs, or a map. */
function writtenTags(tags: unknown): Readonly<Record<string, unknown>> {
  if (!Array.isArray(tags)) return (tags ?? {}) as Readonly<Record<string, unknown>>;
  const pairs = tags as readonly { readonly Key: string; readonly Value: unknown }[];
  return Object.fromEntries(pairs.map(({ Key, Value }) => [Key, Value]));
}

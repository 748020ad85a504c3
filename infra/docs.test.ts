import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from './app.ts';
import { VOLUMES } from './deployment/deployment.ts';
import { loadDeployment } from './deployment/load-deployment.ts';
import { SIZES } from './deployment/volumes.ts';
import { exampleFile } from './examples/examples.ts';

/** What docs/deploying.md and docs/security.md say, held against the templates of what they deploy. */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PAGES = ['docs/deploying.md', 'docs/security.md', 'docs/cost.md'];

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}
type Template = {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
};

let directory = '';
let deploying = '';
const templates = new Map<string, Template>();

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, block]) => block ?? '',
  );
}

beforeAll(async () => {
  deploying = await readFile(join(ROOT, 'docs/deploying.md'), 'utf8');
  directory = await mkdtemp(join(tmpdir(), 'penstock-docs-'));
  const [config = ''] = blocks(deploying, 'ts');
  const [pipeline = ''] = blocks(deploying, 'yaml');
  await mkdir(join(directory, 'pipelines'));
  await writeFile(join(directory, 'pipelines/billing.yaml'), pipeline);
  const definition = pathToFileURL(join(ROOT, 'infra/deployment/deployment.ts')).href;
  const file = join(directory, 'penstock.config.ts');
  await writeFile(file, config.replace('./infra/deployment/deployment.ts', definition));
  for (const [index, path] of [file, exampleFile('hybrid'), exampleFile('high-availability')].entries()) {
    const outdir = join(directory, `out-${index}`);
    const app = buildApp(await loadDeployment(path), { outdir, context: { 'aws:cdk:bundling-stacks': [] } });
    for (const { stackName, template } of app.synth().stacks) templates.set(stackName, template as Template);
  }
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('docs/deploying.md', () => {
  it('names only stacks that there are', () => {
    const named = new Set(deploying.match(/\bPenstock-(?:Prod|Hybrid)-[\w-]+/g));
    expect(named.size).toBeGreaterThanOrEqual(5);
    expect([...named].filter((name) => !templates.has(name))).toEqual([]);
  });

  it('names only functions, state machines and other parts of the pipeline that there are', () => {
    const text = JSON.stringify(templates.get('Penstock-Prod-Pipeline-billing'));
    const named = new Set(deploying.match(/\bpenstock-billing-[a-z]+(?:-[a-z]+)*/g));
    expect(named.size).toBeGreaterThanOrEqual(8);
    expect([...named].filter((name) => !text.includes(`"${name}"`))).toEqual([]);
    for (const name of ['/penstock/billing', 'penstock/billing/source', 'penstock/billing/destination']) {
      expect(deploying).toContain(name);
      expect(text).toContain(`"${name}"`);
    }
  });

  it.each([
    ['Penstock-Prod-Data', ['BucketName', 'TableName', 'KeyArn']],
    ['Penstock-Prod-Network', ['VpcId', 'PrivateRouteTables', 'NatAddresses']],
    ['Penstock-Prod-Console', ['OperatorPolicyArn', 'ConsoleUrl', 'UserPoolId']],
    ['SingleStoreIngest-Prod-Console', ['ConsoleUrl', 'ConsoleDomainTarget']],
    ['Penstock-Hybrid-Pipeline-orders', ['ExternalReaderPolicyArn', 'ExternalReaderEnvironment']],
  ])('%s has the outputs that it tells of', (stack, outputs) => {
    for (const output of outputs) expect(deploying).toContain(output);
    expect(Object.keys(templates.get(stack)?.Outputs ?? {})).toEqual(expect.arrayContaining(outputs));
  });

  it('has the sizes of the volumes', () => {
    for (const volume of VOLUMES) {
      const { cpu, memory, copyTasks, instanceType, instanceDisk, loadMemory } = SIZES[volume];
      const cells = [
        `\`${volume}\``,
        `${cpu / 1024} CPU, ${memory / 1024} GB`,
        `${copyTasks}`,
        `${instanceType}, ${instanceDisk} GB`,
        `${loadMemory} MB`,
      ];
      const row = deploying.split('\n').find((line) => line.startsWith(`| \`${volume}\``)) ?? '';
      const found = row.split('|').slice(1, -1);
      expect(found.map((cell) => cell.trim())).toEqual(cells);
    }
  });

  it('gives the statements for a key of one’s own that a new key gets', () => {
    const given = blocks(deploying, 'json')
      .map((block) => JSON.parse(block) as unknown)
      .find(Array.isArray) as Statement[];
    const data = templates.get('Penstock-Prod-Data');
    const key = Object.values(data?.Resources ?? {}).find(({ Type }) => Type === 'AWS::KMS::Key');
    const { Statement: own } = key?.Properties?.['KeyPolicy'] as { Statement: Statement[] };
    for (const statement of given) {
      const made = own.find(({ Sid }) => Sid === statement.Sid);
      expect([...asList(made?.Action)].sort()).toEqual([...asList(statement.Action)].sort());
      expect(made?.Principal).toEqual(statement.Principal);
      expect(made?.Condition).toEqual(statement.Condition);
    }
    expect(given.map(({ Sid }) => Sid).sort()).toEqual(
      own.flatMap(({ Sid }) => (Sid === undefined ? [] : [Sid])).sort(),
    );
  });

  it('has JSON that is JSON', () => {
    for (const block of blocks(deploying, 'json')) expect(() => JSON.parse(block) as unknown).not.toThrow();
  });
});

describe('the policy of CloudFormation', () => {
  const RENAMED: Readonly<Record<string, string>> = {
    stepfunctions: 'states',
    apigatewayv2: 'apigateway',
    cognito: 'cognito-idp',
  };

  it('reaches every service that the templates use', async () => {
    const { Statement: statements } = await policyFile();
    const services = new Set(statements.flatMap(({ Action }) => asList(Action)).map((action) => action.split(':')[0]));
    const used = new Set(resources().map(({ Type }) => (Type.split('::')[1] ?? '').toLowerCase()));
    expect([...used].map((service) => RENAMED[service] ?? service).filter((service) => !services.has(service))).toEqual(
      [],
    );
  });

  it('reaches the names that roles and policies are given', async () => {
    const { Statement: statements } = await policyFile();
    const { Resource: patterns } = statements.find(({ Sid }) => Sid === 'RolesOfThisApplication') ?? { Resource: '' };
    const names = resources().flatMap(({ Type, Properties }) => {
      const name = Properties?.[Type === 'AWS::IAM::Role' ? 'RoleName' : 'ManagedPolicyName'];
      return Type.startsWith('AWS::IAM::') && typeof name === 'string' ? [{ Type, name }] : [];
    });
    expect(names.length).toBeGreaterThan(0);
    for (const { Type, name } of names) {
      const kind = Type === 'AWS::IAM::Role' ? 'role' : 'policy';
      const prefixes = asList(patterns).map((pattern) => pattern.split(`:${kind}/`)[1]?.replace('*', ''));
      expect(
        prefixes.some((prefix) => prefix !== undefined && name.startsWith(prefix)),
        name,
      ).toBe(true);
    }
  });
});

describe.each(PAGES)('%s', (page) => {
  it('links to what is there', async () => {
    const text = await readFile(join(ROOT, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, path = '', anchor] of links) {
      const target = path === '' ? page : join(dirname(page), path);
      await expect(access(join(ROOT, target)), target).resolves.toBeUndefined();
      if (anchor === undefined) continue;
      const headings = [...(await readFile(join(ROOT, target), 'utf8')).matchAll(/^#+ (.*)$/gm)].map(
        ([, heading = '']) =>
          heading
            .toLowerCase()
            .replace(/[^\w -]/g, '')
            .replaceAll(' ', '-'),
      );
      expect(headings).toContain(anchor);
    }
  });
});

interface Statement {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

async function policyFile(): Promise<{ readonly Statement: readonly Statement[] }> {
  const text = await readFile(join(ROOT, 'infra/deployment/cloudformation-policy.json'), 'utf8');
  return JSON.parse(text) as { Statement: Statement[] };
}

function resources(): Resource[] {
  return [...templates.values()].flatMap(({ Resources }) => Object.values(Resources));
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

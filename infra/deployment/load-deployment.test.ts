import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES, exampleFile } from '../examples/examples.ts';
import { loadDeployment, readDeployment } from './load-deployment.ts';
import { awsProblems } from './parse-pipeline.ts';

let directory = '';
const file = (): string => join(directory, 'penstock.config.ts');

const YAML = `pipeline: billing
source:
  type: postgres
  host: 10.1.4.9
  database: billing
  user: penstock
  password: { secret: penstock/billing/source, field: password }
destination:
  type: singlestore
  host: s2.example.com
  database: billing
  user: penstock
  password: { secret: penstock/billing/destination, field: password }
tables:
  - name: public.invoices
`;

const PIPELINE = {
  configuration: 'billing.yaml',
  reachable: [
    { name: 'source', cidr: '10.1.4.0/24', port: 5432 },
    { name: 'destination', cidr: '10.2.0.0/24', port: 3306 },
  ],
};
const DEPLOYMENT = { environment: 'Test', owner: 'us', costCentre: '1', pipelines: [PIPELINE] };

async function refusal(value: unknown, yaml = YAML): Promise<string> {
  await writeFile(join(directory, 'billing.yaml'), yaml);
  const error: unknown = await readDeployment(value, file()).then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.message : String(error);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'penstock-deployment-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('a deployment', () => {
  it('is read with its pipelines and every default filled in', async () => {
    await writeFile(join(directory, 'billing.yaml'), YAML);
    const { deployment, pipelines } = await readDeployment(DEPLOYMENT, file());
    expect(deployment.network).toEqual({
      tag: 'new',
      cidr: '10.20.0.0/20',
      availabilityZones: 2,
      nat: 'one',
      interfaceEndpoints: false,
    });
    expect(deployment.data.extractRetentionDays).toBe(90);
    expect(pipelines.map(({ settings }) => settings.pipeline)).toEqual(['billing']);
    expect(pipelines[0]?.document).toEqual({ text: YAML, authorities: {} });
  });

  it('carries the authorities that TLS is verified by', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    await writeFile(join(directory, 'authority.pem'), pem);
    const yaml = YAML.replace(
      '  database: billing\n',
      '  database: billing\n  tls: { mode: verify, ca: authority.pem }\n',
    );
    await writeFile(join(directory, 'billing.yaml'), yaml);
    const { pipelines } = await readDeployment(DEPLOYMENT, file());
    expect(pipelines[0]?.document.authorities).toEqual({ source: pem });
  });

  it("carries those of other databases of the source, which have the source's where they are on its server", async () => {
    const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
    for (const name of ['own', 'root']) await writeFile(join(directory, `${name}.pem`), pem(name));
    const root = (more: string) =>
      `type: oraclePluggable\n  tls: { mode: verify, ca: own.pem }\n  rootDatabase: { ${more}database: CDB, user: C, password: { secret: root } }`;
    const reachable = [{ name: 'source', cidr: '10.1.4.0/24', port: 1521 }, ...PIPELINE.reachable];
    const deployment = { ...DEPLOYMENT, pipelines: [{ ...PIPELINE, reachable }] };
    const authoritiesOf = async (more: string) => {
      await writeFile(join(directory, 'billing.yaml'), YAML.replace('type: postgres', root(more)));
      return (await readDeployment(deployment, file())).pipelines[0]?.document.authorities;
    };
    expect(await authoritiesOf('')).toEqual({ source: pem('own'), 'source.rootDatabase': pem('own') });
    expect(await authoritiesOf('host: 10.1.4.10, tls: { mode: verify, ca: root.pem }, ')).toEqual({
      source: pem('own'),
      'source.rootDatabase': pem('root'),
    });
  });

  it.each(EXAMPLES)('example %s is good', async (example) => {
    const { pipelines } = await loadDeployment(exampleFile(example));
    expect(pipelines.length).toBeGreaterThan(0);
  });
});

describe('what is refused, by its path', () => {
  it.each([
    [{ ...DEPLOYMENT, enviroment: 'x' }, 'enviroment: unknown name; did you mean `environment`?'],
    [{ ...DEPLOYMENT, owner: undefined }, 'owner: expected text, found nothing'],
    [{ ...DEPLOYMENT, owner: 'a<b' }, 'owner: expected a tag value'],
    [{ ...DEPLOYMENT, nameTag: '{application}_{stage}' }, 'nameTag: {stage} stands for nothing'],
    [{ ...DEPLOYMENT, nameTag: '{application' }, 'nameTag: expected braces in pairs'],
    [{ ...DEPLOYMENT, tags: { 'aws:x': '1' } }, 'tags["aws:x"]: '],
    [{ ...DEPLOYMENT, account: '12' }, 'account: '],
    [{ ...DEPLOYMENT, alarmEmails: ['nobody'] }, 'alarmEmails[0]: '],
    [{ ...DEPLOYMENT, pipelines: [] }, 'pipelines: expected a list of at least 1'],
    [{ ...DEPLOYMENT, data: { keyArn: 'arn:aws:sns:x' } }, 'data.keyArn: expected the ARN of kms'],
    [{ ...DEPLOYMENT, network: { tag: 'old' } }, 'network.tag: expected one of new, existing, found "old"'],
    [
      { ...DEPLOYMENT, network: { tag: 'new', cidr: '10.0.0.0/8' } },
      'network.cidr: expected a range from /16 to /24, found /8',
    ],
    [{ ...DEPLOYMENT, network: { tag: 'new', nat: 'none' } }, 'network.interfaceEndpoints: expected true'],
    [
      {
        ...DEPLOYMENT,
        network: { tag: 'new', cidr: '10.1.0.0/16' },
        pipelines: [{ ...PIPELINE, reachable: [{ name: 'x', cidr: '10.0.0.0/8', port: 1 }] }],
      },
      'pipelines[0].reachable[0].cidr: overlaps with network.cidr 10.1.0.0/16',
    ],
    [
      {
        ...DEPLOYMENT,
        network: {
          tag: 'existing',
          vpcId: 'vpc-1',
          availabilityZones: ['a', 'b', 'c'],
          privateSubnetIds: ['subnet-1', 'subnet-2'],
        },
      },
      'network.privateSubnetIds: expected one subnet for each of the 3 zones',
    ],
    [
      {
        ...DEPLOYMENT,
        pipelines: [
          {
            ...PIPELINE,
            reachable: Array.from({ length: 17 }, (_, port) => ({ name: 'x', cidr: '10.1.4.0/24', port: port + 1 })),
          },
        ],
      },
      'pipelines: expected at most 16 different databases in reachable, found 17',
    ],
    [
      { ...DEPLOYMENT, pipelines: [{ ...PIPELINE, reader: 'external', highAvailability: true }] },
      'pipelines[0].highAvailability: expected false',
    ],
    [
      { ...DEPLOYMENT, pipelines: [{ ...PIPELINE, volume: 'under10GB' }] },
      'pipelines[0].volume: expected one of under100GB',
    ],
    [
      { ...DEPLOYMENT, pipelines: [{ ...PIPELINE, thresholds: { lagSeconds: -1 } }] },
      'pipelines[0].thresholds.lagSeconds: ',
    ],
    [{ ...DEPLOYMENT, pipelines: [PIPELINE, PIPELINE] }, 'pipelines[1].configuration: a second pipeline billing'],
    [{ ...DEPLOYMENT, pipelines: [{ ...PIPELINE, configuration: 'none.yaml' }] }, 'none.yaml: there is no such file'],
  ])('%#: %o', async (value, expected) => {
    expect(await refusal(value)).toContain(expected);
  });

  it('an address of another database of the source that nothing lets through, each once', async () => {
    const problemsOf = (written: string, port = 1521) => {
      const oracle = `type: oraclePluggable\n  rootDatabase: { ${written}, database: CDB, user: C, password: { secret: root } }`;
      const reachable = [{ name: 'source', cidr: '10.1.4.0/24', port }, ...PIPELINE.reachable];
      const deployment = { ...DEPLOYMENT, pipelines: [{ ...PIPELINE, reachable }] };
      return refusal(deployment, YAML.replace('type: postgres', oracle));
    };
    expect(await problemsOf('host: 10.1.4.10')).toBe('nothing was refused');
    expect(await problemsOf('port: 1521')).toBe('nothing was refused');
    expect(await problemsOf('host: 10.9.9.9')).toContain(
      "source.rootDatabase.host: the deployment's `reachable` has no entry with 10.9.9.9 and port 1521",
    );
    expect(await problemsOf('host: 127.0.0.1')).toContain('source.rootDatabase.host: 127.0.0.1 is the task itself');
    const same = await problemsOf('port: 1521', 1522);
    expect(same).toContain('source.host: the deployment');
    expect(same).not.toContain('rootDatabase');
  });

  it('a proxy of the source that nothing lets through, which is asked of in place of the databases behind it', async () => {
    const problemsOf = (options: string, tls = 'verify') => {
      const oracle = `type: oraclePluggable\n  options: { ${options} }\n  tls: { mode: ${tls} }\n  rootDatabase: { host: 10.9.9.9, tls: { mode: ${tls} }, database: CDB, user: C, password: { secret: root } }`;
      const reachable = [{ name: 'proxy', cidr: '10.1.6.0/24', port: 3128 }, ...PIPELINE.reachable];
      const deployment = { ...DEPLOYMENT, pipelines: [{ ...PIPELINE, reachable }] };
      return refusal(deployment, YAML.replace('type: postgres', oracle));
    };
    expect(await problemsOf('httpsProxy: 10.1.6.7, httpsProxyPort: 3128')).toBe('nothing was refused');
    const other = await problemsOf('httpsProxy: 10.7.7.7, httpsProxyPort: 3128');
    expect(other).toContain(
      "source.options.httpsProxy: the deployment's `reachable` has no entry with 10.7.7.7 and port 3128",
    );
    expect(other).not.toContain('10.9.9.9');
    expect(await problemsOf('httpsProxy: proxy.example')).toContain(
      "source.options.httpsProxyPort: the deployment's `reachable` has no entry with port 80",
    );
    expect(await problemsOf('httpsProxy: 127.0.0.1')).toContain(
      'source.options.httpsProxy: 127.0.0.1 is the task itself',
    );
    // Without TLS the driver has no use for it.
    expect(await problemsOf('httpsProxy: 10.1.6.7, httpsProxyPort: 3128', 'off')).toContain('10.9.9.9');
  });

  it('a password of another database of the source that AWS does not have', async () => {
    await writeFile(join(directory, 'billing.yaml'), YAML);
    const [loaded] = (await readDeployment(DEPLOYMENT, file())).pipelines;
    if (loaded === undefined) throw new Error('there is no pipeline');
    const { settings, deployment } = loaded;
    const problemsWith = (password: unknown) => {
      const specific = { ...(settings.source.specific as object), rootDatabase: { password } };
      return awsProblems({ ...settings, source: { ...settings.source, specific } }, deployment, null);
    };
    expect(problemsWith({ tag: 'secret', id: 'root', field: 'password' })).toEqual([]);
    expect(problemsWith({ tag: 'env', name: 'X' })).toMatchObject([{ path: ['source', 'rootDatabase', 'password'] }]);
  });

  it.each([
    [
      'password: { secret: penstock/billing/source, field: password }',
      'password: { env: X }',
      'source.password: expected { secret: name',
    ],
    [
      'password: { secret: penstock/billing/destination, field: password }',
      'password: { file: x }',
      'destination.password: expected { secret: name',
    ],
    ['host: 10.1.4.9', 'host: 127.0.0.1', 'source.host: 127.0.0.1 is the task itself'],
    [
      'host: 10.1.4.9',
      'host: 10.1.5.9',
      "source.host: the deployment's `reachable` has no entry with 10.1.5.9 and port 5432",
    ],
    ['type: postgres', 'type: sqlserver\n  options: { instanceName: SALES }', 'source.port: must be given on AWS'],
    [
      'type: postgres',
      'type: sqlserver',
      "source.host: the deployment's `reachable` has no entry with 10.1.4.9 and port 1433",
    ],
    [
      'host: s2.example.com',
      'host: s2.example.com\n  port: 3307',
      "destination.port: the deployment's `reachable` has no entry with port 3307",
    ],
    [
      '  type: singlestore',
      '  type: singlestore\n  tls: { mode: verify, ca: gone.pem }',
      'gone.pem: there is no such file',
    ],
    [
      'pipeline: billing',
      'pipeline: billing\nextracts: { retentionDays: 91 }',
      'extracts.retentionDays: expected at most 90, found 91: the bucket removes extracts then; raise data.extractRetentionDays',
    ],
    [
      'pipeline: billing',
      'pipeline: billing\nschedule: { type: periodic, every: { seconds: 30 } }',
      'schedule.every: expected at least a minute, found 30 seconds: on AWS due times are looked at once a minute',
    ],
    [
      'pipeline: billing',
      'pipeline: billing\nschedule: { type: automatic, restoreOnStartup: false }',
      'schedule.restoreOnStartup: expected true, found false: on AWS tasks are started anew at any time',
    ],
    [
      'pipeline: billing',
      'pipeline: billing\nverify: { continuous: true }',
      'verify.continuous: expected false, found true: on AWS tables are compared by executions of penstock-billing-verify',
    ],
    [
      'pipeline: billing',
      'pipeline: billing\nemail: { host: mail.example, from: a@b.example, to: c@d.example }',
      'email: expected none on AWS, where alarms are published to a topic; name the addresses in alarmEmails',
    ],
    [
      'pipeline: billing',
      'pipeline: billing\naws: { region: eu-central-1, metrics: Shop }',
      'aws: expected none on AWS, where events, metrics and alarms are sent by roles of the deployment',
    ],
    ['type: postgres', 'type: postgress', 'source.type: expected one of postgres'],
  ])('%s → %s', async (from, to, expected) => {
    expect(await refusal(DEPLOYMENT, YAML.replace(from, to))).toContain(expected);
  });

  it('an authority that is no certificate', async () => {
    await writeFile(join(directory, 'key.pem'), 'nothing');
    const yaml = YAML.replace('  type: singlestore\n', '  type: singlestore\n  tls: { mode: verify, ca: key.pem }\n');
    expect(await refusal(DEPLOYMENT, yaml)).toContain('key.pem: expected certificates in PEM');
  });

  it('everything at once, and never what a setting that may be secret holds', async () => {
    const yaml = YAML.replace('host: 10.1.4.9', 'host: localhost').replace(/password: .*source.*/, 'password: hunter2');
    const text = await refusal(
      { ...DEPLOYMENT, pipelines: [PIPELINE, { ...PIPELINE, configuration: 'none.yaml' }] },
      yaml,
    );
    expect(text).toContain('source.password');
    expect(text).toContain('none.yaml: there is no such file');
    expect(text).not.toContain('hunter2');
  });

  it('a source that AWS cannot reach, also where the reader is an external one: functions plan its copies', async () => {
    const [, ...rest] = PIPELINE.reachable;
    for (const reader of ['fargate', 'external']) {
      const text = await refusal({ ...DEPLOYMENT, pipelines: [{ ...PIPELINE, reader, reachable: rest }] });
      expect(text).toContain('source.host: the deployment');
    }
  });

  it('a file that is not there, with what to do', async () => {
    await expect(loadDeployment(join(directory, 'gone.config.ts'))).rejects.toMatchObject({
      code: 'PS1001',
      remedy: expect.stringContaining('-c deployment=') as unknown,
    });
  });
});

import { describe, expect, it } from 'vitest';
import { FUNCTION_NAMES, FUNCTIONS } from './function-table.ts';
import { WORKLOADS, workloadStatements, type Statement, type Workload } from './permissions.ts';
import type { ResourceArns } from './resource-arns.ts';

const ARNS: ResourceArns = {
  runMachine: null,
  pipeline: 'billing',
  region: 'eu-central-1',
  bucket: 'arn:bucket',
  table: 'arn:table',
  stream: 'arn:stream',
  key: 'arn:key',
  topic: 'arn:topic',
  settings: 'arn:assets/settings.json',
  secrets: { source: 'arn:source-secret', destination: 'arn:destination-secret', beside: ['arn:root-secret'] },
  logGroup: 'arn:log-group',
  deadLetters: 'arn:dead-letters',
  cluster: 'arn:cluster',
  tasks: 'arn:tasks/*',
  containerInstances: 'arn:instances/*',
  definitions: { copy: 'arn:copy:*', 'new-tables': 'arn:new-tables:*' },
  taskEventsRule: 'arn:rule',
  function: (name) => `arn:function:${name}`,
};

function allowed(workload: Workload, action: string): string[] {
  return workloadStatements(workload, ARNS)
    .filter(({ effect, actions }) => effect === 'Allow' && actions.includes(action))
    .flatMap(({ resources }) => resources);
}

function statementOf(workload: Workload, action: string): Statement {
  const found = workloadStatements(workload, ARNS).find(({ actions }) => actions.includes(action));
  if (found === undefined) throw new Error(`${workload} may not ${action}`);
  return found;
}

describe('permissions of workloads', () => {
  it.each(WORKLOADS)('%s names every action in full', (workload) => {
    const statements = workloadStatements(workload, ARNS);
    for (const { actions } of statements) {
      for (const action of actions) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
    }
  });

  it.each(WORKLOADS)('%s reaches only the items of its own pipeline, and only that many actions', (workload) => {
    const catalog = workloadStatements(workload, ARNS).filter(({ resources }) => resources.includes(ARNS.table));
    for (const { conditions } of catalog) {
      expect(conditions).toEqual({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['billing'] } });
    }
    const removers = {
      items: ['plan-copy', 'finish-copy', 'load', 'new-tables'],
      objects: ['finish-copy', 'load', 'new-tables'],
    };
    expect(allowed(workload, 'dynamodb:DeleteItem')).toEqual(removers.items.includes(workload) ? [ARNS.table] : []);
    const objects = removers.objects.includes(workload) ? ['arn:bucket/billing/*'] : [];
    expect(allowed(workload, 's3:DeleteObject')).toEqual(objects);
    expect(allowed(workload, 'dynamodb:Scan')).toEqual([]);
  });

  it('lets only who reads the source write objects, and only under their pipeline', () => {
    const writers = WORKLOADS.filter((workload) => allowed(workload, 's3:PutObject').length > 0);
    expect(writers).toEqual(['rollback', 'quarantine', 'verify', 'reader', 'copy', 'new-tables', 'external']);
    expect(allowed('reader', 's3:PutObject')).toEqual(['arn:bucket/billing/*']);
  });

  it('lets everything read its settings but what asks the catalog alone', () => {
    const others = WORKLOADS.filter((workload) => !allowed(workload, 's3:GetObject').includes(ARNS.settings));
    expect(others).toEqual(['schedule-tick', 'switch-schedule', 'health']);
  });

  it('gives a password only to what connects to that database', () => {
    const holders = (secret: string): Workload[] =>
      WORKLOADS.filter((workload) => allowed(workload, 'secretsmanager:GetSecretValue').includes(secret));
    expect(holders(ARNS.secrets.source)).toEqual([
      'plan-copy',
      'rollback',
      'sync-structure',
      'quarantine',
      'verify',
      'check-source',
      'reader',
      'copy',
      'new-tables',
      'external',
    ]);
    expect(holders('arn:root-secret')).toEqual(holders(ARNS.secrets.source));
    expect(holders(ARNS.secrets.destination)).toEqual([
      'load',
      'plan-copy',
      'load-chunks',
      'finish-copy',
      'end-operation',
      'rollback',
      'sync-structure',
      'quarantine',
      'verify',
      'check-destination',
      'new-tables',
    ]);
  });

  it('lets the key be used only through the services that hold what it encrypts', () => {
    for (const workload of WORKLOADS) {
      const { resources, conditions } = statementOf(workload, 'kms:Decrypt');
      expect(resources).toEqual([ARNS.key]);
      expect(conditions?.['StringEquals']?.['kms:ViaService']).not.toEqual([]);
    }
    expect(statementOf('schedule-tick', 'kms:Decrypt').conditions).toEqual({
      StringEquals: { 'kms:ViaService': ['dynamodb.eu-central-1.amazonaws.com'] },
    });
    expect(allowed('check-destination', 'kms:Encrypt')).toEqual([]);
  });

  it('tells who reads a store that an object is missing, rather than forbidden', () => {
    // StringLike alone would not match GetObject, which carries no prefix.
    expect(statementOf('load', 's3:ListBucket')).toEqual({
      effect: 'Allow',
      actions: ['s3:ListBucket'],
      resources: [ARNS.bucket],
      conditions: { StringLikeIfExists: { 's3:prefix': ['billing/*'] } },
    });
  });

  it('denies network interfaces to the code of functions, which Lambda itself needs', () => {
    for (const name of FUNCTION_NAMES) {
      const statements = workloadStatements(name, ARNS).filter(({ actions }) =>
        actions.includes('ec2:CreateNetworkInterface'),
      );
      expect(statements.map(({ effect }) => effect)).toEqual(['Allow', 'Deny']);
      expect(statements[1]?.actions).toEqual(statements[0]?.actions);
      expect(statements[1]?.conditions).toEqual({
        ArnEquals: { 'lambda:SourceFunctionArn': [`arn:function:${name}`] },
      });
    }
  });

  it('lets the loader be woken only by itself, by the tick, and by who switches the scheduler on or reads the log', () => {
    const wakers = WORKLOADS.filter((workload) => allowed(workload, 'lambda:InvokeFunction').length > 0);
    expect(wakers).toEqual(['load', 'schedule-tick', 'switch-schedule', 'quarantine', 'verify']);
    expect(allowed('load', 'lambda:InvokeFunction')).toEqual(['arn:function:load']);
  });
});

describe('the table of functions', () => {
  it('has the timeouts and sizes that the code counts on', () => {
    const sizes = Object.entries(FUNCTIONS).map(([name, { timeoutSeconds, memory }]) => [name, timeoutSeconds, memory]);
    expect(sizes).toEqual([
      ['load', 900, 'byVolume'],
      ['schedule-tick', 30, 256],
      ['switch-schedule', 30, 256],
      ['begin-operation', 60, 256],
      ['plan-copy', 900, 1024],
      ['load-chunks', 900, 2048],
      ['finish-copy', 900, 1024],
      ['end-operation', 120, 512],
      ['rollback', 900, 1024],
      ['sync-structure', 900, 1024],
      ['quarantine', 900, 1024],
      ['verify', 900, 1024],
      ['check-source', 120, 512],
      ['check-destination', 120, 512],
      ['health', 60, 256],
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Finding } from '../source-connector.ts';
import { NEVER, postgresTest, selection, type PostgresTest } from '../../../test/fixtures/postgres-connector.ts';
import { startPostgres } from '../../../test/fixtures/postgres-server.ts';

const faults = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity !== 'ok').map(({ code, severity }) => `${severity} ${code}`);

describe('check', () => {
  let test: PostgresTest;
  beforeAll(async () => {
    test = await postgresTest(inject('postgres'), 'checked');
    await test.client.query(`
      CREATE TABLE sound (id int PRIMARY KEY);
      CREATE TABLE keyless (a int);
      CREATE TABLE nothing (id int PRIMARY KEY); ALTER TABLE nothing REPLICA IDENTITY NOTHING;
      CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY);
      CREATE TABLE virtual_columns (id int PRIMARY KEY, v int GENERATED ALWAYS AS (id) VIRTUAL);
      CREATE TABLE natural_key (a int, b int NOT NULL); ALTER TABLE natural_key REPLICA IDENTITY FULL;
      CREATE TABLE parts (id int) PARTITION BY LIST (id); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1); ALTER TABLE parts REPLICA IDENTITY FULL;
      DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN PASSWORD 'penstock-test'`);
  });
  afterAll(async () => {
    await test[Symbol.asyncDispose]();
  });

  it('finds nothing wrong with a sound table', async () => {
    const findings = await test.source.check([selection('sound')], NEVER);
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const codes = findings.map(({ code }) => code);
    for (const code of [
      'wal_level',
      'max_replication_slots',
      'max_wal_senders',
      'replication_right',
      'replication_login',
      'publication',
      'slot',
      'table',
    ]) {
      expect(codes).toContain(`postgres.${code}`);
    }
    for (const finding of findings) expect(finding.remedy === null).toBe(finding.severity === 'ok');
  });

  it.each([
    [selection('keyless'), ['error postgres.replica_identity']],
    [selection('nothing'), ['error postgres.replica_identity']],
    [selection('unlogged'), ['error postgres.unlogged']],
    [selection('virtual_columns'), ['warning postgres.generated_columns']],
    [selection('natural_key', { key: ['a'] }), ['warning postgres.key', 'warning postgres.key_null']],
    [selection('parts'), ['error postgres.replica_identity']],
    [selection('sound', { where: 'nope > 1' }), ['error postgres.where']],
    [selection('sound', { mask: ['nope'] }), ['error postgres.table_options']],
    [selection('missing'), ['error postgres.table']],
  ])('finds what is wrong with $table.name', async (table, expected) => {
    const findings = await test.source.check([table], NEVER);
    expect(faults(findings).filter((fault) => !fault.endsWith('max_slot_wal_keep_size'))).toEqual(expected);
  });

  it('gives statements that mend what they are about', async () => {
    const tables = [selection('keyless'), selection('nothing'), selection('parts')];
    for (const finding of await test.source.check(tables, NEVER)) {
      if (finding.code === 'postgres.replica_identity') await test.client.query(finding.remedy ?? '');
    }
    const left = await test.source.check(tables, NEVER);
    expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('finds the rights that a user lacks', async () => {
    const poor = test.connect({ user: 'poor' });
    const findings = await poor.check([selection('sound')], NEVER);
    expect(faults(findings)).toEqual(
      expect.arrayContaining([
        'error postgres.replication_right',
        'error postgres.replication_login',
        'error postgres.select_right',
        'error postgres.publication',
      ]),
    );
    for (const finding of findings) {
      if (finding.code === 'postgres.select_right' || finding.code === 'postgres.replication_right')
        await test.client.query(finding.remedy ?? '');
    }
    const left = await poor.check([selection('sound')], NEVER);
    expect(left.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual([
      'postgres.publication',
    ]);
  });

  it('finds a server that cannot be reached, and a refused login', async () => {
    expect(faults(await test.connect({ port: 1 }).check([], NEVER))).toEqual(['error postgres.connection']);
    expect(faults(await test.connect({ user: 'nobody' }).check([], NEVER))).toEqual(['error postgres.login']);
  });

  it('finds a server that keeps no logical log, and one without room', async () => {
    const server = await startPostgres({
      settings: {
        wal_level: 'replica',
        max_replication_slots: '1',
        max_wal_senders: '1',
        wal_sender_timeout: '0',
        shared_buffers: '16MB',
      },
    });
    try {
      await using bare = await postgresTest(server.address, 'checked');
      await bare.client.query('CREATE TABLE sound (id int PRIMARY KEY)');
      const found = faults(await bare.source.check([selection('sound')], NEVER));
      expect(found).toEqual(
        expect.arrayContaining([
          'error postgres.wal_level',
          'warning postgres.max_replication_slots',
          'warning postgres.max_wal_senders',
          'warning postgres.wal_sender_timeout',
        ]),
      );
      await expect(bare.source.prepare([selection('sound')], null, NEVER)).rejects.toMatchObject({ code: 'PS2005' });
      await bare.client.query('CREATE ROLE rds_replication');
      const managed = await bare.source.check([selection('sound')], NEVER);
      expect(managed.find(({ code }) => code === 'postgres.wal_level')?.remedy).toContain('rds.logical_replication');
    } finally {
      await server.stop();
    }
  });
});

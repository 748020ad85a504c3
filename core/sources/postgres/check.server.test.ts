import { describe, expect, it } from 'vitest';
import type { Finding } from '../source-connector.ts';
import { NEVER } from '../../../test/contracts/source-connector/reading.ts';
import { postgresTest, selection } from '../../../test/fixtures/postgres-connector.ts';
import { startPostgres } from '../../../test/fixtures/postgres-server.ts';

const faults = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity !== 'ok').map(({ code, severity }) => `${severity} ${code}`);

/** What every source must find is in test/contracts. */
describe('check', () => {
  it('finds a server that has no room, and says how a managed one is set', async () => {
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

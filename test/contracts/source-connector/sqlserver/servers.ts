import { sqlserverConnector } from '../../../../core/sources/sqlserver/definition.ts';
import { sqlserverSettings } from '../../../../core/sources/sqlserver/settings.ts';
import type { SourceConnector } from '../../../../core/sources/source-connector.ts';
import { SystemClock } from '../../../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../../../hosts/node/system-randomness.ts';
import type { ServerAddress } from '../../../fixtures/mariadb-server.ts';
import { openFakeDatabase, type FakeDatabase } from '../../../fixtures/sqlserver-fake/fake-database.ts';
import type { ConnectOptions, DatabaseUnderTest, ServerUnderTest } from '../source-under-test.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const POOR_PASSWORD = 'penstock-poor';

/** Databases that behave as those of SQL Server (test/fixtures/sqlserver-fake), on the PostgreSQL that all test files share. */
export function fakeSqlserver(address: ServerAddress, extractType: 'changeTracking' | 'cdc'): ServerUnderTest {
  return {
    database: async (name) => underTest(await openFakeDatabase(address, name, extractType), extractType),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function underTest(fake: FakeDatabase, extractType: string): Promise<DatabaseUnderTest> {
  const admin = await fake.admin();
  const ours = `datname = '${fake.name}' AND application_name = 'penstock'`;
  return {
    admin,
    table: (name) => ({ schema: 'dbo', name }),
    session: () => fake.admin(),
    connect: (options = {}) => connector(fake, extractType, options),
    poorUser: async () => {
      const user = `${fake.name}_poor`;
      await admin.run(`DROP ROLE IF EXISTS ${user}`, `CREATE ROLE ${user} LOGIN PASSWORD '${POOR_PASSWORD}'`);
      return { user, password: POOR_PASSWORD };
    },
    connections: async () =>
      Number((await admin.rows(`SELECT count(*) FROM pg_stat_activity WHERE ${ours}`))[0]?.[0] ?? 0),
    endConnections: () => admin.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${ours}`),
    // Nothing is ever made at the source.
    remains: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}

function connector(fake: FakeDatabase, extractType: string, options: ConnectOptions): SourceConnector {
  const settings = sqlserverSettings.parse({
    extractType,
    host: '127.0.0.1',
    user: fake.reader.user,
    database: fake.name,
    pollSeconds: 0.05,
    ...options.settings,
  });
  const open = fake.opener(settings.user, options.password ?? fake.reader.password);
  return sqlserverConnector(
    { settings, open },
    {
      pipeline: fake.name.replaceAll('_', '-'),
      password: () => Promise.resolve(options.password ?? fake.reader.password),
      misfits: () => options.misfits ?? 'stop',
      secret: () => Promise.reject(new Error('another secret was asked for')),
      extractThreads: 2,
      clock: new SystemClock(),
      randomness: new SystemRandomness(),
      log: SILENT,
    },
  );
}

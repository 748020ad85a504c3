import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourcePosition } from '../../../../core/changes/position.ts';
import { sqlserverConnector } from '../../../../core/sources/sqlserver/definition.ts';
import { trackedPlaceOf } from '../../../../core/sources/sqlserver/place.ts';
import { sqlserverSettings } from '../../../../core/sources/sqlserver/settings.ts';
import type { SourceConnector } from '../../../../core/sources/source-connector.ts';
import { SystemClock } from '../../../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../../../hosts/node/system-randomness.ts';
import type { ServerAddress } from '../../../fixtures/server-process.ts';
import { openFakeDatabase, type FakeDatabase } from '../../../fixtures/sqlserver-fake/fake-database.ts';
import type { FakeFaults } from '../../../fixtures/sqlserver-fake/failures.ts';
import { startPostgres, type PostgresServer } from '../../../fixtures/postgres-server.ts';
import { rowsAtVersion } from '../../../fixtures/sqlserver-fake/rows-at.ts';
import type { BreakableServer, ConnectOptions, DatabaseUnderTest, ServerUnderTest } from '../source-under-test.ts';
import { MemoryScratch } from '../../../fixtures/memory-scratch.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const POOR_PASSWORD = 'penstock-poor';

type FakeExtractType = 'changeTracking' | 'cdc';

export interface FakeUnderTest extends DatabaseUnderTest {
  readonly faults: FakeFaults;
}

export interface FakeServer extends ServerUnderTest {
  database(name: string): Promise<FakeUnderTest>;
}

/** Databases that behave as those of SQL Server (test/fixtures/sqlserver-fake), on the PostgreSQL that all test files share. */
export function fakeSqlserver(address: ServerAddress, extractType: FakeExtractType): FakeServer {
  return {
    database: async (name) => {
      // Other sources and the other extract type have databases there too.
      const fake = await openFakeDatabase(address, `sqlserver_${extractType.toLowerCase()}_${name}`, extractType);
      return underTest(fake, extractType);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The same on a server that can be stopped and started again with its data. */
export async function ownFakeSqlserver(extractType: FakeExtractType): Promise<BreakableServer> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'penstock-sqlserver-'));
  const options = { dataDirectory, settings: { shared_buffers: '16MB' } };
  let server: PostgresServer = await startPostgres(options);
  const { address } = server;
  return {
    ...fakeSqlserver(address, extractType),
    folder: dataDirectory,
    stop: () => server.stop(),
    start: async () => {
      server = await startPostgres({ ...options, port: address.port });
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

function underTest(fake: FakeDatabase, extractType: FakeExtractType): FakeUnderTest {
  const admin = fake.admin();
  const ours = `datname = '${fake.name}' AND application_name = 'penstock'`;
  return {
    admin,
    faults: fake.faults,
    table: (name) => ({ schema: 'dbo', name }),
    session: () => Promise.resolve(fake.admin()),
    connect: (options = {}) => fakeConnector(fake, extractType, options),
    poorUser: async () => {
      const user = `${fake.name}_poor`;
      await admin.run(
        `DROP ROLE IF EXISTS ${user}`,
        `CREATE ROLE ${user} LOGIN PASSWORD '${POOR_PASSWORD}'`,
        // SQL Server asks for no right on the schema.
        `GRANT USAGE ON SCHEMA dbo TO ${user}`,
      );
      return { user, password: POOR_PASSWORD };
    },
    connections: async () =>
      Number((await admin.rows(`SELECT count(*) FROM pg_stat_activity WHERE ${ours}`))[0]?.[0] ?? 0),
    endConnections: () => admin.run(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE ${ours}`),
    ...(extractType === 'changeTracking'
      ? {
          rowsAt: (table: string, columns: readonly string[], position: SourcePosition) =>
            rowsAtVersion(admin, { table, key: 'id', columns }, trackedPlaceOf(position).version),
        }
      : {}),
    // Nothing is ever made at the source.
    remains: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
}

/** A connector of the database's one pipeline. */
export function fakeConnector(
  fake: FakeDatabase,
  extractType: FakeExtractType,
  options: ConnectOptions,
): SourceConnector {
  const settings = sqlserverSettings.parse({
    extractType,
    host: '127.0.0.1',
    user: fake.reader.user,
    database: fake.name,
    tls: { mode: 'off' },
    pollSeconds: 0.05,
    ...options.settings,
  });
  const open = fake.opener({
    user: settings.user,
    password: options.password ?? fake.reader.password,
    // The port of SQL Server is a default; the tests' database has another one.
    ...(options.settings?.['port'] === undefined || settings.port === null ? {} : { port: settings.port }),
    isEncrypted: settings.tls.mode !== 'off',
  });
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
      scratch: new MemoryScratch(),
      logfileProcessed: () => undefined,
      log: SILENT,
    },
  );
}

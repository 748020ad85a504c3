import type { SourcePosition } from '../../../../core/changes/position.ts';
import { trackedPlaceOf } from '../../../../core/sources/sqlserver/place.ts';
import { sqlserverSource } from '../../../../core/sources/sqlserver/definition.ts';
import type { SourceConnector } from '../../../../core/sources/source-connector.ts';
import { SystemClock } from '../../../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../../../hosts/node/system-randomness.ts';
import { openProxy } from '../../../fixtures/breakable-proxy.ts';
import { MemoryScratch } from '../../../fixtures/memory-scratch.ts';
import type { Target } from '../../../sqlserver/target.ts';
import type { BreakableServer, ConnectOptions, DatabaseUnderTest, ServerUnderTest } from '../source-under-test.ts';
import { RealSession } from './real-session.ts';
import { rowsAtSql } from './seen-rows.ts';

type RealExtractType = 'changeTracking' | 'cdc';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PASSWORD = 'penstock-Reader-1';
const POOR_PASSWORD = 'penstock-Poor-1';
const DEFAULT_PORT = 1433;

/** How all databases and logins begin that the tests make: nothing else is ever dropped. */
export const OURS = 'penstock_test_';
/** Texts of the suites are in all languages, those of VARCHAR columns too. SQL Server 2019 has it. */
const COLLATION = 'Latin1_General_100_CI_AS_SC_UTF8';

/** Databases on a SQL Server. Never run on one by those who wrote it: none was at hand. */
export function realSqlserver(target: Target, extractType: RealExtractType): ServerUnderTest {
  return {
    database: (name) => openDatabase(target, `${OURS}${extractType.toLowerCase()}_${name}`, extractType),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The same behind a way that can be cut, which stands for a server that is stopped: this one is others' too. */
export async function breakableSqlserver(target: Target, extractType: RealExtractType): Promise<BreakableServer> {
  const proxy = await openProxy({ host: target.host, port: target.port ?? DEFAULT_PORT });
  const { host, port } = proxy;
  // No certificate is made out to this address.
  const behind: Target = { ...target, host, port, options: { trustServerCertificate: target.tls !== null } };
  return {
    ...realSqlserver(behind, extractType),
    folder: '',
    stop: () => proxy.cut(),
    start: () => proxy.mend(),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

async function openDatabase(target: Target, name: string, extractType: RealExtractType): Promise<DatabaseUnderTest> {
  const master = new RealSession({ target, database: 'master', extractType: 'nothing' });
  await master.run(...dropping(name), ...making(name, extractType), ...login(name, PASSWORD));
  const admin = new RealSession({ target, database: name, extractType });
  await admin.run(...granting(name, extractType));
  const ours = `SELECT session_id FROM sys.dm_exec_sessions WHERE program_name = N'penstock' AND database_id = DB_ID(N'${name}')`;
  return {
    admin,
    table: (table) => ({ schema: 'dbo', name: table }),
    session: () => Promise.resolve(new RealSession({ target, database: name, extractType })),
    connect: (options = {}) => connector(target, name, extractType, options),
    poorUser: async () => {
      const user = `${name}_poor`;
      await admin.run(`DROP USER IF EXISTS [${user}]`, ...login(user, POOR_PASSWORD));
      await admin.run(`CREATE USER [${user}] FOR LOGIN [${user}]`);
      return { user, password: POOR_PASSWORD };
    },
    connections: async () => (await master.rows(ours)).length,
    endConnections: async () => {
      for (const [id] of await master.rows(ours)) await master.run(`KILL ${id ?? ''}`).catch(ignoreGone);
    },
    ...(extractType === 'changeTracking'
      ? {
          rowsAt: (table: string, columns: readonly string[], position: SourcePosition) =>
            admin.rows(rowsAtSql(table, columns, trackedPlaceOf(position).version)),
        }
      : {}),
    // Nothing is ever made at the source.
    remains: () => Promise.resolve([]),
    [Symbol.asyncDispose]: async () => {
      await admin[Symbol.asyncDispose]();
      await master.run(...dropping(name), ...[name, `${name}_poor`].map(droppingLogin));
      await master[Symbol.asyncDispose]();
    },
  };
}

function dropping(name: string): string[] {
  return [
    `IF DB_ID(N'${name}') IS NOT NULL BEGIN ALTER DATABASE [${name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [${name}] END`,
  ];
}

function making(name: string, extractType: RealExtractType): string[] {
  const tracking = `ALTER DATABASE [${name}] SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 7 DAYS, AUTO_CLEANUP = ON)`;
  return [
    `CREATE DATABASE [${name}] COLLATE ${COLLATION}`,
    `ALTER DATABASE [${name}] SET ALLOW_SNAPSHOT_ISOLATION ON`,
    ...(extractType === 'changeTracking' ? [tracking] : []),
  ];
}

function droppingLogin(name: string): string {
  return `IF SUSER_ID(N'${name}') IS NOT NULL DROP LOGIN [${name}]`;
}

function login(name: string, password: string): string[] {
  return [droppingLogin(name), `CREATE LOGIN [${name}] WITH PASSWORD = N'${password}', CHECK_POLICY = OFF`];
}

/** What docs ask for. */
function granting(name: string, extractType: RealExtractType): string[] {
  return [
    `CREATE USER [${name}] FOR LOGIN [${name}]`,
    `GRANT SELECT, VIEW CHANGE TRACKING ON SCHEMA::dbo TO [${name}]`,
    `GRANT VIEW DATABASE STATE TO [${name}]`,
    ...(extractType === 'cdc' ? ['EXEC sys.sp_cdc_enable_db', `GRANT SELECT ON SCHEMA::cdc TO [${name}]`] : []),
  ];
}

const NO_SUCH_SESSION = 6106;

function ignoreGone(error: unknown): void {
  const cause = error instanceof Error ? error.cause : null;
  if (!(cause instanceof Error && 'number' in cause && cause.number === NO_SUCH_SESSION)) throw error;
}

function connector(
  { host, port, tls, options: driver }: Target,
  name: string,
  extractType: RealExtractType,
  options: ConnectOptions,
): SourceConnector {
  const settings = sqlserverSource.settings.parse({
    extractType,
    host,
    ...(port === null ? {} : { port }),
    user: name,
    database: name,
    tls: tls === null ? { mode: 'off' } : { mode: 'verify', ...(tls.ca === null ? {} : { ca: tls.ca }) },
    options: driver,
    pollSeconds: 0.05,
    ...options.settings,
  });
  return sqlserverSource.connect(settings, {
    pipeline: name.replaceAll('_', '-'),
    password: () => Promise.resolve(options.password ?? PASSWORD),
    misfits: () => options.misfits ?? 'stop',
    secret: () => Promise.reject(new Error('another secret was asked for')),
    extractThreads: 2,
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    scratch: new MemoryScratch(),
    logfileProcessed: () => undefined,
    log: SILENT,
  });
}

import { oracleSource } from '../../../../core/sources/oracle/definition.ts';
import { ORACLE_VARIANTS, type OracleVariant } from '../../../../core/sources/oracle/server/variants.ts';
import { oracleSettings, type OracleSettings } from '../../../../core/sources/oracle/settings.ts';
import type { SourceConnector } from '../../../../core/sources/source-connector.ts';
import { SystemClock } from '../../../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../../../hosts/node/system-randomness.ts';
import { openProxy } from '../../../fixtures/breakable-proxy.ts';
import { MemoryScratch } from '../../../fixtures/memory-scratch.ts';
import type { Target } from '../../../oracle/target.ts';
import type { BreakableServer, ConnectOptions, DatabaseUnderTest, ServerUnderTest } from '../source-under-test.ts';
import { RealSession, tlsOf } from './real-session.ts';
import { inOracleWords } from './words.ts';

type RealExtractType = 'continuousLogMiner' | 'timestamps';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PASSWORD = 'Penstock-Reader-1';
const POOR_PASSWORD = 'Penstock-Poor-1';
const FIRST_OF_ITS_OWN_TYPE = 19;

/** How all users begin that the tests make: nothing else is ever dropped. */
export const OURS = 'PENSTOCK_TEST_';

/** What a pipeline's user needs where the tables are, and where the logs are, as docs/oracle.md says. */
const TABLE_VIEWS = ['V_$DATABASE', 'DBA_OBJECTS', 'DBA_EXTENTS', 'DBA_2PC_PENDING'];
const LOG_VIEWS = [
  ...['V_$DATABASE', 'V_$LOG', 'V_$LOGFILE', 'V_$ARCHIVED_LOG', 'V_$ARCHIVE_DEST_STATUS', 'V_$THREAD'],
  ...['GV_$TRANSACTION', 'V_$LOGMNR_CONTENTS', 'V_$LOGMNR_LOGS'],
];
/** Of a container database besides. */
const CONTAINER_VIEWS = { root: 'V_$CONTAINERS', pluggable: 'V_$PDB_INCARNATION' };

/**
 * Schemas on an Oracle: each database of the suite is one, with a user that reads it. The kind of source is told by the server's release and by whether
 * the target names a root. Never run on one by those who wrote it: none was at hand.
 */
export function realOracle(target: Target, extractType: RealExtractType): ServerUnderTest {
  return {
    database: (name) => openDatabase(target, name, extractType),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The same behind a way that can be cut, which stands for a server that is stopped. */
export async function breakableOracle(target: Target, extractType: RealExtractType): Promise<BreakableServer> {
  const proxy = await openProxy(target);
  const { host, port } = proxy;
  return {
    ...realOracle({ ...target, host, port }, extractType),
    folder: '',
    stop: () => proxy.cut(),
    start: () => proxy.mend(),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

/** The users of a database of the suite. A common one reads where the logs are those of a root. */
export function usersOf(
  name: string,
  extractType: RealExtractType,
  isPluggable: boolean,
): Record<'schema' | 'reader' | 'poor', string> {
  // Names had 30 characters once.
  const short = `${extractType === 'timestamps' ? 'P' : 'L'}_${name.replace(/^(contract|polls)_/, '')}`.slice(0, 11);
  const own = `${OURS}${short.toUpperCase()}`.replaceAll(/\W/g, '_');
  return { schema: own, reader: `${isPluggable ? 'C##' : ''}${own}_R`, poor: `${own}_0` };
}

async function openDatabase(target: Target, name: string, extractType: RealExtractType): Promise<DatabaseUnderTest> {
  const isPluggable = target.root !== null;
  const users = usersOf(name, extractType, isPluggable);
  const { schema, reader, poor } = users;
  const maker = new RealSession({ target, tables: null });
  const root = target.root === null ? null : new RealSession({ target, service: target.root, tables: null });
  const logs = root ?? new RealSession({ target, tables: null });
  const sessions = () =>
    logs.rows(`SELECT SID || ',' || SERIAL# || ',@' || INST_ID FROM GV$SESSION WHERE USERNAME = '${reader}'`);
  const end = async () => {
    for (const [id] of await sessions()) {
      await logs.run(`ALTER SYSTEM KILL SESSION '${id ?? ''}' IMMEDIATE`).catch(ignoring(NO_SUCH_SESSION, MARKED));
    }
  };
  const drop = async () => {
    await end();
    for (const user of [schema, poor]) await maker.run(`DROP USER "${user}" CASCADE`).catch(ignoring(NO_SUCH_USER));
    await (root ?? maker).run(`DROP USER "${reader}" CASCADE`).catch(ignoring(NO_SUCH_USER));
  };
  await drop();
  await (root ?? maker).run(...makingReader(reader, isPluggable));
  await maker.run(...makingSchema(schema), ...grantingTables(reader, isPluggable));
  if (extractType !== 'timestamps') await logs.run(...grantingLogs(reader, isPluggable));
  const [release] = await logs.rows('SELECT VERSION FROM V$INSTANCE');
  const tables = { schema, reader };
  const admin = new RealSession({ target, tables });
  const type = typeOf(Number.parseInt(release?.[0] ?? '', 10), extractType, isPluggable);
  return {
    admin,
    table: (table) => ({ schema, name: table }),
    condition: inOracleWords,
    session: () => Promise.resolve(new RealSession({ target, tables })),
    connect: (options = {}) => connector(sourceSettings(target, { type, extractType, reader }, options), options),
    poorUser: async () => {
      await admin.run(`DROP USER "${poor}" CASCADE`).catch(ignoring(NO_SUCH_USER));
      await admin.run(`CREATE USER "${poor}" IDENTIFIED BY "${POOR_PASSWORD}"`, `GRANT CREATE SESSION TO "${poor}"`);
      return { user: poor, password: POOR_PASSWORD };
    },
    connections: async () => (await sessions()).length,
    endConnections: end,
    // Nothing is ever made at the source.
    remains: () => Promise.resolve([]),
    [Symbol.asyncDispose]: async () => {
      await admin[Symbol.asyncDispose]();
      await drop();
      for (const session of [maker, logs]) await session[Symbol.asyncDispose]();
    },
  };
}

/** The kind of source that goes with a server. */
export function typeOf(major: number, extractType: RealExtractType, isPluggable: boolean): OracleVariant['type'] {
  if (extractType === 'timestamps') return 'oracle';
  if (major >= FIRST_OF_ITS_OWN_TYPE) return isPluggable ? 'oracle19cPluggable' : 'oracle19c';
  return isPluggable ? 'oraclePluggable' : 'oracle';
}

function makingReader(reader: string, isCommon: boolean): string[] {
  const everywhere = isCommon ? ' CONTAINER = ALL' : '';
  return [
    `CREATE USER "${reader}" IDENTIFIED BY "${PASSWORD}"${everywhere}`,
    `GRANT CREATE SESSION${isCommon ? ', SET CONTAINER' : ''} TO "${reader}"${everywhere}`,
  ];
}

function makingSchema(schema: string): string[] {
  return [`CREATE USER "${schema}" IDENTIFIED BY "${PASSWORD}"`, `GRANT UNLIMITED TABLESPACE TO "${schema}"`];
}

/** What docs ask for, where the tables are. */
export function grantingTables(reader: string, isPluggable: boolean): string[] {
  const views = [...TABLE_VIEWS, ...(isPluggable ? [CONTAINER_VIEWS.pluggable] : [])];
  return views.map((view) => `GRANT SELECT ON SYS.${view} TO "${reader}"`);
}

/** What docs ask for, where the logs are. */
export function grantingLogs(reader: string, isPluggable: boolean): string[] {
  const views = [...LOG_VIEWS, ...(isPluggable ? [CONTAINER_VIEWS.root] : [])];
  return [
    `GRANT LOGMINING, SELECT ANY TRANSACTION TO "${reader}"`,
    `GRANT EXECUTE ON SYS.DBMS_LOGMNR TO "${reader}"`,
    ...views.map((view) => `GRANT SELECT ON SYS.${view} TO "${reader}"`),
    ...(isPluggable ? [`ALTER USER "${reader}" SET CONTAINER_DATA = ALL CONTAINER = CURRENT`] : []),
  ];
}

const NO_SUCH_USER = 1918;
const NO_SUCH_SESSION = 30;
const MARKED = 31;

function ignoring(...numbers: readonly number[]): (error: unknown) => void {
  return (error) => {
    const cause = error instanceof Error ? error.cause : null;
    const number = cause instanceof Error && 'errorNum' in cause ? cause.errorNum : null;
    if (typeof number !== 'number' || !numbers.includes(number)) throw error;
  };
}

interface Tested {
  readonly type: OracleVariant['type'];
  readonly extractType: RealExtractType;
  readonly reader: string;
}

export function sourceSettings(
  { host, port, database, root, tls }: Target,
  { type, extractType, reader }: Tested,
  options: ConnectOptions,
): OracleSettings {
  const variant = ORACLE_VARIANTS.find((one) => one.type === type);
  if (variant === undefined) throw new Error(`there is no source type ${type}`);
  const { mode, ca } = tlsOf(tls);
  return oracleSettings(variant).parse({
    ...{ extractType, host, port, database, user: reader, tls: { mode, ...(ca === null ? {} : { ca }) } },
    ...(options.settings?.['extractType'] === 'fullExtracts' ? {} : { pollSeconds: 0.05 }),
    ...(variant.isPluggable ? { rootDatabase: { database: root, user: reader, password: { env: 'UNUSED' } } } : {}),
    ...options.settings,
  });
}

function connector(settings: OracleSettings, options: ConnectOptions): SourceConnector {
  return oracleSource.connect(settings, {
    pipeline: settings.user.toLowerCase().replaceAll(/\W|_/g, '-'),
    password: () => Promise.resolve(options.password ?? PASSWORD),
    misfits: () => options.misfits ?? 'stop',
    secret: () => Promise.resolve(PASSWORD),
    extractThreads: 2,
    clock: new SystemClock(),
    randomness: new SystemRandomness(),
    scratch: new MemoryScratch(),
    logfileProcessed: () => undefined,
    log: SILENT,
  });
}

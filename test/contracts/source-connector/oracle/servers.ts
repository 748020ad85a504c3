import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Access } from '../../../../core/sources/oracle/server/guarded.ts';
import type { ExtractType, OracleVariant } from '../../../../core/sources/oracle/server/variants.ts';
import { ORACLE_VARIANTS } from '../../../../core/sources/oracle/server/variants.ts';
import { oracleSettings } from '../../../../core/sources/oracle/settings.ts';
import type { SourceConnector } from '../../../../core/sources/source-connector.ts';
import type { ConnectorContext } from '../../../../core/sources/source-definition.ts';
import { SystemClock } from '../../../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../../../hosts/node/system-randomness.ts';
import type { ServerAddress } from '../../../fixtures/mariadb-server.ts';
import { MemoryScratch } from '../../../fixtures/memory-scratch.ts';
import type { FakeAdmin } from '../../../fixtures/oracle-fake/admin-session.ts';
import { FakeOracle, ROOT } from '../../../fixtures/oracle-fake/fake-oracle.ts';
import { startPostgres, type PostgresServer } from '../../../fixtures/postgres-server.ts';
import type {
  BreakableServer,
  ConnectOptions,
  DatabaseUnderTest,
  ServerUnderTest,
  SessionUnderTest,
} from '../source-under-test.ts';
import { inOracleWords } from './words.ts';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const POOR_PASSWORD = 'penstock-poor';
const OWNER = 'APP';
/** Whoever reads archived logs alone sees what is committed when its log has ended, which this makes sure of, as ARCHIVE_LAG_TARGET does. */
const ARCHIVE_LAG_MILLISECONDS = 100;

/** A kind of source of Oracle with an extract type, as the suite runs it. */
export interface OracleUnderTest {
  readonly type: OracleVariant['type'];
  readonly extractType: ExtractType;
  /** Default: 19.21. */
  readonly release?: string;
}

/** Makes a connector of what reaches a database. */
export type Connect = (access: Access, context: ConnectorContext) => SourceConnector;

/** Databases that behave as those of Oracle (test/fixtures/oracle-fake), on the PostgreSQL that all test files share. */
export function fakeOracle(address: ServerAddress, tested: OracleUnderTest, connect: Connect): ServerUnderTest {
  return {
    database: async (name) => (await openFake(address, name, tested, connect)).database,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The same on a server that can be stopped and started again with its data. */
export async function ownFakeOracle(tested: OracleUnderTest, connect: Connect): Promise<BreakableServer> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'penstock-oracle-'));
  const options = { dataDirectory, settings: { shared_buffers: '16MB' } };
  let server: PostgresServer = await startPostgres(options);
  const { address } = server;
  return {
    ...fakeOracle(address, tested, connect),
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

function variantOf(type: OracleVariant['type']): OracleVariant {
  const variant = ORACLE_VARIANTS.find((known) => known.type === type);
  if (variant === undefined) throw new Error(`there is no source type ${type}`);
  return variant;
}

/** A database for the suite, with what the suite does not know of it. */
export interface OpenedFake {
  readonly oracle: FakeOracle;
  /** Ends with all that belongs to it. */
  readonly database: DatabaseUnderTest;
}

export async function openFake(
  address: ServerAddress,
  name: string,
  tested: OracleUnderTest,
  connect: Connect,
): Promise<OpenedFake> {
  const { type, extractType, release } = tested;
  const { isPluggable } = variantOf(type);
  // Other sources and the other kinds of Oracle have databases on the same server.
  const own = `${type}_${extractType}_${name}`.toLowerCase();
  const opened = new AsyncDisposableStack();
  const oracle = opened.use(
    await FakeOracle.open(address, own, {
      ...(isPluggable ? { pluggable: ['SHOP', 'OTHER'] } : {}),
      ...(type.includes('Rac') ? { threads: 2 } : {}),
      ...(release === undefined ? {} : { release }),
    }),
  );
  if (extractType !== 'continuousLogMiner') oracle.archiveLagTarget = ARCHIVE_LAG_MILLISECONDS;
  const mining =
    extractType === 'remoteLogMiner' ? opened.use(await FakeOracle.open(address, `${own}_mining`)) : oracle;
  if (mining !== oracle) mining.mount(oracle, (file) => file.replace('/arch/', '/mnt/source/'));
  // The instances take turns.
  let sessions = 0;
  const session = () => new WordsOfOracle(oracle.admin({ thread: 1 + (sessions++ % oracle.log.threads.length) }));
  const admin = session();
  const { database } = oracle.container();
  const ours = `datname = '${database}' AND application_name = 'penstock'`;
  const postgres = (sql: string) => admin.fake.postgres(sql);
  const underTest: DatabaseUnderTest = {
    admin,
    table: (table) => ({ schema: OWNER, name: table }),
    condition: inOracleWords,
    session: () => Promise.resolve(session()),
    connect: (options = {}) => connector({ oracle, mining }, tested, options, connect),
    poorUser: async () => {
      const user = `${own}_poor`;
      await admin.run(
        `DROP USER IF EXISTS "${user.toUpperCase()}"`,
        `CREATE USER "${user.toUpperCase()}" IDENTIFIED BY "${POOR_PASSWORD}"`,
      );
      return { user, password: POOR_PASSWORD };
    },
    connections: async () =>
      Number((await postgres(`SELECT count(*) FROM pg_stat_activity WHERE ${ours}`))[0]?.[0] ?? 0),
    endConnections: async () => {
      await postgres(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE ${ours}`);
    },
    // Nothing is ever made at the source.
    remains: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
  return { oracle, database: underTest };
}

/** A session that understands the suite's SQL. */
class WordsOfOracle implements SessionUnderTest {
  readonly fake: FakeAdmin;

  constructor(fake: FakeAdmin) {
    this.fake = fake;
  }

  run(...statements: readonly string[]): Promise<void> {
    return this.fake.run(...statements.map(inOracleWords));
  }

  rows(sql: string): Promise<(string | null)[][]> {
    return this.fake.rows(inOracleWords(sql));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.fake[Symbol.asyncDispose]();
  }
}

interface Databases {
  readonly oracle: FakeOracle;
  /** The same, but for extract type remoteLogMiner. */
  readonly mining: FakeOracle;
}

function connector(
  { oracle, mining }: Databases,
  { type, extractType }: OracleUnderTest,
  options: ConnectOptions,
  connect: Connect,
): SourceConnector {
  const variant = variantOf(type);
  const beside = { database: 'elsewhere', password: { env: 'UNUSED' } };
  const settings = oracleSettings(variant).parse({
    ...{ extractType, host: '127.0.0.1', user: oracle.reader.user, database: 'shop', tls: { mode: 'off' } },
    ...(options.settings?.['extractType'] === 'fullExtracts' ? {} : { pollSeconds: 0.05 }),
    ...(variant.isPluggable ? { rootDatabase: { ...beside, user: oracle.reader.user } } : {}),
    ...(mining === oracle
      ? {}
      : {
          miningDatabase: { ...beside, user: mining.reader.user, logPaths: [{ from: '/arch/', to: '/mnt/source/' }] },
        }),
    ...options.settings,
  });
  const login = {
    user: settings.user,
    password: options.password ?? oracle.reader.password,
    ...(options.settings?.['port'] === undefined ? {} : { port: settings.port }),
    isEncrypted: settings.tls.mode !== 'off',
  };
  const open = oracle.opener(login);
  const openRoot = variant.isPluggable ? oracle.opener({ ...login, container: ROOT }) : open;
  const openMining = mining === oracle ? openRoot : mining.opener();
  return connect(
    { settings, open, openRoot, openMining },
    {
      pipeline: oracle.reader.user.toLowerCase().replaceAll('_', '-'),
      password: () => Promise.resolve(login.password),
      misfits: () => options.misfits ?? 'stop',
      secret: () => Promise.resolve(oracle.reader.password),
      extractThreads: 2,
      clock: new SystemClock(),
      randomness: new SystemRandomness(),
      scratch: new MemoryScratch(),
      log: SILENT,
    },
  );
}

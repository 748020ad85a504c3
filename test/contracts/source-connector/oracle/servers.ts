import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Access } from '../../../../core/sources/oracle/server/guarded.ts';
import { oracleSettings } from '../../../../core/sources/oracle/settings.ts';
import type { SourceConnector } from '../../../../core/sources/source-connector.ts';
import type { ConnectorContext } from '../../../../core/sources/source-definition.ts';
import { FileScratch } from '../../../../hosts/node/file-scratch.ts';
import { SystemClock } from '../../../../hosts/node/system-clock.ts';
import { SystemRandomness } from '../../../../hosts/node/system-randomness.ts';
import type { ServerAddress } from '../../../fixtures/server-process.ts';
import type { FakeAdmin } from '../../../fixtures/oracle-fake/admin-session.ts';
import { ROOT, type FakeOracle } from '../../../fixtures/oracle-fake/fake-oracle.ts';
import {
  NEIGHBOUR,
  openVariant,
  PLUGGABLE,
  type FakeDatabases,
  type OracleUnderTest,
} from '../../../fixtures/oracle-variants.ts';
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
export type { OracleUnderTest };

/** The user of a database's pipeline. */
export function readerOf(tested: OracleUnderTest, name: string): string {
  return ownName(tested, name).toUpperCase();
}

/** Other sources and the other kinds of Oracle have databases on the same server. */
function ownName({ type, extractType, release, hasContainers }: OracleUnderTest, name: string): string {
  const mode = extractType.replace('LogMiner', '');
  const major = release === undefined ? '' : `_${Number.parseInt(release, 10)}`;
  const containers = hasContainers === undefined ? '' : hasContainers ? '_in' : '_out';
  return `${type}_${mode}${major}${containers}_${name}`.toLowerCase();
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
  const own = ownName(tested, name);
  const opened = new AsyncDisposableStack();
  const fakes = opened.use(await openVariant(address, own, tested));
  const { oracle } = fakes;
  const scratch = mkdtempSync(join(tmpdir(), 'penstock-oracle-scratch-'));
  opened.defer(() => rm(scratch, { recursive: true, force: true }));
  // The instances take turns.
  let sessions = 0;
  const session = () => {
    const thread = 1 + (sessions++ % oracle.log.threads.length);
    const neighbour = oracle.isContainerDatabase ? oracle.admin({ container: NEIGHBOUR, thread }) : null;
    return new WordsOfOracle(oracle.admin({ thread }), neighbour);
  };
  const admin = session();
  const { database } = oracle.container();
  const ours = `datname = '${database}' AND application_name = 'penstock'`;
  const postgres = (sql: string) => admin.fake.postgres(sql);
  const underTest: DatabaseUnderTest = {
    admin,
    table: (table) => ({ schema: OWNER, name: table }),
    condition: inOracleWords,
    session: () => Promise.resolve(session()),
    connect: (options = {}) => connector({ ...fakes, scratch }, tested, options, connect),
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

/**
 * A session that understands the suite's SQL. Beside a pluggable database it writes into a second one too: tables and transactions have the
 * same numbers there, and every second transaction ends in the other way.
 */
class WordsOfOracle implements SessionUnderTest {
  readonly fake: FakeAdmin;
  readonly #neighbour: FakeAdmin | null;
  #commits = 0;

  constructor(fake: FakeAdmin, neighbour: FakeAdmin | null) {
    this.fake = fake;
    this.#neighbour = neighbour;
  }

  async run(...statements: readonly string[]): Promise<void> {
    const words = statements.map(inOracleWords);
    for (const statement of words) {
      await this.#beside(statement);
      await this.fake.run(statement);
    }
    // An administrator who went to the root comes back.
    if (words.some((statement) => ELSEWHERE.test(statement)))
      await this.fake.run(`ALTER SESSION SET CONTAINER = ${PLUGGABLE}`);
  }

  rows(sql: string): Promise<(string | null)[][]> {
    return this.fake.rows(inOracleWords(sql));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fake[Symbol.asyncDispose]();
    await this.#neighbour?.[Symbol.asyncDispose]();
  }

  async #beside(statement: string): Promise<void> {
    if (this.#neighbour === null || !OF_ROWS.test(statement) || IN_BULK.test(statement)) return;
    const isOther = /^COMMIT$/.test(statement) && this.#commits++ % 2 === 0;
    // What is refused there, because the rows are not the same, is nobody's concern.
    await this.#neighbour.run(isOther ? 'ROLLBACK' : statement).catch(() => undefined);
  }
}

const ELSEWHERE = /^ALTER SESSION SET CONTAINER\b/;
/** A large transaction is large enough once: the fake keeps its redo in memory. */
const IN_BULK = /^INSERT INTO "large"/;
const OF_ROWS = /^(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|INSERT|UPDATE|DELETE FROM|TRUNCATE|(?:CREATE|ALTER|DROP) TABLE)\b/;

interface Databases extends Pick<FakeDatabases, 'oracle' | 'mining' | 'variant'> {
  /** A folder: large transactions are not kept in the memory that the suite measures. */
  readonly scratch: string;
}

function connector(
  { oracle, mining, variant, scratch }: Databases,
  { extractType }: OracleUnderTest,
  options: ConnectOptions,
  connect: Connect,
): SourceConnector {
  const beside = { database: 'elsewhere', password: { env: 'UNUSED' } };
  const settings = oracleSettings(variant).parse({
    ...{ extractType, host: '127.0.0.1', user: oracle.reader.user, database: 'shop', tls: { mode: 'off' } },
    ...(options.settings?.['extractType'] === 'fullExtracts' ? {} : { pollSeconds: 0.05 }),
    ...(variant.isPluggable
      ? { rootDatabase: { ...beside, user: options.settings?.['user'] ?? oracle.reader.user } }
      : {}),
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
  const rootLogin = { ...login, ...portOf('rootDatabase', options), container: ROOT };
  const openRoot = variant.isPluggable && oracle.isContainerDatabase ? oracle.opener(rootLogin) : open;
  const openMining = mining === oracle ? openRoot : mining.opener(portOf('miningDatabase', options));
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
      scratch: new FileScratch(scratch),
      logfileProcessed: () => undefined,
      log: SILENT,
    },
  );
}

/** Where a case says that another database is at another port. */
function portOf(beside: string, { settings }: ConnectOptions): { readonly port?: number } {
  const chosen = settings?.[beside];
  const isChosen = typeof chosen === 'object' && chosen !== null && 'port' in chosen;
  return isChosen && typeof chosen.port === 'number' ? { port: chosen.port } : {};
}

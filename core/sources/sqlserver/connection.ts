import { readFile } from 'node:fs/promises';
import type { ConnectionConfiguration } from 'tedious';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { withPassword } from '../../host/login.ts';
import { connectionError } from './errors.ts';
import type { Row, Session, SessionOpener } from './server/session.ts';
import type { SqlserverSettings } from './settings.ts';
import type { SqlText } from './statements/sql-text.ts';
import { statementSql } from './statements/statement-sql.ts';
import type { Statement } from './statements/statement.ts';
import { DriverConnection } from './wire/driver-connection.ts';

/** What every part needs to connect: the settings and a password that is asked for anew each time. */
export interface Access {
  readonly settings: SqlserverSettings;
  readonly password: () => Promise<string>;
}

const CONNECT_SECONDS = 15;
/** The largest packets that an encrypted connection may have are a little below 16 KB. */
const PACKET_BYTES = 16_000;
/** SQL Server 2016. */
const OLDEST_VERSION = 13;
/** SERVERPROPERTY('EngineEdition') of Azure SQL Database and Managed Instance, whose version always is 12. */
const CLOUD_EDITIONS = new Set(['5', '8']);

/** What the driver sets by itself is in {@link configuration}; the version is that of the product. */
const BEGIN: SqlText = {
  text: `SET NOCOUNT ON; SET LOCK_TIMEOUT -1; SET DEADLOCK_PRIORITY LOW;
SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), CONVERT(nvarchar(10), SERVERPROPERTY('EngineEdition'));`,
  parameters: [],
};

/** Opens the sessions of a pipeline. */
export function sessionOpener(access: Access): SessionOpener {
  return (signal) => openSession(access, signal);
}

/** Opens a connection. @throws PenstockError PS2002, PS2003, PS2004, PS2005 */
export async function openSession(access: Access, signal: AbortSignal): Promise<Session> {
  return withPassword(
    () => access.password(),
    (password) => login(access.settings, password, signal),
    (error) => hasCode(error, 'PS2003'),
  );
}

/** Where the server is, for messages. */
export function describeServer({ host, port, database, user, options: { instanceName } }: SqlserverSettings): string {
  const server = port === null ? `${host}\\${instanceName ?? ''}` : `${host}:${port}`;
  return `SQL Server at ${server}, database ${database}, user ${user}`;
}

async function login(settings: SqlserverSettings, password: string, signal: AbortSignal): Promise<Session> {
  signal.throwIfAborted();
  const connection = new DriverConnection(await configuration(settings, password));
  const abort = () => connection.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await connection.connect();
    await begin(connection);
    return new SqlserverSession(connection);
  } catch (error) {
    connection.destroy();
    signal.throwIfAborted();
    throw connectionError(error, `connect to ${describeServer(settings)}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function begin(connection: DriverConnection): Promise<void> {
  const rows: Row[] = [];
  for await (const some of connection.read(BEGIN)) rows.push(...some);
  const [version, edition] = rows[0] ?? [];
  if (Number.parseInt(version ?? '', 10) >= OLDEST_VERSION || CLOUD_EDITIONS.has(edition ?? '')) return;
  throw new PenstockError('PS2005', `the server's version ${version ?? '?'} is older than SQL Server 2016`, {
    remedy: 'Upgrade to SQL Server 2016 or newer.',
  });
}

class SqlserverSession implements Session {
  readonly #connection: DriverConnection;

  constructor(connection: DriverConnection) {
    this.#connection = connection;
  }

  get isBroken(): boolean {
    return this.#connection.isBroken;
  }

  read(statement: Statement): AsyncIterable<readonly Row[]> {
    return this.#connection.read(statementSql(statement));
  }

  async run(statement: Statement): Promise<void> {
    const rows = this.#connection.read(statementSql(statement));
    while ((await rows.next()).done !== true);
  }

  destroy(): void {
    this.#connection.destroy();
  }

  /** There is no goodbye in TDS: the server notices a closed connection, and rolls back what is open. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.destroy();
    return Promise.resolve();
  }
}

/** The driver's own start sets these: ANSI settings on, READ COMMITTED, and what is asked for here. */
async function configuration(settings: SqlserverSettings, password: string): Promise<ConnectionConfiguration> {
  const { host, user, database, tls, options } = settings;
  return {
    server: host,
    authentication: { type: 'default', options: { userName: user, password } },
    options: {
      ...(settings.port === null ? { instanceName: options.instanceName ?? '' } : { port: settings.port }),
      database,
      encrypt: tls.mode !== 'off',
      trustServerCertificate: options.trustServerCertificate ?? false,
      ...(tls.mode === 'off' ? {} : { cryptoCredentialsDetails: await authorities(tls.ca) }),
      readOnlyIntent: options.applicationIntent === 'ReadOnly',
      multiSubnetFailover: options.multiSubnetFailover ?? false,
      connectTimeout: (options.connectTimeout ?? CONNECT_SECONDS) * 1000,
      requestTimeout: (options.requestTimeout ?? 0) * 1000,
      packetSize: options.packetSize ?? PACKET_BYTES,
      appName: options.appName ?? 'penstock',
      ...(options.workstationId === undefined ? {} : { workstationId: options.workstationId }),
      // Tried again by the one who asked, with a pause and a message.
      maxRetriesOnTransientErrors: 0,
      dateFormat: 'ymd',
      useColumnNames: false,
    },
  };
}

async function authorities(path: string | null): Promise<{ ca?: string }> {
  if (path === null) return {};
  try {
    return { ca: await readFile(path, 'utf8') };
  } catch (cause) {
    throw new PenstockError('PS1001', `source.tls.ca: ${path} cannot be read`, { cause });
  }
}

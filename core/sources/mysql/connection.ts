import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { withPassword } from '../../host/login.ts';
import { destroyedOnAbort } from '../abort.ts';
import { sourceError } from './errors.ts';
import type { MysqlSettings } from './settings.ts';

/** What every part needs to connect: the settings and a password that is asked for anew each time. */
export interface Access {
  readonly settings: MysqlSettings;
  readonly password: () => Promise<string>;
}

/** A connection and what the server said about itself at its start. */
export interface Session extends AsyncDisposable {
  readonly connection: Connection;
  /** 80036 for 8.0.36, 101119 for 10.11.19. */
  readonly version: number;
  readonly isMariaDb: boolean;
  /** Runs a statement; every value is the server's own text, or null. */
  rows(text: string): Promise<(string | null)[][]>;
  /** The same, with the columns by their names in lower case: some statements have other columns in other versions. */
  records(text: string): Promise<ReadonlyMap<string, string | null>[]>;
  /** Runs a statement that returns no rows. */
  run(text: string): Promise<void>;
  /** Ends the connection at once, whatever runs on it. */
  destroy(): void;
  /** Set once the connection was lost or destroyed. */
  readonly isBroken: boolean;
}

/** The same on every connection, so that a value's text is what the log decoder makes of it; `max_…` for one server each. */
const SESSION_SETTINGS: readonly string[] = [
  `sql_mode = ''`,
  `time_zone = '+00:00'`,
  'sql_select_limit = DEFAULT',
  'group_concat_max_len = 1048576',
  'sql_auto_is_null = 0',
];
const CONNECT_SECONDS = 15;
const KEEPALIVE_SECONDS = 30;
const WRITE_TIMEOUT_SECONDS = 3600;
/** Options that are no session variables. */
const DRIVER_OPTIONS = new Set(['connect_timeout', 'keepalives_idle']);
const OLDEST_MYSQL = 50_600;
const OLDEST_MARIADB = 100_200;
/** LOCAL INFILE would let a server read this machine's files; query attributes change how a statement is sent. */
const FLAGS = ['-LOCAL_FILES', '-CLIENT_QUERY_ATTRIBUTES'];

/** Opens a connection. @throws PenstockError PS2002, PS2003, PS2005 */
export async function openSession(access: Access, signal: AbortSignal): Promise<Session> {
  return withPassword(
    () => access.password(),
    (password) => login(access.settings, password, signal),
    (error) => hasCode(error, 'PS2003'),
  );
}

async function login(settings: MysqlSettings, password: string, signal: AbortSignal): Promise<Session> {
  signal.throwIfAborted();
  const session = new MysqlSession(createConnection(await connectionOptions(settings, password)));
  const abort = () => session.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await session.begin(settings);
    return session;
  } catch (error) {
    session.destroy();
    signal.throwIfAborted();
    throw connectionError(error, settings);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Before anything runs on it a lost connection means that the server was not there. */
function connectionError(error: unknown, settings: MysqlSettings): Error {
  const failure = sourceError(error, `connect to ${describeServer(settings)}`);
  if (!(failure instanceof PenstockError) || failure.code !== 'PS2010') return failure;
  return new PenstockError('PS2002', failure.message, { cause: error });
}

/** Opens a connection for one piece of work; an abort of the signal ends the connection and with it the work. */
export async function withSession<T>(
  access: Access,
  signal: AbortSignal,
  doing: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  await using session = await openSession(access, signal);
  return await guarded(session, signal, doing, () => work(session));
}

/** Runs work on a session; an abort ends the session at once and the work with the signal's reason. */
export function guarded<T>(
  session: Session,
  signal: AbortSignal,
  doing: string,
  work: () => Promise<T>,
  table: string | null = null,
): Promise<T> {
  return destroyedOnAbort(session, signal, work, (error) => sourceError(error, doing, table));
}

/** Where the server is, for messages. */
export function describeServer(settings: MysqlSettings): string {
  return `MySQL at ${settings.host}:${settings.port}, database ${settings.database}, user ${settings.user}`;
}

class MysqlSession implements Session {
  readonly connection: Connection;
  version = 0;
  isMariaDb = false;
  isBroken = false;

  constructor(connection: Connection) {
    this.connection = connection;
    // Errors of a running statement reject that statement; this listener only keeps an idle one's from ending the process.
    for (const event of ['error', 'end']) {
      connection.on(event, () => {
        this.isBroken = true;
      });
    }
  }

  async begin(settings: MysqlSettings): Promise<void> {
    const [row] = await this.rows('SELECT VERSION()');
    const text = row?.[0] ?? '';
    this.isMariaDb = /mariadb/i.test(text);
    this.version = versionNumber(text);
    if (this.version < (this.isMariaDb ? OLDEST_MARIADB : OLDEST_MYSQL)) {
      throw new PenstockError('PS2005', `the server's version ${text} is too old`, {
        remedy: 'Upgrade to MySQL 5.7 or MariaDB 10.5, or newer.',
      });
    }
    const given = Object.entries({ net_write_timeout: WRITE_TIMEOUT_SECONDS, ...settings.options }).filter(
      ([name]) => !DRIVER_OPTIONS.has(name),
    );
    const noLimit = this.isMariaDb ? 'max_statement_time = 0' : 'max_execution_time = 0';
    const assignments = [
      ...SESSION_SETTINGS,
      ...(this.isMariaDb || this.version >= 50_708 ? [noLimit] : []),
      ...given.map(([name, value]) => `${name} = ${value}`),
    ];
    await this.run('SET NAMES utf8mb4');
    await this.run(`SET SESSION ${assignments.join(', ')}`);
    await this.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  }

  rows(text: string): Promise<(string | null)[][]> {
    return this.#query(text, true) as Promise<(string | null)[][]>;
  }

  async records(text: string): Promise<ReadonlyMap<string, string | null>[]> {
    const records = (await this.#query(text, false)) as Record<string, string | null>[];
    return records.map((record) => new Map(Object.entries(record).map(([name, value]) => [name.toLowerCase(), value])));
  }

  async run(text: string): Promise<void> {
    await this.#query(text, true);
  }

  #query(sql: string, rowsAsArray: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.connection.query({ sql, rowsAsArray }, (error, result) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
  }

  /** Not the driver's own destroy, which only says goodbye: a server at work hears it a second later, and sends all that it has. */
  destroy(): void {
    this.isBroken = true;
    (this.connection as unknown as { readonly stream: Socket }).stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isBroken) {
      this.destroy();
      return;
    }
    this.isBroken = true;
    await new Promise<void>((resolve) => {
      this.connection.once('error', () => resolve());
      this.connection.end(() => resolve());
    });
    this.connection.destroy();
  }
}

/** `10.11.19-MariaDB-0+deb12u1-log` → 101119, `5.5.5-10.11.2-MariaDB` (an old protocol's prefix) → 101102. */
export function versionNumber(text: string): number {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(text.replace(/^5\.5\.5-(?=1\d\.)/, ''));
  if (match === null) return 0;
  return Number(match[1]) * 10_000 + Number(match[2]) * 100 + Number(match[3]);
}

async function connectionOptions(settings: MysqlSettings, password: string): Promise<ConnectionOptions> {
  const { connect_timeout, keepalives_idle } = settings.options;
  return {
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    password,
    ...(settings.tls.mode === 'off'
      ? {}
      : { ssl: { rejectUnauthorized: true, verifyIdentity: true, ...(await authorities(settings.tls.ca)) } }),
    charset: 'utf8mb4',
    connectTimeout: (connect_timeout ?? CONNECT_SECONDS) * 1000,
    enableKeepAlive: true,
    keepAliveInitialDelay: (keepalives_idle ?? KEEPALIVE_SECONDS) * 1000,
    flags: FLAGS,
    connectAttributes: { program_name: 'penstock' },
    multipleStatements: false,
    typeCast: (field) => field.string(),
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

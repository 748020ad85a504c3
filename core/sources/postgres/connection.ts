import { readFile } from 'node:fs/promises';
import { Client, type ClientConfig } from 'pg';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { withPassword } from '../../host/login.ts';
import { destroyedOnAbort } from '../abort.ts';
import { sourceError } from './errors.ts';
import type { PostgresSettings } from './settings.ts';

/** What every part needs to connect: the settings and a password that is asked for anew each time. */
export interface Access {
  readonly settings: PostgresSettings;
  readonly password: () => Promise<string>;
}

/** A connection and what the server said about itself at its start. */
export interface Session extends AsyncDisposable {
  readonly client: Client;
  /** `server_version_num`: 180004 for 18.4. */
  readonly version: number;
  /** Whether the database's encoding is UTF8, so that lengths and hashes in SQL are over UTF-8 bytes. */
  readonly isUtf8: boolean;
  /** The database's encoding by the server's name. */
  readonly encoding: string;
  /** Runs a statement; every value is the server's own text, or null. */
  rows(text: string, values?: readonly unknown[]): Promise<(string | null)[][]>;
  /** Ends the connection at once, whatever runs on it. */
  destroy(): void;
  /** Set once the connection was lost or destroyed. */
  readonly isBroken: boolean;
}

export type SessionKind = 'query' | 'replication';

/**
 * The same on every connection, the log's included, so that the text of a value is the same on both paths.
 * Only settings that PostgreSQL 10 knows: an unknown one would refuse the connection.
 */
const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  DateStyle: 'ISO,YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmloption: 'content',
  xmlbinary: 'base64',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
};
const CONNECT_SECONDS = 15;
const KEEPALIVE_SECONDS = 30;
const NO_TEXT_PARSING = { getTypeParser: () => (text: string) => text } as unknown as NonNullable<
  ClientConfig['types']
>;

/** Opens a connection. @throws PenstockError PS2002, PS2003 */
export async function openSession(access: Access, signal: AbortSignal, kind: SessionKind = 'query'): Promise<Session> {
  return withPassword(
    () => access.password(),
    (password) => login(access.settings, password, signal, kind),
    (error) => hasCode(error, 'PS2003'),
  );
}

async function login(
  settings: PostgresSettings,
  password: string,
  signal: AbortSignal,
  kind: SessionKind,
): Promise<Session> {
  signal.throwIfAborted();
  const client = new Client(await clientConfig(settings, password, kind));
  const session = new PostgresSession(client);
  const abort = () => session.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    await session.begin(kind);
    return session;
  } catch (error) {
    session.destroy();
    signal.throwIfAborted();
    throw sourceError(error, `connect to ${describeServer(settings)}`);
  } finally {
    signal.removeEventListener('abort', abort);
  }
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
export function describeServer(settings: PostgresSettings): string {
  return `PostgreSQL at ${settings.host}:${settings.port}, database ${settings.database}, user ${settings.user}`;
}

/** The server's process behind a session. */
export function processIdOf(session: Session): number {
  return (session.client as unknown as { readonly processID: number }).processID;
}

class PostgresSession implements Session {
  readonly client: Client;
  version = 0;
  encoding = 'UTF8';
  isBroken = false;

  constructor(client: Client) {
    this.client = client;
    // Errors of a running statement reject that statement; this listener only keeps an idle one's from ending the process.
    client.on('error', () => {
      this.isBroken = true;
    });
    client.on('end', () => {
      this.isBroken = true;
    });
  }

  get isUtf8(): boolean {
    return this.encoding === 'UTF8' || this.encoding === 'SQL_ASCII';
  }

  async begin(kind: SessionKind): Promise<void> {
    const [row] = await this.rows(`SELECT current_setting('server_version_num'), current_setting('server_encoding')`);
    this.version = Number(row?.[0]);
    this.encoding = row?.[1] ?? '';
    if (this.version < 100_000)
      throw new PenstockError('PS2005', `PostgreSQL ${row?.[0] ?? '?'} is older than 10`, {
        remedy: 'Upgrade the server to PostgreSQL 10 or newer.',
      });
    if (kind === 'replication') return;
    if (this.version >= 140_000) await this.client.query('SET idle_session_timeout = 0');
    if (this.version >= 170_000) await this.client.query('SET transaction_timeout = 0');
  }

  async rows(text: string, values: readonly unknown[] = []): Promise<(string | null)[][]> {
    const query = { text, rowMode: 'array' as const, types: NO_TEXT_PARSING };
    const result =
      values.length === 0
        ? await this.client.query<(string | null)[]>(query)
        : await this.client.query<(string | null)[]>({ ...query, values: [...values] });
    return result.rows;
  }

  destroy(): void {
    this.isBroken = true;
    this.client.connection.stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isBroken) {
      this.destroy();
      return;
    }
    await this.client.end().catch(() => this.destroy());
  }
}

async function clientConfig(
  settings: PostgresSettings,
  password: string,
  kind: SessionKind,
): Promise<ClientConfig & { replication?: string }> {
  const { application_name, connect_timeout, keepalives, keepalives_idle, ...session } = settings.options;
  const given = Object.entries(session).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  const startup = Object.entries({ ...Object.fromEntries(given), ...SESSION_SETTINGS });
  return {
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    password,
    ssl: settings.tls.mode === 'off' ? false : { rejectUnauthorized: true, ...(await authorities(settings.tls.ca)) },
    application_name: application_name ?? 'penstock',
    connectionTimeoutMillis: (connect_timeout ?? CONNECT_SECONDS) * 1000,
    keepAlive: keepalives !== 0,
    keepAliveInitialDelayMillis: (keepalives_idle ?? KEEPALIVE_SECONDS) * 1000,
    options: startup.map(([name, value]) => `-c ${name}=${escapeOption(value)}`).join(' '),
    types: NO_TEXT_PARSING,
    ...(kind === 'replication' ? { replication: 'database' } : {}),
  };
}

/** In startup options a space or backslash is escaped by a backslash. */
function escapeOption(value: string): string {
  return value.replace(/[\\\s]/g, (character) => `\\${character}`);
}

async function authorities(path: string | null): Promise<{ ca?: string }> {
  if (path === null) return {};
  try {
    return { ca: await readFile(path, 'utf8') };
  } catch (cause) {
    throw new PenstockError('PS1001', `source.tls.ca: ${path} cannot be read`, { cause });
  }
}

import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'mysql2';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { withPassword } from '../../host/login.ts';
import type { DestinationSettings, TlsSettings } from '../../pipeline/settings.ts';
import { openSession, type Session } from './connection.ts';
import { dialectOf, SINGLESTORE_PROBE, type Dialect } from './dialect.ts';

const PROBING = { doing: 'asking the destination for its version', table: null, columns: [] };

/** A borrowed connection; given back when it is disposed of, closed if its state is not known. */
export interface Borrowed extends AsyncDisposable {
  readonly session: Session;
  readonly dialect: Dialect;
}

/** At most `limit` connections, kept for the next use. The password is read for every new one, so that a rotated one is found. */
export class SessionPool implements AsyncDisposable {
  readonly #settings: DestinationSettings;
  readonly #password: () => Promise<string>;
  readonly #limit: number;
  readonly #idle: Session[] = [];
  readonly #waiting: (() => void)[] = [];
  #inUse = 0;
  #dialect: Dialect | null = null;
  #isClosed = false;

  constructor(settings: DestinationSettings, password: () => Promise<string>, limit: number) {
    this.#settings = settings;
    this.#password = password;
    this.#limit = limit;
  }

  /** Waits while all connections are in use. @throws PenstockError PS4001, PS4002, PS4003 */
  async borrow(signal: AbortSignal): Promise<Borrowed> {
    await this.#slot(signal);
    try {
      const session = this.#takeIdle() ?? (await this.#open(signal));
      return this.#borrowed(session);
    } catch (error) {
      this.#freeSlot();
      throw error;
    }
  }

  /** Runs `work` with a connection. */
  async use<Result>(signal: AbortSignal, work: (borrowed: Borrowed) => Promise<Result>): Promise<Result> {
    await using borrowed = await this.borrow(signal);
    return await work(borrowed);
  }

  /** Ends idle connections; those in use are closed when they are given back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const idle = this.#idle.splice(0).filter((session) => !session.isBroken);
    await Promise.all(idle.map((session) => session.end()));
  }

  #borrowed(session: Session): Borrowed {
    let isReturned = false;
    if (this.#dialect === null) throw new PenstockError('PS9001', 'the destination was not asked for its version');
    return {
      session,
      dialect: this.#dialect,
      [Symbol.asyncDispose]: () => {
        if (!isReturned) {
          isReturned = true;
          if (this.#isClosed) session.close();
          else if (!session.isBroken) this.#idle.push(session);
          this.#freeSlot();
        }
        return Promise.resolve();
      },
    };
  }

  #takeIdle(): Session | null {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (!session.isBroken) return session;
    }
    return null;
  }

  async #slot(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new PenstockError('PS9001', 'the destination was closed');
    if (this.#inUse < this.#limit) {
      this.#inUse++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const wake = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(wake);
    });
  }

  /** Hands the slot to the next in line, if there is one. */
  #freeSlot(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inUse--;
    else next();
  }

  async #open(signal: AbortSignal): Promise<Session> {
    const session = await this.#login(signal);
    try {
      this.#dialect ??= await askDialect(session, signal);
      for (const sql of this.#dialect.session)
        await session.run(sql, { ...PROBING, doing: 'setting up a connection' }, signal);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  #login(signal: AbortSignal): Promise<Session> {
    return withPassword(
      this.#password,
      (password) => openSession(connectionOptions(this.#settings, password), signal),
      (error) => hasCode(error, 'PS4002'),
    );
  }
}

/** The driver's options. Without FOUND_ROWS an update counts the rows that it changed. */
export function connectionOptions(settings: DestinationSettings, password: string): ConnectionOptions {
  return {
    ...settings.options,
    host: settings.host,
    port: settings.port,
    user: settings.user,
    password,
    database: settings.database,
    charset: 'utf8mb4',
    flags: ['-FOUND_ROWS', '+LOCAL_FILES'],
    typeCast: (field) => field.string(),
    disableEval: true,
    ...tlsOptions(settings.tls),
  };
}

function tlsOptions(tls: TlsSettings): Pick<ConnectionOptions, 'ssl'> {
  if (tls.mode === 'off') return {};
  const ca = tls.ca === null ? {} : { ca: readCertificate(tls.ca) };
  return { ssl: { ...ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' } };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new PenstockError('PS1001', `destination.tls.ca: the file ${path} cannot be read`);
  }
}

async function askDialect(session: Session, signal: AbortSignal): Promise<Dialect> {
  const [row] = await session.rows('SELECT VERSION() AS version', PROBING, signal);
  let memsql: string | null = null;
  try {
    memsql = (await session.rows(SINGLESTORE_PROBE, PROBING, signal))[0]?.['version'] ?? null;
  } catch (error) {
    // 1193, unknown system variable: it is not a SingleStore.
    if (!hasCode(error, 'PS4008')) throw error;
  }
  return dialectOf(row?.['version'] ?? '', memsql);
}

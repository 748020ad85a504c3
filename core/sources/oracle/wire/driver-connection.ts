import oracledb from 'oracledb';
import { PenstockError } from '../../../errors/penstock-error.ts';
import type { Row } from '../../session.ts';
import type { SqlText } from '../statements/sql-text.ts';
import { outputText, type DriverValue } from '../values/output-text.ts';
import type { FetchSize } from './fetch-size.ts';
import { LoginSockets } from './login-sockets.ts';

/** What the driver gives as it is, by its names of the server's types. */
const EXACT: ReadonlySet<string> = new Set([
  ...['DB_TYPE_VARCHAR', 'DB_TYPE_NVARCHAR', 'DB_TYPE_CHAR', 'DB_TYPE_NCHAR', 'DB_TYPE_RAW'],
  ...['DB_TYPE_BINARY_FLOAT', 'DB_TYPE_BINARY_DOUBLE', 'DB_TYPE_LONG', 'DB_TYPE_LONG_NVARCHAR'],
]);
/** What it gives as a text or as bytes where it is asked to. */
const AS_TEXT: ReadonlySet<string> = new Set(['DB_TYPE_CLOB', 'DB_TYPE_NCLOB', 'DB_TYPE_ROWID', 'DB_TYPE_UROWID']);
const AS_BYTES: ReadonlySet<string> = new Set(['DB_TYPE_BLOB', 'DB_TYPE_LONG_RAW']);
/** Of the driver: the connection is gone. */
const GONE: ReadonlySet<string> = new Set(['NJS-003', 'NJS-500', 'NJS-501', 'NJS-521']);

const SECOND = 1000;
/** For an address, where nothing else is said; and for a login behind it. */
const ADDRESS_SECONDS = 60;
const LOGIN_SECONDS = 60;

/** A connection of the driver as rows of texts. One statement at a time. */
export class DriverConnection {
  readonly #connection: oracledb.Connection;
  readonly #sockets: LoginSockets;
  #isBroken = false;
  /** Set while a statement runs or its rows are read: then there is no goodbye. */
  #isBusy = false;

  private constructor(connection: oracledb.Connection, sockets: LoginSockets) {
    this.#connection = connection;
    this.#sockets = sockets;
  }

  /**
   * Logs in. An abort ends the sockets at once; the driver notices in its own time. The driver bounds a part of the login alone, and only where it is
   * told to: a server that says nothing is given up here. @throws the driver's error, or the abort's reason
   */
  static async connect(
    attributes: oracledb.ConnectionAttributes,
    signal: AbortSignal,
    milliseconds = loginMilliseconds(attributes),
  ): Promise<DriverConnection> {
    signal.throwIfAborted();
    const sockets = new LoginSockets();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const late = AbortSignal.timeout(milliseconds);
    const giveUp = () => {
      reject(new LateServer(`the server let nobody in for ${milliseconds / SECOND} seconds`));
    };
    late.addEventListener('abort', giveUp, { once: true });
    const abort = () => {
      sockets.destroy();
      reject(new Error('the login was aborted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      const login = sockets.run(() => oracledb.getConnection(attributes));
      const connection = await Promise.race([login, aborted]);
      return new DriverConnection(connection, sockets);
    } catch (error) {
      sockets.destroy();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      late.removeEventListener('abort', giveUp);
    }
  }

  get isBroken(): boolean {
    return this.#isBroken || !this.#connection.isHealthy();
  }

  /** A statement's rows, some at a time; a consumer that leaves early ends the connection. */
  async *read(sql: SqlText, size: Pick<FetchSize, 'rows' | 'took'>): AsyncGenerator<Row[]> {
    let isWhole = false;
    this.#isBusy = true;
    try {
      const { resultSet, metaData } = await this.#connection.execute<DriverValue[]>(sql.text, bindsOf(sql), {
        outFormat: oracledb.OUT_FORMAT_ARRAY,
        resultSet: true,
        // What was sent along with the answer is taken whole by the first fetch.
        fetchArraySize: size.rows,
        prefetchRows: size.rows,
        fetchTypeHandler: fetchedAs,
      });
      if (resultSet !== undefined) {
        requireExact(metaData ?? []);
        for (;;) {
          const rows = (await resultSet.getRows(size.rows)).map((row) => textsOf(row, sql));
          if (rows.length === 0) break;
          size.took(rows);
          yield rows;
        }
        await resultSet.close();
      }
      isWhole = true;
    } catch (error) {
      this.#note(error);
      throw error;
    } finally {
      this.#isBusy = false;
      if (!isWhole) this.destroy();
    }
  }

  /** A statement without rows. */
  async run(sql: SqlText): Promise<void> {
    this.#isBusy = true;
    try {
      await this.#connection.execute(sql.text, bindsOf(sql));
    } catch (error) {
      this.#note(error);
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }

  /** Ends the connection at once, whatever runs on it. */
  destroy(): void {
    this.#isBroken = true;
    this.#sockets.destroy();
  }

  /** Says goodbye where the server listens, so that it need not find out. */
  async close(): Promise<void> {
    if (this.#isBusy || this.isBroken) this.destroy();
    else {
      this.#isBroken = true;
      await this.#connection.close();
      this.#sockets.destroy();
    }
  }

  #note(error: unknown): void {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && GONE.has(error.code)) {
      this.#isBroken = true;
    }
  }
}

/** The longest that a login may take, with all that the user lets the driver try. */
export function loginMilliseconds(attributes: oracledb.ConnectionAttributes): number {
  const { connectTimeout = ADDRESS_SECONDS, retryCount = 0, retryDelay = 1 } = attributes;
  return ((connectTimeout + retryDelay) * (retryCount + 1) + LOGIN_SECONDS) * SECOND;
}

/** As the driver's own error of a login that took too long. */
class LateServer extends Error {
  readonly code = 'NJS-510';
}

function bindsOf({ binds }: SqlText): Record<string, string> {
  return Object.fromEntries(binds.map((value, index) => [`b${index + 1}`, value]));
}

/** What the driver says of a column. */
type Described = Pick<oracledb.Metadata<never>, 'dbType'>;

function fetchedAs(column: Described): oracledb.FetchTypeResponse | undefined {
  const name = typeNameOf(column);
  if (AS_TEXT.has(name)) return { type: oracledb.STRING };
  return AS_BYTES.has(name) ? { type: oracledb.BUFFER } : undefined;
}

function typeNameOf({ dbType }: Described): string {
  return typeof dbType === 'object' ? dbType.name : 'a type that the driver does not name';
}

/** Numbers, dates and times would be rounded or cut by the driver: statements let the server print them. */
export function requireExact(columns: readonly Described[]): void {
  const names = columns.map(typeNameOf);
  const inexact = names.find((name) => !EXACT.has(name) && !AS_TEXT.has(name) && !AS_BYTES.has(name));
  if (inexact === undefined) return;
  throw new PenstockError('PS2008', `the server sent ${inexact}, which the driver does not give exactly`);
}

/** The row in output texts, without the flags behind it. */
export function textsOf(row: readonly DriverValue[], { flagged = [] }: SqlText): Row {
  const texts = row.map(outputText);
  if (flagged.length === 0) return texts;
  const columns = texts.length - flagged.length;
  for (const [index, place] of flagged.entries()) {
    if (texts[columns + index] !== null) texts[place] ??= '';
  }
  return texts.slice(0, columns);
}

import { Readable } from 'node:stream';
import { createConnection, type Connection, type ConnectionOptions, type ResultSetHeader } from 'mysql2';
import { hasCode, PenstockError } from '../../errors/penstock-error.ts';
import { isDriverError, serverError, type ErrorPlace } from './server-errors.ts';

/** Every value as the server's own text, so that no number, date or binary value is changed on its way. */
export type Row = Readonly<Record<string, string | null>>;

/** Bytes that wait in memory while the server is slow. */
const LOAD_BUFFER_BYTES = 1 << 20;

/** One connection. Statements are sent as text (`query`), never prepared: SingleStore wants it so. */
export class Session {
  readonly #connection: Connection;
  #isBroken = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    // Without a listener a lost idle connection would end the process.
    connection.on('error', () => {
      this.#isBroken = true;
    });
  }

  /** True after a failure that leaves the state at the server unknown: the connection is closed, not used again. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Takes leave of the server; for a connection that does nothing at the moment. */
  end(): Promise<void> {
    this.#isBroken = true;
    return new Promise((resolve) => {
      this.#connection.end(() => {
        resolve();
      });
    });
  }

  close(): void {
    this.#isBroken = true;
    this.#connection.destroy();
  }

  /** Runs a statement that returns no rows. */
  async run(sql: string, place: ErrorPlace, signal: AbortSignal): Promise<ResultSetHeader> {
    return (await this.#send(sql, place, signal, null)) as ResultSetHeader;
  }

  async rows(sql: string, place: ErrorPlace, signal: AbortSignal): Promise<Row[]> {
    return (await this.#send(sql, place, signal, null)) as Row[];
  }

  /** LOAD DATA LOCAL of these bytes. Fails with what `bytes` throws. */
  async load(
    sql: string,
    bytes: AsyncIterable<Buffer>,
    place: ErrorPlace,
    signal: AbortSignal,
  ): Promise<ResultSetHeader> {
    // Not in object mode: it passes no empty buffer on, which the driver would take for the end of the file.
    const stream = Readable.from(bytes, { objectMode: false, highWaterMark: LOAD_BUFFER_BYTES });
    // The driver listens only while the statement runs.
    stream.on('error', () => undefined);
    try {
      return (await this.#send(sql, place, signal, stream)) as ResultSetHeader;
    } catch (error) {
      // The server may have answered while bytes were still on their way: nothing may follow them on this connection.
      this.close();
      throw error;
    } finally {
      // Never without an error: the driver would wait for an end that does not come.
      if (!stream.readableEnded) stream.destroy(new Error('load ended'));
    }
  }

  /** Rows as they arrive; the server waits while the consumer is slow. */
  async *stream(sql: string, place: ErrorPlace, signal: AbortSignal): AsyncGenerator<Row> {
    signal.throwIfAborted();
    const rows = this.#connection.query(sql).stream({ highWaterMark: 1000 });
    const abort = (): void => {
      this.close();
      rows.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    let isDone = false;
    try {
      for await (const row of rows) yield row as Row;
      isDone = true;
    } catch (error) {
      throw signal.aborted ? signal.reason : serverError(error, place);
    } finally {
      signal.removeEventListener('abort', abort);
      if (!isDone) this.close();
    }
  }

  /**
   * `work` in one transaction. On any error it is rolled back; where even that fails the connection is closed, which rolls back too.
   * @throws PenstockError PS4009 when the reply to COMMIT was lost: it may have happened
   */
  async transaction<Result>(place: ErrorPlace, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    await this.run('BEGIN', place, signal);
    let result: Result;
    try {
      result = await work();
    } catch (error) {
      await this.#rollBack(place);
      throw error;
    }
    try {
      await this.run('COMMIT', place, signal);
    } catch (error) {
      this.close();
      if (signal.aborted || !(error instanceof PenstockError)) throw error;
      throw new PenstockError('PS4009', `${place.doing}: no good reply to COMMIT, which may have happened`);
    }
    return result;
  }

  async #rollBack(place: ErrorPlace): Promise<void> {
    if (this.#isBroken) return;
    try {
      await this.run('ROLLBACK', place, new AbortController().signal);
    } catch {
      this.close();
    }
  }

  #send(sql: string, place: ErrorPlace, signal: AbortSignal, infile: Readable | null): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(asError(signal.reason));
        return;
      }
      const abort = (): void => {
        this.close();
        infile?.destroy(asError(signal.reason));
        reject(asError(signal.reason));
      };
      signal.addEventListener('abort', abort, { once: true });
      const options = { sql, ...(infile === null ? {} : { infileStreamFactory: () => infile }) };
      this.#connection.query(options, (error: unknown, result: unknown) => {
        signal.removeEventListener('abort', abort);
        if (error === null) {
          resolve(result);
          return;
        }
        if (isDriverError(error) && (error.fatal === true || error.errno === undefined)) this.#isBroken = true;
        reject(asError(serverError(error, place)));
      });
    });
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Opens one connection. @throws PenstockError PS4001, PS4002, PS4003 */
export function openSession(options: ConnectionOptions, signal: AbortSignal): Promise<Session> {
  const place = { doing: `connecting to ${options.host ?? ''}:${options.port ?? 0}`, table: null, columns: [] };
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(asError(signal.reason));
      return;
    }
    const connection = createConnection(options);
    // A later failure of a connection that is given up must not end the process.
    connection.on('error', () => undefined);
    const abort = (): void => {
      connection.destroy();
      reject(asError(signal.reason));
    };
    signal.addEventListener('abort', abort, { once: true });
    connection.connect((error) => {
      signal.removeEventListener('abort', abort);
      if (error === null) {
        resolve(new Session(connection));
        return;
      }
      connection.destroy();
      reject(asError(connectError(error, place)));
    });
  });
}

/** What is lost before it was there could not be reached. */
function connectError(error: unknown, place: ErrorPlace): unknown {
  const ours = serverError(error, place);
  return hasCode(ours, 'PS4009') ? new PenstockError('PS4001', place.doing) : ours;
}

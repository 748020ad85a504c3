import { Connection, Request, TYPES, type ConnectionConfiguration } from 'tedious';
import { PenstockError } from '../../../errors/penstock-error.ts';
import { LoginRefusal } from '../errors.ts';
import type { Row } from '../server/session.ts';
import type { SqlText } from '../statements/sql-text.ts';
import { outputText, type DriverValue } from '../values/output-text.ts';

/** Characters of rows that are handed over at once, and for which the server is not held back. */
const PIECE = 256 * 1024;
/** A row costs something without any characters. */
const ROW_COST = 16;
/** Types of the driver whose values it gives exactly; it makes numbers of decimals and money, and dates of dates. */
const EXACT: ReadonlySet<string> = new Set([
  ...['NVarChar', 'NChar', 'VarChar', 'Char', 'UniqueIdentifier', 'VarBinary', 'Binary'],
  ...['TinyInt', 'SmallInt', 'Int', 'BigInt', 'IntN', 'Bit', 'BitN', 'Real', 'Float', 'FloatN'],
]);
/** A nvarchar of this length has no length of its own. */
const LONGEST_NVARCHAR = 4000;

/** A connection of the driver as rows of texts. One statement at a time. */
export class DriverConnection {
  readonly #connection: Connection;
  isBroken = false;

  constructor(config: ConnectionConfiguration) {
    this.#connection = withRequest(new Connection(config));
    // Errors of a running statement reject that statement; these listeners only keep an idle one's from ending the process.
    this.#connection.on('error', () => {
      this.isBroken = true;
    });
    this.#connection.on('end', () => {
      this.isBroken = true;
    });
  }

  /** Logs in. @throws the driver's error, or {@link LoginRefusal} */
  async connect(): Promise<void> {
    const refusals: LoginRefusal[] = [];
    this.#connection.on('errorMessage', ({ number, message }) => {
      refusals.push(new LoginRefusal(number, message));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#connection.connect((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      });
    } catch (error) {
      throw refusals[0] ?? error;
    }
    this.#connection.removeAllListeners('errorMessage');
  }

  /** A statement's rows, some at a time; a consumer that leaves early ends the connection. */
  async *read({ text, parameters }: SqlText): AsyncGenerator<Row[]> {
    const rows = new PacedRows();
    const request = new Request(text, (error) => {
      rows.end(error ?? null);
    });
    rows.listen(request);
    request.on('columnMetadata', (columns) => {
      const inexact = Object.values(columns).find(({ type }) => !EXACT.has(type.name));
      if (inexact === undefined) return;
      rows.end(
        new PenstockError('PS2008', `the server sent ${inexact.type.name}, which the driver does not give exactly`),
      );
      this.destroy();
    });
    for (const [index, value] of parameters.entries()) {
      const length = value.length > LONGEST_NVARCHAR ? {} : { length: LONGEST_NVARCHAR };
      request.addParameter(`p${index + 1}`, TYPES.NVarChar, value, length);
    }
    if (parameters.length === 0) this.#connection.execSqlBatch(request);
    else this.#connection.execSql(request);
    let isWhole = false;
    try {
      for (let piece = await rows.next(); piece !== null; piece = await rows.next()) yield piece;
      isWhole = true;
    } finally {
      if (!isWhole && !rows.isEnded) this.destroy();
    }
  }

  /** Ends the connection at once, whatever runs on it. */
  destroy(): void {
    this.isBroken = true;
    this.#connection.close();
  }
}

/**
 * The driver forgets the request of a connection that is closed, and calls it nevertheless when it comes to the end of an answer that it
 * has already: an exception that nobody can catch. Then there is a request that does nothing.
 */
function withRequest(connection: Connection): Connection {
  const none = new Request('', () => undefined);
  let current: Connection['request'];
  Object.defineProperty(connection, 'request', {
    get: () => current ?? none,
    set: (request: Connection['request']) => {
      current = request;
    },
  });
  return connection;
}

/** Of the types in {@link EXACT}. */
interface Cell {
  readonly value: DriverValue;
}

/** Rows of a request on their way to one consumer, whose pace is the server's: the driver is paused while a piece waits. */
class PacedRows {
  isEnded = false;
  #error: Error | null = null;
  #rows: Row[] = [];
  #size = 0;
  #request: Request | null = null;
  #wake: (() => void) | null = null;

  listen(request: Request): void {
    this.#request = request;
    request.on('row', (cells: readonly Cell[]) => this.#add(cells));
  }

  #add(cells: readonly Cell[]): void {
    const row: (string | null)[] = new Array<string | null>(cells.length);
    let size = ROW_COST;
    for (let index = 0; index < cells.length; index++) {
      const text = outputText(cells[index]?.value ?? null);
      row[index] = text;
      size += text === null ? 1 : text.length;
    }
    this.#rows.push(row);
    this.#size += size;
    if (this.#size < PIECE) return;
    if (this.#wake === null) this.#request?.pause();
    else this.#notify();
  }

  /** The next rows; null behind the last. @throws what the statement failed with */
  async next(): Promise<Row[] | null> {
    while (this.#size < PIECE && !this.isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#error !== null) throw this.#error;
    if (this.#rows.length === 0) return null;
    const rows = this.#rows;
    this.#rows = [];
    this.#size = 0;
    this.#request?.resume();
    return rows;
  }

  /** The first end counts. */
  end(error: Error | null): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#error = error;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

import { Connection, Request, type ConnectionConfiguration } from 'tedious';
import { outputText, type DriverValue } from '../../../../core/sources/sqlserver/values/output-text.ts';
import type { Target } from '../../../sqlserver/target.ts';
import type { SessionUnderTest } from '../source-under-test.ts';
import { enabling, madeTable, toTSql } from './to-t-sql.ts';

const DEFAULT_PORT = 1433;

export interface RealSessionOptions {
  readonly target: Target;
  readonly database: string;
  /** What is done with each table that is made. */
  readonly extractType: 'changeTracking' | 'cdc' | 'nothing';
  /** How the session is called at the server. */
  readonly program?: string;
}

/** A session of SQL Server that writes and administers. Connects when it is used, and again after its connection was lost. */
export class RealSession implements SessionUnderTest {
  readonly #options: RealSessionOptions;
  #connection: Promise<Connection> | null = null;

  constructor(options: RealSessionOptions) {
    this.#options = options;
  }

  async run(...statements: readonly string[]): Promise<void> {
    for (const statement of statements) {
      await this.#batch(toTSql(statement));
      const made = madeTable(statement);
      const enabled = made === null ? [] : enabling(made, this.#options.extractType);
      for (const batch of enabled) await this.#batch(batch);
    }
  }

  rows(sql: string): Promise<(string | null)[][]> {
    return this.#batch(toTSql(sql));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    this.#connection = null;
    connection?.close();
  }

  async #batch(text: string): Promise<(string | null)[][]> {
    this.#connection ??= this.#connect();
    const connection = await this.#connection.catch((error: unknown) => {
      this.#connection = null;
      throw error;
    });
    return new Promise((resolve, reject) => {
      const rows: (string | null)[][] = [];
      const request = new Request(text, (error) => {
        if (error === undefined || error === null) resolve(rows);
        else reject(new Error(`${text}: ${error.message}`, { cause: error }));
      });
      request.on('row', (cells: readonly Cell[]) => rows.push(cells.map(textOf)));
      connection.execSqlBatch(request);
    });
  }

  async #connect(): Promise<Connection> {
    const connection = new Connection(configuration(this.#options));
    connection.on('error', () => undefined);
    connection.on('end', () => {
      this.#connection = null;
    });
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    return connection;
  }
}

function configuration({ target, database, program }: RealSessionOptions): ConnectionConfiguration {
  const { host, port, user, password, tls, options } = target;
  return {
    server: host,
    authentication: { type: 'default', options: { userName: user, password } },
    options: {
      ...(options.instanceName === undefined ? { port: port ?? DEFAULT_PORT } : { instanceName: options.instanceName }),
      database,
      encrypt: tls !== null,
      trustServerCertificate: options.trustServerCertificate ?? false,
      requestTimeout: 0,
      appName: program ?? 'penstock-tests',
      useColumnNames: false,
    },
  };
}

interface Cell {
  readonly value: DriverValue | Date;
  readonly metadata: { readonly type: { readonly name: string }; readonly scale?: number };
}

const DATE_ONLY = 10;

/** What the suites ask for is small: the driver's numbers of decimals and its dates hold it. */
function textOf({ value, metadata }: Cell): string | null {
  if (value instanceof Date) {
    const text = value.toISOString().replace('T', ' ').replace('Z', '');
    return metadata.type.name === 'Date' ? text.slice(0, DATE_ONLY) : text;
  }
  if (typeof value === 'number' && /^(Decimal|Numeric)/.test(metadata.type.name)) {
    return value.toFixed(metadata.scale ?? 0);
  }
  return outputText(value);
}

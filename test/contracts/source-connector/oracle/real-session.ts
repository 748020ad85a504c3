import oracledb from 'oracledb';
import { attributesOf } from '../../../../core/sources/oracle/connection.ts';
import type { Target } from '../../../oracle/target.ts';
import type { SessionUnderTest } from '../source-under-test.ts';
import { enabling, madeTable, toOracle, type LongLiteral } from './to-oracle.ts';

export interface RealSessionOptions {
  readonly target: Target;
  /** The service name; default: the target's. */
  readonly service?: string;
  /** Where unqualified names are, and who may read the tables that are made there; null: tables are nobody's. */
  readonly tables: { readonly schema: string; readonly reader: string } | null;
}

/** As the suite writes dates, and reads them. */
const FORMATS = `ALTER SESSION SET NLS_DATE_FORMAT='YYYY-MM-DD HH24:MI:SS' NLS_TIMESTAMP_FORMAT='YYYY-MM-DD HH24:MI:SS.FF' NLS_NUMERIC_CHARACTERS='.,' NLS_LENGTH_SEMANTICS='CHAR' TIME_ZONE='+00:00'`;

/** A session of Oracle that writes and administers. Connects when it is used, and again after its connection was lost. */
export class RealSession implements SessionUnderTest {
  readonly #options: RealSessionOptions;
  #connection: Promise<oracledb.Connection> | null = null;
  #isInTransaction = false;

  constructor(options: RealSessionOptions) {
    this.#options = options;
  }

  async run(...statements: readonly string[]): Promise<void> {
    const { tables } = this.#options;
    for (const statement of statements) {
      await this.#one(statement);
      const made = madeTable(statement);
      if (made === null || tables === null) continue;
      for (const enabled of enabling(tables.schema, made, tables.reader)) await this.#one(enabled);
    }
  }

  async rows(sql: string): Promise<(string | null)[][]> {
    const connection = await this.#connected();
    const { rows = [] } = await failing(sql, () =>
      connection.execute<(string | null)[]>(toOracle(sql).text, {}, { fetchTypeHandler: asText, maxRows: 0 }),
    );
    return rows.map((row) => [...row]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    this.#connection = null;
    await connection?.close().catch(() => undefined);
  }

  async #one(statement: string): Promise<void> {
    const word = /^\s*(BEGIN|COMMIT|ROLLBACK)\s*;?\s*$/i.exec(statement)?.[1]?.toUpperCase();
    const connection = await this.#connected();
    if (word === undefined) {
      const { text, binds } = toOracle(statement);
      const options = { autoCommit: !this.#isInTransaction };
      await failing(statement, () => connection.execute(text, Object.fromEntries(binds.map(bindOf)), options));
      return;
    }
    this.#isInTransaction = word === 'BEGIN';
    if (word === 'COMMIT') await connection.commit();
    if (word === 'ROLLBACK') await connection.rollback();
  }

  async #connected(): Promise<oracledb.Connection> {
    const connection = await (this.#connection ??= this.#connect()).catch((error: unknown) => {
      this.#connection = null;
      throw error;
    });
    if (connection.isHealthy()) return connection;
    this.#connection = null;
    this.#isInTransaction = false;
    return this.#connected();
  }

  async #connect(): Promise<oracledb.Connection> {
    const { target, service, tables } = this.#options;
    const { host, port, user, password, tls } = target;
    const address = { host, port, user, database: service ?? target.database, tls: tlsOf(tls) };
    const isSys = user.toUpperCase() === 'SYS';
    const connection = await oracledb.getConnection({
      ...(await attributesOf(address, { program: 'penstock-tests' }, password)),
      ...(isSys ? { privilege: oracledb.SYSDBA } : {}),
    });
    await connection.execute(FORMATS);
    if (tables !== null) await connection.execute(`ALTER SESSION SET CURRENT_SCHEMA = "${tables.schema}"`);
    return connection;
  }
}

/** As a pipeline's settings have it. */
export function tlsOf(tls: Target['tls']): { readonly mode: 'off' | 'verify'; readonly ca: string | null } {
  return tls === null ? { mode: 'off', ca: null } : { mode: 'verify', ca: tls.ca };
}

function asText(): oracledb.FetchTypeResponse {
  return { type: oracledb.STRING };
}

function bindOf({ name, type, text }: LongLiteral): [string, oracledb.BindParameter] {
  switch (type) {
    case 'CLOB':
      return [name, { val: text, type: oracledb.DB_TYPE_CLOB }];
    case 'NCLOB':
      return [name, { val: text, type: oracledb.DB_TYPE_NCLOB }];
    case 'BLOB':
      return [name, { val: Buffer.from(text, 'hex'), type: oracledb.DB_TYPE_BLOB }];
  }
}

/** Says which statement it was. */
async function failing<T>(statement: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${statement}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

import type { Destroyable } from '../../abort.ts';
import type { Statement } from '../statements/statement.ts';

/** The server's own text of each value, in the order that the statement's doc comment tells; null is NULL. */
export type Row = readonly (string | null)[];

/**
 * One connection to the server, and the narrow interface behind which the driver stands: it runs statements and gives rows of texts.
 * One statement at a time. Failures are the driver's own errors, which errors.ts reads: `number` is the server's error number
 * (313, 208, 1205, …), `code` the driver's or the socket's (`ELOGIN`, `ECONNREFUSED`).
 */
export interface Session extends Destroyable, AsyncDisposable {
  /**
   * Rows some at a time, never an empty array. The consumer's pace is the server's; a consumer that leaves early destroys the session,
   * because the rest of the rows would still come.
   */
  read(statement: Statement): AsyncIterable<readonly Row[]>;
  /** Runs a statement whose rows, if it has any, nobody wants. */
  run(statement: Statement): Promise<void>;
  /** Ends the connection at once, whatever runs on it. */
  destroy(): void;
  /** Set once the connection was lost or destroyed. */
  readonly isBroken: boolean;
}

/** All rows of a statement that has few. */
export async function allRows(session: Session, statement: Statement): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const some of session.read(statement)) rows.push(...some);
  return rows;
}

/** The only row of a statement; empty where there is none. */
export async function oneRow(session: Session, statement: Statement): Promise<Row> {
  return (await allRows(session, statement))[0] ?? [];
}

/**
 * Logs in anew. Sessions begin with the same settings: READ COMMITTED, NOCOUNT, ANSI settings on, LANGUAGE us_english, DATEFORMAT ymd,
 * TEXTSIZE without bound, LOCK_TIMEOUT -1, DEADLOCK_PRIORITY LOW.
 * @throws PenstockError PS2002, PS2003, PS2004, PS2005; an abort's reason
 */
export type SessionOpener = (signal: AbortSignal) => Promise<Session>;

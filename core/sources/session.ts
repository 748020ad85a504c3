import { destroyedOnAbort, type Destroyable } from './abort.ts';

/** The server's own text of each value, in the order that the statement's doc comment tells; null is NULL. */
export type Row = readonly (string | null)[];

/**
 * One connection to a server, and the narrow interface behind which a driver stands: it runs statements and gives rows of texts.
 * Statements are data (a source's folder `statements`), so that a test's database can understand them as they are.
 * One statement at a time. Failures are the driver's own errors, which the source's errors.ts reads.
 */
export interface Session<Statement> extends Destroyable, AsyncDisposable {
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

/** Logs in anew; an abort ends the login with the signal's reason. */
export type SessionOpener<Statement> = (signal: AbortSignal) => Promise<Session<Statement>>;

/** All rows of a statement that has few. */
export async function allRows<Statement>(session: Session<Statement>, statement: NoInfer<Statement>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const some of session.read(statement)) rows.push(...some);
  return rows;
}

/** The only row of a statement; empty where there is none. */
export async function oneRow<Statement>(session: Session<Statement>, statement: NoInfer<Statement>): Promise<Row> {
  return (await allRows(session, statement))[0] ?? [];
}

/** A driver's error as ours. `doing` says what was tried: `read dbo.orders`. */
type ErrorTranslation = (error: unknown, doing: string, table: string | null) => Error;

/** Work on sessions that an abort ends at once, and whose failures are ours. */
interface GuardedWork<Statement> {
  /** Opens a session for one piece of work; an abort of the signal ends the session and with it the work. */
  readonly withSession: <T>(
    access: { readonly open: SessionOpener<Statement> },
    signal: AbortSignal,
    doing: string,
    work: (session: Session<Statement>) => Promise<T>,
  ) => Promise<T>;
  /** Runs work on a session; an abort ends the session at once and the work with the signal's reason. */
  readonly guarded: <T>(
    session: Destroyable,
    signal: AbortSignal,
    doing: string,
    work: () => Promise<T>,
    table?: string | null,
  ) => Promise<T>;
}

/** The two for a source, which says what its driver's errors mean. */
export function guardedWork<Statement>(toError: ErrorTranslation): GuardedWork<Statement> {
  const guarded: GuardedWork<Statement>['guarded'] = (session, signal, doing, work, table = null) =>
    destroyedOnAbort(session, signal, work, (error) => toError(error, doing, table));
  return {
    guarded,
    withSession: async (access, signal, doing, work) => {
      await using session = await access.open(signal);
      return await guarded(session, signal, doing, () => work(session));
    },
  };
}

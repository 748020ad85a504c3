import type { SourcePosition } from '../../../core/changes/position.ts';
import type { TableName } from '../../../core/changes/table-name.ts';
import type { ErrorCode } from '../../../core/errors/codes.ts';
import type { SourceConnector, TableSelection } from '../../../core/sources/source-connector.ts';
import type { MisfitPolicy } from '../../../core/sources/source-definition.ts';

/**
 * What a kind of source gives to be tested: servers, SQL where it differs from the standard, and what can go wrong.
 * The suite writes standard SQL: CREATE TABLE with INTEGER, VARCHAR, CHAR and DECIMAL, INSERT, UPDATE, DELETE,
 * BEGIN, COMMIT, ROLLBACK, SAVEPOINT, ROLLBACK TO SAVEPOINT, TRUNCATE TABLE; a session puts it into other words where need be.
 */
export interface SourceUnderTest {
  /** The server that most cases share. Called once. */
  openShared(): Promise<ServerUnderTest>;
  /** Another server, alone for the cases that stop it and lose its log; nothing else happens on it. Called once. */
  openOwn(): Promise<BreakableServer>;
  readonly dialect: Dialect;
  readonly types: readonly TypeCase[];
  /** Statements that make the types of `types`, before their tables. */
  readonly typeSetup: readonly string[];
  /** A file that the suite writes: what each type and value becomes. A change of it is to be looked at. */
  readonly typeList: string;
  /** What is done to the table `drift`; the suite knows what must become of it. */
  readonly drifts: Readonly<Record<DriftName, Drift>>;
  /** Changes of structure that only this source has. */
  readonly ownDrifts: Readonly<Record<string, Drift & { readonly outcome: DriftOutcome }>>;
  /** At least one of them ends in PS2006. */
  readonly losses: readonly Loss[];
  readonly faults: readonly CheckFault[];
  /** What the source cannot do, with the reason. The suite then wants it to be said loudly: by an error or a warning of check, an obstacle or a refused structure. */
  readonly cannot: Readonly<Partial<Record<Ability, string>>>;
  /** Why the source's own server refuses to truncate a table that is replicated; absent: it does not. */
  readonly refusesTruncate?: string;
  /** Why nothing in the log says that a replicated table was truncated: check warns of it. Absent: the log tells it, or that it happened. */
  readonly hidesTruncate?: string;
  /** Why a snapshot shows a table as empty that was truncated behind it; the truncate then comes by the log. Absent: it does not. */
  readonly truncatesSnapshots?: string;
  /**
   * Why the place in the log moves on though nobody writes: of two beginnings with nothing between them the second one may be behind the
   * first. Absent: they are the same place.
   */
  readonly movesByItself?: string;
  /** Why positions at the same place differ: what else they remember was asked at different times. Absent: they are equal. */
  readonly remembersMore?: string;
  /** Why tables are cut for a copy by where their rows are kept, also those with an integer key. Absent: those are cut by that key. */
  readonly cutsByPlace?: string;
  /** Why the server's own garbage is in the memory of the tests: only what the source keeps is measured then. Absent: it runs elsewhere. */
  readonly sharesProcess?: string;
  /** What else proves, by the same code, that memory stays bounded whatever a transaction's size: far fewer rows come here. Absent: it is proved here. */
  readonly memoryProvedBy?: string;
  /** Why a snapshot outlives its connections: it is read on at the same place. Absent: it is lost with them, and a copy goes on at another place. */
  readonly keepsSnapshots?: string;
}

export type Ability =
  /**
   * The log tells every commit, and every version of a row. Without it a look at the source tells in one transaction what became of each
   * changed row at last: an update without an old row, whether the row is new or not, or a delete, also of a row that nobody saw.
   */
  | 'everyVersion'
  /**
   * What a row was inside a transaction that changes it again, where the log does not hold all of its values: such changes tell it as the
   * transaction left it. The suite commits them apart.
   */
  | 'innerVersions'
  /** Changes of tables without a key. */
  | 'keyless'
  /** Changes by chosen key columns other than the primary key. */
  | 'chosenKey'
  /** A truncate comes through the log. */
  | 'truncate'
  /** An added column is applied by itself. */
  | 'addNullable'
  | 'addWithDefault'
  | 'widen';

export interface ServerUnderTest extends AsyncDisposable {
  /** A new, empty database; one of the same name is dropped with all that the product left of it. */
  database(name: string): Promise<DatabaseUnderTest>;
}

export interface BreakableServer extends ServerUnderTest {
  /** Where its data is. */
  readonly folder: string;
  /** Ends it as an operator does, with all connections. */
  stop(): Promise<void>;
  /** Starts it again at the same address, with its data. */
  start(): Promise<void>;
}

export interface DatabaseUnderTest extends AsyncDisposable {
  /** May do everything; connects again after a restart of the server. */
  readonly admin: SessionUnderTest;
  /** The full name of a table that `CREATE TABLE name` makes. */
  table(name: string): TableName;
  /** A condition of the suite in the source's SQL; absent: it is as it stands. */
  condition?(sql: string): string;
  session(): Promise<SessionUnderTest>;
  /** A connector of the database's one pipeline, with a user who has just the rights that the docs ask for. The caller disposes of it. */
  connect(options?: ConnectOptions): SourceConnector;
  /** A user who may log in and has no other right, for `connect({ settings: { user }, password })`. */
  poorUser(): Promise<{ readonly user: string; readonly password: string }>;
  /** Connections of this database's connectors, as the server counts them. */
  connections(): Promise<number>;
  /** Ends them at the server. */
  endConnections(): Promise<void>;
  /** Where the log does not tell every version: the rows of a table that has the primary key `id` as they were at a position, by what the server itself knows. */
  rowsAt?(table: string, columns: readonly string[], position: SourcePosition): Promise<(string | null)[][]>;
  /** Names of what `prepare` and snapshots have made at the server for this pipeline and not removed. */
  remains(): Promise<readonly string[]>;
}

export interface ConnectOptions {
  /** Over the usual ones of this database. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly password?: string;
  /** Default: `stop`. */
  readonly misfits?: MisfitPolicy;
}

/** A connection of a user of the source. */
export interface SessionUnderTest extends AsyncDisposable {
  /** Runs statements one after the other; each is a transaction of its own outside BEGIN and COMMIT. */
  run(...statements: readonly string[]): Promise<void>;
  /** The result, every value as the server's text. */
  rows(sql: string): Promise<(string | null)[][]>;
}

export interface Dialect {
  /** A type for texts of any length. */
  readonly longText: string;
  /** A text as a literal. */
  literal(text: string): string;
  /** What stands after FROM and gives the numbers `from` to `to` as column `i`. */
  series(from: number, to: number): string;
  /** By type, keys of the suite that the source cannot have, with the reason; without `values` there is no such type. Default: none. */
  readonly noKeys?: Readonly<Record<string, { readonly values?: readonly string[]; readonly reason: string }>>;
  /** After CREATE TABLE: makes the log hold whole old rows. Empty where it always does. */
  wholeOldRows(table: string): readonly string[];
  /** After a column was added: makes the log hold it. Default: it does. */
  readonly followColumns?: (table: string) => readonly string[];
  /** Brings the source's statistics of a table up to date. */
  analyze(table: string): string;
  /** Keeps everybody else from reading and writing a table, until `unlock` in the same session. */
  lock(table: string): readonly string[];
  readonly unlock: readonly string[];
}

/** A type of the source, with values as SQL literals; NULL is added to each. */
export interface TypeCase {
  readonly type: string;
  readonly values: readonly TypeValue[];
  /** The canonical text of column `v` by the server's own functions, written without a look at the connector's SQL. */
  readonly canonical: string;
  /** Why a table without a key that has such a column is refused (PS2011). Default: it is not. */
  readonly needsKey?: string;
}

/** A literal, or one whose value the canonical type cannot hold, with the reason that both paths give. */
export type TypeValue = string | { readonly sql: string; readonly misfit: string };

export type DriftName =
  | 'addNullable'
  | 'addWithDefault'
  | 'widen'
  | 'narrow'
  | 'dropColumn'
  | 'renameColumn'
  | 'dropAndAddColumn'
  | 'swapColumnNames'
  | 'changeKey'
  | 'renameTable'
  | 'dropAndCreateTable';

/** `applied`: the destination follows by itself. `stopped`: the table stops, and nothing wrong was read of it. */
export type DriftOutcome = 'applied' | 'stopped';

/**
 * A change of `drift (id INTEGER PRIMARY KEY, name VARCHAR(20), title VARCHAR(20), n INTEGER, price DECIMAL(6,2))` and a row written after it.
 * The row's values are their own canonical texts.
 */
export interface Drift {
  readonly ddl: readonly string[];
  /** Why the source's own server refuses these statements while the table is replicated: all goes on as if nothing had been. */
  readonly refused?: string;
  /** How the table was chosen. */
  readonly choices?: Partial<TableSelection>;
  /** Default: `drift`. */
  readonly into?: string;
  readonly insert: Readonly<Record<string, string>>;
  /** What the log shows of that row in columns that `insert` does not name; NULL where nothing is said. */
  readonly shown?: Readonly<Record<string, string>>;
}

/** A way to lose the log that a position needs, on the server that is alone. */
export interface Loss {
  readonly name: string;
  readonly code: Extract<ErrorCode, 'PS2001' | 'PS2006'>;
  /** The database has a table `lost (id INTEGER PRIMARY KEY, n INTEGER)`, which may be written to. */
  lose(database: DatabaseUnderTest, server: BreakableServer): Promise<void>;
}

/** Something wrong at the source that `check` finds. */
export interface CheckFault {
  readonly name: string;
  /** Where: on the shared server by default; `own`: on the one that is alone, for settings that others would feel; or on another one. */
  readonly at?: 'own' | (() => Promise<DatabaseUnderTest>);
  /** Statements that make it. */
  readonly make: readonly string[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The table that is checked, and choices about it. Default: `sound (id INTEGER PRIMARY KEY, n INTEGER)`, which is there. */
  readonly table?: string;
  readonly choices?: Partial<TableSelection>;
  readonly code: string;
  readonly severity: 'warning' | 'error';
  /** `sql`: the remedy holds SQL, and where that was run the finding is gone. Else what the remedy's words hold. */
  readonly remedy: 'sql' | RegExp;
  /** Statements that undo it, for settings of a server that others use. */
  readonly undo?: readonly string[];
}

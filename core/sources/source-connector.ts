import type { ChunkRange } from '../changes/copy-mark.ts';
import type { SourceEvent } from '../changes/change.ts';
import type { SourcePosition } from '../changes/position.ts';
import type { TableName } from '../changes/table-name.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import type { Timestamp } from '../changes/timestamp.ts';

/** What a check found: what is wrong or noteworthy and the statement that mends it. */
export interface Finding {
  /** Stable, for scripts: `postgres.wal_level`. */
  readonly code: string;
  /** `error`: replication cannot work. `warning`: it works, with a risk. `ok`: as it should be. */
  readonly severity: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** The SQL or setting that mends it; null for `ok`. */
  readonly remedy: string | null;
}

/** A table that the user chose, with the choices that concern reading it. */
export interface TableSelection {
  readonly table: TableName;
  /** Chosen key columns; null: the table's primary key, or the whole row where it has none. */
  readonly key: readonly string[] | null;
  /** Columns whose values are never read; they arrive as NULL in a text(1) column. */
  readonly mask: readonly string[];
  /** A condition in the source's SQL for copies only; null: all rows. */
  readonly where: string | null;
  /** Column → `@I`, `@L`, `@F`, `@D(format)`, `@T(format)` or `@S` (the value's own text). */
  readonly typeChange: Readonly<Record<string, string>>;
  /** The column that orders changes, for extract type Timestamps; else null. */
  readonly timestampColumn: string | null;
}

/** A table that can be chosen. */
export interface ListedTable {
  readonly table: TableName;
  /** Columns of the primary key; null: it has none. */
  readonly key: readonly string[] | null;
  /** From the source's own statistics, for displays; null where it has none. */
  readonly estimatedRows: number | null;
}

/** A row that does not fit its destination column, set aside by a copy. */
export interface MisfitRow {
  readonly column: string;
  readonly reason: string;
  /** Column → the source's text; for the quarantine table only, never for a log. */
  readonly row: Readonly<Record<string, string | null>>;
  /** Canonical texts of the key columns in identity order, by which it is fetched again; absent or null where it cannot be: no key, or a key that does not fit. */
  readonly key?: readonly string[] | null;
}

/** The rows of one chunk as the bytes that the destination loads. */
export interface ChunkRows {
  /**
   * Tab-separated lines in the schema's column order: LOAD DATA's default dialect (`\t`, `\n`, `\\`, `\N`), see extracts/row-encoding.
   * For a table without a key each line begins with the row's hash (changes/row-digest `rowHash`).
   * Buffers may end anywhere. To be read once, to the end; ending early ends the read at the source.
   */
  readonly bytes: AsyncIterable<Buffer>;
  /** To be asked after the last byte: how many lines there were, and the rows left out because a value does not fit. */
  summary(): { readonly rows: number; readonly misfits: readonly MisfitRow[] };
}

/** What a snapshot is opened for. A source that cannot share one among connections opens them all at this moment. */
export interface SnapshotRequest {
  /** The tables that will be read; a source may have to hold them still while the snapshot is taken. */
  readonly tables: readonly TableSelection[];
  /** How many chunks are read at once at most. */
  readonly readers: number;
}

/** Which state of the source a snapshot shows. */
export interface SnapshotPlace {
  /** Exactly the transactions up to here are visible. */
  readonly position: SourcePosition;
  readonly takenAt: Timestamp;
}

/** One consistent view of the source. All reads of all chunks see the database as it was at `position`. */
export interface Snapshot extends SnapshotPlace, AsyncDisposable {
  /** An estimate for progress displays; null where the source has none. */
  estimateRows(selection: TableSelection, signal: AbortSignal): Promise<number | null>;
  /**
   * Cuts a table into chunks of about `bytes` bytes that together hold every row once.
   * Key ranges or page ranges, as far as that is possible; else the whole.
   */
  planChunks(selection: TableSelection, schema: TableSchema, bytes: number, signal: AbortSignal): Promise<ChunkRange[]>;
  /** Reads one chunk; many may be read at once, each on its own connection. Holds a bounded buffer, pauses the source when the consumer is slow. */
  readChunk(selection: TableSelection, schema: TableSchema, range: ChunkRange, signal: AbortSignal): Promise<ChunkRows>;
}

/** The log from a position on. Iterated by one consumer; ends with an error or by disposal, never silently. */
export interface ChangeStream extends AsyncDisposable, AsyncIterable<readonly SourceEvent[]> {
  /** Tells the source that everything up to `position` is durable here and may be dropped there. Never waits for the network. */
  acknowledge(position: SourcePosition): void;
}

/** How a source is read: by its log, by repeated copies, or by polling a column that only grows. */
export type ExtractMode = 'log' | 'full' | 'timestamps';

/** One folder under core/sources each; see docs/adding-a-source.md. */
export interface SourceConnector extends AsyncDisposable {
  readonly mode: ExtractMode;
  /** Never throws for what a finding can say; an unreachable server or refused login is a finding too. */
  check(tables: readonly TableSelection[], signal: AbortSignal): Promise<Finding[]>;
  /** All tables that the user can see, without the source's own. */
  listTables(signal: AbortSignal): Promise<ListedTable[]>;
  /** The schemas with the selections applied. @throws PenstockError PS1005, PS1006, PS2011 */
  describeTables(tables: readonly TableSelection[], signal: AbortSignal): Promise<TableSchema[]>;
  /**
   * Makes the source keep its log for this pipeline from now on; safe to repeat. With `known`, the position reached so far,
   * it only makes sure that the log still reaches back to there. A chosen table that the source does not log any more is an error,
   * because its changes are lost, unless its id is in `copiedAnew`: such tables may be added to the log now.
   * @returns the position to read from: `known`, or a new one
   * @throws PenstockError PS2001 another lineage, PS2006 the log is gone, PS2004, PS2005
   */
  prepare(
    tables: readonly TableSelection[],
    known: SourcePosition | null,
    signal: AbortSignal,
    copiedAnew?: ReadonlySet<string>,
  ): Promise<SourcePosition>;
  openSnapshot(request: SnapshotRequest, signal: AbortSignal): Promise<Snapshot>;
  /**
   * The snapshot that was taken at `place` once more, though whoever had opened it is gone; null where that state cannot be shown any more, or where a table
   * of the request has another structure by now. Null itself where snapshots end with their connections.
   */
  readonly reopenSnapshot:
    ((place: SnapshotPlace, request: SnapshotRequest, signal: AbortSignal) => Promise<Snapshot | null>) | null;
  /** All changes of `tables` in transactions that ended after `after`. @throws PenstockError PS2001, PS2006, PS2007 */
  openStream(after: SourcePosition, tables: readonly TableSelection[], signal: AbortSignal): Promise<ChangeStream>;
  /**
   * Makes sure that the log can be read once more from `from`, a position that was passed and acknowledged; changes nothing.
   * @throws PenstockError PS2001 another lineage, PS2006 the log does not reach back to there, with how far it does
   */
  checkReach(from: SourcePosition, signal: AbortSignal): Promise<void>;
  /** A position at or after every transaction that was committed before the call: where a delta may end. */
  currentPosition(signal: AbortSignal): Promise<SourcePosition>;
  /** What the log costs the source now. */
  logHealth(signal: AbortSignal): Promise<LogHealth>;
  /** Checksums of rows for verification, see operations/verification. */
  checksum(request: ChecksumRequest, signal: AbortSignal): Promise<ChunkChecksum>;
  /** The keys of a chunk with each row's digest, ascending by key text, for narrowing a difference. */
  rowDigests(request: ChecksumRequest, signal: AbortSignal): AsyncIterable<RowDigest>;
  /**
   * The rows that have one of the keys, as they are now: every transaction whose commit stands in the log when the call is made is seen,
   * however short a time ago it was written there. For tables with a key. The selection's WHERE does not count, because deltas know none.
   * Rows that do not fit are in the summary whatever the policy. At most {@link MOST_FETCHED} keys; more are the caller's loop.
   * Reading begins with the first byte asked for, and fails with PS5002 where the table's structure is not `schema`.
   */
  fetchRows(request: FetchRequest, signal: AbortSignal): FetchedRows;
  /** Cuts a table as it is now into key ranges of about `bytes` bytes, as far as that is possible, else the whole: what both sides can tell. */
  planRanges(selection: TableSelection, schema: TableSchema, bytes: number, signal: AbortSignal): Promise<ChunkRange[]>;
  /** Removes what prepare made (slot, publication); safe to repeat. */
  teardown(signal: AbortSignal): Promise<void>;
}

/** Keys of one {@link SourceConnector.fetchRows}. */
export const MOST_FETCHED = 1000;

export interface FetchRequest {
  readonly selection: TableSelection;
  readonly schema: TableSchema;
  /** Canonical texts of the key columns, in identity order. */
  readonly keys: readonly (readonly string[])[];
}

/** `key`: canonical texts, in identity order. */
export interface KeyedMisfit extends MisfitRow {
  readonly key: readonly string[];
}

export interface FetchedRows extends ChunkRows {
  /** After the last byte: as of a chunk, and the time at the source before the rows were read. */
  summary(): { readonly rows: number; readonly misfits: readonly KeyedMisfit[]; readonly takenAt: Timestamp };
}

export interface LogHealth {
  /** Bytes of log that the source keeps for this pipeline; null where it cannot be known. */
  readonly retainedBytes: number | null;
  /** Bytes that may still be kept before the source drops what is needed; null: no limit is set. */
  readonly headroomBytes: number | null;
  /** When the source will drop what is needed next if reading stops now, by its retention; null: by no time. */
  readonly expiresAt: Timestamp | null;
}

/** A part of a table to be compared on both sides. */
export interface ChecksumRequest {
  readonly selection: TableSelection;
  readonly schema: TableSchema;
  readonly range: ChunkRange;
}

/**
 * Row digest: MD5 over the row's columns in schema order without those of type double,
 * each `<length in bytes>:<canonical text>`, or `-` for NULL, joined by nothing; see changes/row-digest.
 * `sum`: the digests' first 15 and next 15 hexadecimal digits as numbers, each summed over the rows, joined by a colon
 * (`0:0` for no rows). Equal multisets of rows have equal sums.
 */
export interface ChunkChecksum {
  readonly rows: number;
  readonly sum: string;
}

/** Streamed in ascending byte order of the key's texts (first column first), so that two sides can be merged in bounded memory. */
export interface RowDigest {
  /** Canonical texts of the key columns; the digest alone for a table without a key. */
  readonly key: readonly string[];
  readonly digest: string;
  /** The texts of the columns of type double, which databases print differently: compared as numbers. */
  readonly doubles: readonly (string | null)[];
}

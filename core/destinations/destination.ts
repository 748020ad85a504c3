import type { ChunkRange } from '../changes/copy-mark.ts';
import type { ChunkChecksum, Finding, MisfitRow, RowDigest } from '../sources/source-connector.ts';
import type { TargetTable } from './target-table.ts';
import type { Timestamp } from '../changes/timestamp.ts';

/**
 * The side that is written. Its ledger, rows in the destination itself, says which extracts are applied,
 * and is the truth where it and the catalog differ.
 */
export interface Destination extends AsyncDisposable {
  check(signal: AbortSignal): Promise<Finding[]>;
  /**
   * Makes the ledger if need be and takes it for `epoch`: every later write with a lower epoch fails with PS4006.
   * Safe to repeat. @throws PenstockError PS4006 when a higher epoch owns it
   */
  takeLedger(pipeline: string, epoch: number, signal: AbortSignal): Promise<void>;
  /** What is applied so far. @throws PenstockError PS4001, PS4009 */
  ledger(pipeline: string, signal: AbortSignal): Promise<LedgerMarks>;
  /**
   * One transaction: checks that the ledger stands where the step expects it and that the epoch is ours, applies the parts in order,
   * moves the marks, commits. Rejected: nothing of it happened, but for a lost connection at commit (PS4009), after which the ledger tells.
   * @throws PenstockError PS4006 fenced, PS4011 the ledger stands elsewhere, PS4004 and PS4007 (with the error's `table` set), PS4009, PS4010
   */
  merge(step: MergeStep, signal: AbortSignal): Promise<MergeResult>;
  /** The structure as it stands at the destination; null where the table does not exist. */
  describe(target: TargetTable, signal: AbortSignal): Promise<readonly DestinationColumn[] | null>;
  /** Creates the table if it does not exist. Safe to repeat. */
  createTable(target: TargetTable, signal: AbortSignal): Promise<void>;
  /** `target`: as it is after the change. Safe to repeat. Commits by itself, so never inside a merge. @throws PenstockError PS4005 */
  applyStructure(
    target: TargetTable,
    change: Exclude<StructureChange, { tag: 'drop' }>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Drops a column with its values, if it is there. @throws PenstockError PS4006 */
  dropColumn(drop: ColumnDrop, signal: AbortSignal): Promise<void>;

  /** How many rows have a value in the column named `standing` that the type of the target's `column` cannot hold as it is. */
  unfitRows(target: TargetTable, column: string, standing: string, signal: AbortSignal): Promise<number>;

  /** Rows that cannot be told apart by the target's key. `sources`: as in {@link Rebuild}. */
  keyFaults(target: TargetTable, sources: Rebuild['sources'], signal: AbortSignal): Promise<KeyFaults>;
  /**
   * Makes a table anew beside itself from its own rows, and decides in the ledger that it takes the table's place: from then on the
   * table is listed in {@link LedgerMarks.rebuilds}, and nothing may be loaded into it before {@link endRebuild}. Rejected: the table
   * and the ledger are as before. Columns that nobody knows of are kept. @throws PenstockError PS4004, PS4006, PS4008
   */
  rebuild(rebuild: Rebuild, signal: AbortSignal): Promise<void>;
  /** Puts the table that was made into the place of the old one; safe to repeat, also after a crash half-way. @throws PenstockError PS4006 */
  endRebuild(end: TableOfEpoch, signal: AbortSignal): Promise<void>;

  /** Begins, or goes on with, copy number `generation` of a table; rows of an older generation are dropped. Safe to repeat. */
  beginCopy(copy: CopyRun, signal: AbortSignal): Promise<void>;
  /** Loads one chunk and records it, in one transaction; a chunk that is recorded already is left alone. @throws PenstockError PS4004 */
  copyChunk(copy: CopyRun, chunk: CopyChunk, signal: AbortSignal): Promise<{ readonly alreadyLoaded: boolean }>;
  /** Makes the copy the table (swap, or as it is in truncate mode) and sets the table's mark to `applied`; safe to repeat, also after a crash half-way. */
  finishCopy(copy: CopyRun, applied: number, signal: AbortSignal): Promise<void>;

  /**
   * Marks tables to be replayed: their rows are made anew from extracts that were applied before. One transaction; what an earlier
   * replay of them collected is forgotten. Nothing of the rows changes yet.
   * @throws PenstockError PS4006, PS4009, PS4010 where one of them stands elsewhere than at its `upTo`: nothing was begun
   */
  beginReplays(replays: ReplayStart, signal: AbortSignal): Promise<void>;
  /**
   * Collects what one extract did to one table beside it; the table itself stays as it is, but for versions of a history that are
   * open and should not be. Parts' misfits are not set aside again; what stands under their keys stays. Done before: nothing happens.
   * @throws PenstockError PS4006, PS4011 when no such replay was begun, PS4010 when what was collected is gone, or the replay does not
   * stand at `next` because it was begun once more: it begins anew
   */
  replay(step: ReplayStep, signal: AbortSignal): Promise<void>;
  /**
   * One transaction: makes the rows of a table what the collected extracts made of them, and ends the replay. The table's mark stays.
   * @returns how many rows were not as they should be. @throws PenstockError PS4006, PS4007, PS4011, PS4010 as {@link replay}
   */
  finishReplay(end: CollectedReplay, signal: AbortSignal): Promise<RowCounts>;
  /** Gives a replay up: the table is as it was before. Safe to repeat. @throws PenstockError PS4006 */
  dropReplay(end: ReplayEnd, signal: AbortSignal): Promise<void>;

  /** Checksums of the current rows (of a history: the open versions) in a key range, by the rule of ChunkChecksum. */
  checksum(target: TargetTable, range: ChunkRange, signal: AbortSignal): Promise<ChunkChecksum>;
  rowDigests(target: TargetTable, range: ChunkRange, signal: AbortSignal): AsyncIterable<RowDigest>;
  /** The current rows (of a history: the open versions) that have one of the keys, canonical texts in the schema's order. For tables with a key. */
  fetchRows(
    target: TargetTable,
    keys: readonly (readonly string[])[],
    signal: AbortSignal,
  ): AsyncIterable<readonly (string | null)[]>;
  /**
   * How many versions of a history begin more than an hour before the one before them has ended, if it has: less is what the source's
   * clock makes of a row that was deleted and made again while it was set back. 0 for a mirror. A range of keys, as of a checksum.
   */
  overlappingVersions(target: TargetTable, range: ChunkRange, signal: AbortSignal): Promise<number>;
  /**
   * One transaction: rows of the given keys become what was fetched from the source. Mirror: they are written, and those that were not
   * fetched go. History: the values of an open version are corrected in place, its start stays; a key without one gets one that
   * starts at `at`; the open version of a key that was not fetched ends at `at`. No mark moves. Safe to repeat. For tables with a key.
   * @throws PenstockError PS4006 fenced, PS4011 the table stands elsewhere than at `applied`, PS4004, PS4009, PS4010
   */
  repair(step: RepairStep, signal: AbortSignal): Promise<RowCounts>;
  /** Rows in quarantine, the newest first. A pipeline that loaded nothing yet has none. */
  quarantined(asked: QuarantineAsked, signal: AbortSignal): Promise<QuarantineEntry[]>;
  /** How many rows of each table are in quarantine, by table id. */
  quarantineCounts(pipeline: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /** Takes entries out as they were listed; one that was set aside again since stays. @returns how many */
  releaseQuarantined(pipeline: string, entries: readonly QuarantineMark[], signal: AbortSignal): Promise<number>;
  /** Drops staging tables of this pipeline unless they are to be retained. */
  dropStaging(targets: readonly TargetTable[], signal: AbortSignal): Promise<void>;
}

/** `tables` holds only those whose mark differs from the pipeline's; all others stand at `applied`. */
export interface LedgerMarks {
  /** The last extract applied; null: nothing was ever loaded. */
  readonly applied: number | null;
  readonly epoch: number;
  /** By table id. */
  readonly tables: ReadonlyMap<string, number>;
  /**
   * By table id, what was applied when its copy was finished: earlier extracts are in the copy, and are never applied again.
   * Null: a copy was begun and is not finished.
   */
  readonly copies: ReadonlyMap<string, number | null>;
  /** By table id: tables that are being replayed, up to their marks. They come first. */
  readonly replays: ReadonlyMap<string, ReplayMark>;
  /** Table ids: tables that were made anew and have to take their places before anything else. */
  readonly rebuilds: ReadonlySet<string>;
}

/** A table, and whose work on it this is. */
export interface TableOfEpoch {
  readonly pipeline: string;
  readonly epoch: number;
  readonly target: TargetTable;
}

export interface ColumnDrop extends TableOfEpoch {
  readonly column: string;
}

/** `target`: as it is to be. */
export interface Rebuild extends TableOfEpoch {
  /** Each of the target's columns → the column that holds its values; null: none does, it is what the column is added with. */
  readonly sources: ReadonlyMap<string, string | null>;
  /** Columns that are not kept. */
  readonly dropped: readonly string[];
  /** The table's mark: earlier extracts are under another key, and are never applied again. */
  readonly applied: number;
}

export interface KeyFaults {
  /** Rows with NULL in a column of the key. */
  readonly nulls: number;
  /** Rows that share their key with another row; of a history, with another current one. */
  readonly doubles: number;
}

export interface ReplayMark {
  /** The first extract of the replay. */
  readonly from: number;
  /** Extracts before this one are collected; `from` as long as none is. */
  readonly next: number;
}

export interface ReplayStart {
  readonly pipeline: string;
  readonly epoch: number;
  /** `upTo`: the table's mark, which stays until the replay has ended. */
  readonly tables: readonly { readonly table: string; readonly from: number; readonly upTo: number }[];
}

/** What one extract did to one table with a key. */
export interface ReplayStep {
  readonly pipeline: string;
  readonly epoch: number;
  readonly extract: number;
  /** Where the caller knows the replay to stand: extracts before this one are collected. */
  readonly next: number;
  readonly target: TargetTable;
  readonly parts: readonly MergePart[];
}

export type ReplayEnd = TableOfEpoch;

/** `next`: as in {@link ReplayStep}. */
export interface CollectedReplay extends ReplayEnd {
  readonly next: number;
}

/** Tells an entry of the quarantine from others; `at`: when it was set aside, by the destination's clock, UTC. */
export interface QuarantineMark {
  readonly id: string;
  readonly at: string;
}

export interface QuarantineAsked {
  readonly pipeline: string;
  /** Table ids; null: all. */
  readonly tables: readonly string[] | null;
  /** Entries older than this one; null: all. */
  readonly before: QuarantineMark | null;
  readonly limit: number;
}

/** A row that was set aside. */
export interface QuarantineEntry extends QuarantineMark {
  readonly table: string;
  readonly column: string;
  readonly reason: string;
  /** Where in the source's log, or which chunk of which copy. */
  readonly position: string;
  /** Canonical texts of its key; null: it cannot be fetched again. The user's own data, as `raw` is. */
  readonly key: readonly string[] | null;
  /** The row as the source wrote it: JSON of column → text. */
  readonly raw: string;
}

/** One destination transaction. */
export interface MergeStep {
  readonly pipeline: string;
  readonly epoch: number;
  readonly extract: number;
  /** Moves the pipeline's mark from `from` to `extract`; null: only tables' own marks move. */
  readonly pipelineMark: { readonly from: number | null } | null;
  /**
   * Own marks to set, by table id: a table that stays behind or is ahead of the pipeline has one;
   * `applied: null` removes it, and the table stands where the pipeline stands from now on.
   */
  readonly tableMarks: readonly { readonly table: string; readonly applied: number | null }[];
  /** Applied in this order. */
  readonly parts: readonly MergePart[];
}

/** The changes of one table from one extract part, in the form of extracts/row-encoding. */
export interface MergePart {
  readonly target: TargetTable;
  /** The target's columns that the part holds, in the part's order; null for one that the target has no more. */
  readonly columns: readonly (string | null)[];
  /** All rows that stood before this part go first (history: are ended at `truncatedAt`). */
  readonly truncatedAt: Timestamp | null;
  readonly rows: number;
  /** Some rows lack values that the source did not send; they are taken from the row as it stands. */
  readonly hasAbsent: boolean;
  /** The part's plain lines; may be called again when the step is tried again. */
  open(): AsyncIterable<Buffer>;
  /** Rows that go to the quarantine table in the same transaction. */
  readonly misfits: readonly (MisfitRow & { readonly position: string })[];
}

export interface MergeResult {
  /** By table id. */
  readonly tables: ReadonlyMap<string, RowCounts>;
}

export interface RowCounts {
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
}

export interface RepairStep {
  readonly pipeline: string;
  readonly epoch: number;
  readonly target: TargetTable;
  /** The extract that the table stands at: the rows are those of just there. */
  readonly applied: number;
  /** Canonical texts of the key columns, in identity order; not one twice. */
  readonly keys: readonly (readonly string[])[];
  /** When the rows were fetched, by the source's clock. */
  readonly at: Timestamp;
  readonly rows: number;
  /** The fetched rows: lines of a chunk, all columns of the target in order; only rows of `keys`. */
  open(): AsyncIterable<Buffer>;
  /** Rows that go to the quarantine table in the same transaction. */
  readonly misfits: readonly (MisfitRow & { readonly position: string })[];
}

export interface CopyRun {
  readonly pipeline: string;
  readonly target: TargetTable;
  /** 1 for the first copy of the table, one more for each that starts anew. */
  readonly generation: number;
  /** The snapshot's time: a history's first versions start here. */
  readonly takenAt: Timestamp;
  readonly epoch: number;
  /** Loads go on beside the copy, under leases with epochs of their own: chunks are fenced by `generation` alone. */
  readonly isBeside?: true;
}

export interface CopyChunk {
  readonly index: number;
  readonly rows: number;
  open(): AsyncIterable<Buffer>;
  readonly misfits: readonly MisfitRow[];
}

export interface DestinationColumn {
  readonly name: string;
  /** The destination's own text of the type, as its information schema prints it. */
  readonly type: string;
  readonly nullable: boolean;
}

export type StructureChange =
  | { readonly tag: 'add'; readonly column: string }
  | { readonly tag: 'widen'; readonly column: string }
  /** `column` is the new name. */
  | { readonly tag: 'rename'; readonly column: string; readonly from: string }
  /** Only where {@link Destination.unfitRows} found none. */
  | { readonly tag: 'narrow'; readonly column: string }
  /** With its values; see {@link Destination.dropColumn}. */
  | { readonly tag: 'drop'; readonly column: string };

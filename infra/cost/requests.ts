/** Calls of AWS that a pipeline makes, as they are billed. test/e2e/cost.server.test.ts counts them on a running pipeline and holds these to it. */
export interface Requests {
  /** S3: PutObject. */
  readonly puts: number;
  /** S3: GetObject. */
  readonly gets: number;
  /** S3: ListObjectsV2. */
  readonly lists: number;
  /** DynamoDB: 4 KB, strongly consistent. */
  readonly readUnits: number;
  /** DynamoDB: 1 KB. */
  readonly writeUnits: number;
  /** Secrets Manager: GetSecretValue. */
  readonly secretReads: number;
  /** SNS: messages to the topic. */
  readonly messages: number;
  /** Lambda: calls of `load`. */
  readonly loads: number;
  /** Lambda: calls of `schedule-tick` and of `health`. */
  readonly watches: number;
}

export const NO_REQUESTS: Requests = {
  puts: 0,
  gets: 0,
  lists: 0,
  readUnits: 0,
  writeUnits: 0,
  secretReads: 0,
  messages: 0,
  loads: 0,
  watches: 0,
};

/** What decides about the calls. */
export interface PipelineShape {
  readonly tables: number;
  readonly columnsPerTable: number;
}

const MINUTE = 60;
/** core/catalog/lease: a lease is renewed every so many seconds. */
const RENEW_SECONDS = 10;
/** core/operations/replication/watch-log: each look at the source's log opens a connection, which reads its password. */
const LOG_LOOK_SECONDS = 30;
/** core/operations/replication/follow: a reader that waits looks at the head, the switch and the lease. */
const STANDBY_LOOK_SECONDS = 5;
/** core/operations/scheduling/while-switched-on: whether the scheduler is on is looked at so often. */
const SWITCH_SECONDS = 5;
/** Items that are read and written are smaller than a unit: a status, a lease, the head, a report, an extract's record. */
const ITEM = 1;
/** Visible extracts are listed behind the head, which is read for it. */
const LIST = 2 * ITEM;

const READ_UNIT_BYTES = 4096;
/** A table's record in the catalog: its structure, mostly. */
const TABLE_RECORD_BYTES = 465;
const COLUMN_RECORD_BYTES = 145;

/** Read units of the records of all tables. Names of tables and columns move it by some percent. */
export function tablesUnits({ tables, columnsPerTable }: PipelineShape): number {
  return Math.max(
    1,
    Math.ceil((tables * (TABLE_RECORD_BYTES + columnsPerTable * COLUMN_RECORD_BYTES)) / READ_UNIT_BYTES),
  );
}

/** Asking how far loads are: the last run; where there is none, whether there are sums of earlier ones. */
export function loadedUnits(hasExtracts: boolean): number {
  return hasExtracts ? ITEM : 2 * ITEM;
}

/** A run's record in the catalog, besides what each table adds to it; the sums of a quarter of an hour likewise. */
const RUN_BYTES = 560;
const RUN_BYTES_PER_TABLE = 3;
const SUMS_BYTES = 430;
const SUMS_BYTES_PER_TABLE = 10;
const WRITE_UNIT_BYTES = 1024;

/** Bytes of the record of a run in which so many tables changed. */
export function runBytes(tables: number): number {
  return RUN_BYTES + tables * RUN_BYTES_PER_TABLE;
}

/**
 * A minute's part of the function `health` in the sums of runs: it looks at the newest, lists the runs and the full extracts behind it, and
 * writes the sums where there were any. `tables`: that changed in the quarter of an hour.
 */
export function sumsMinute(runs: number, tables: number): Requests {
  const sums = SUMS_BYTES + tables * SUMS_BYTES_PER_TABLE;
  const listed = Math.max(1, Math.ceil((runs * runBytes(tables)) / READ_UNIT_BYTES));
  return {
    ...NO_REQUESTS,
    readUnits: Math.ceil(sums / READ_UNIT_BYTES) + listed + ITEM,
    writeUnits: runs === 0 ? 0 : Math.ceil(sums / WRITE_UNIT_BYTES),
  };
}

/** A minute of the reader while nothing changes in its tables. `hasExtracts`: whether it ever made one. */
export function readerMinute(hasExtracts: boolean): Requests {
  return {
    ...NO_REQUESTS,
    // The switch. The status: head, report of loads, the last extract, the status before.
    readUnits: (MINUTE / SWITCH_SECONDS) * ITEM + 2 * ITEM + loadedUnits(hasExtracts) + (hasExtracts ? LIST : 0),
    writeUnits: (MINUTE / RENEW_SECONDS) * ITEM + ITEM,
    secretReads: MINUTE / LOG_LOOK_SECONDS,
  };
}

/** A minute of a second reader that stands by. */
export function standbyMinute(hasExtracts: boolean): Requests {
  return {
    ...NO_REQUESTS,
    readUnits:
      (MINUTE / STANDBY_LOOK_SECONDS) * 3 * ITEM + 2 * ITEM + loadedUnits(hasExtracts) + (hasExtracts ? LIST : 0),
  };
}

/** A minute of the two functions that the scheduler calls, besides the sums of runs. */
export function watchMinute(shape: PipelineShape, hasExtracts: boolean): Requests {
  const tick = ITEM + loadedUnits(hasExtracts);
  const health = 4 * ITEM + loadedUnits(hasExtracts) + tablesUnits(shape) + (hasExtracts ? LIST : 0);
  return { ...NO_REQUESTS, readUnits: tick + health, watches: 2 };
}

/** Where the schedule has runs: the tick looks once a minute which was served last. */
export const RUN_LOOK: Requests = { ...NO_REQUESTS, readUnits: ITEM };

/**
 * The head moves although nothing was extracted, because the log of a source moved that has other tables: at most once a minute, so that
 * the source may drop its log. It wakes the loader, which finds nothing to do.
 */
export function idleMove(hasExtracts: boolean): Requests {
  return { ...NO_REQUESTS, writeUnits: ITEM, readUnits: ITEM + loadedUnits(hasExtracts), loads: 1 };
}

/**
 * One extract with its load, however many tables changed: one object is put and read once; the reader writes the extract's item and the
 * head, the loader records the run. Its lease it looks at: it is still the one that it gave back, see core/catalog/reused-lease. Where loads
 * take longer than extracts, one call loads several of them, so that this is the most. An object above 8 MiB is read once for each table in it.
 */
export const EXTRACT: Requests = {
  ...NO_REQUESTS,
  puts: 1,
  gets: 1,
  writeUnits: 2 * ITEM + ITEM,
  // Behind or not: 2. Lease: 1. Ledger: 2. The extract: 2.
  readUnits: 7 * ITEM,
  loads: 1,
};

/** Bytes of an extract's item in the catalog (at most: measured when both its positions were kept whole) and of the head's, besides what a kind of source says of its positions. */
export const EXTRACT_ITEM_BYTES = 960;
const HEAD_ITEM_BYTES = 400;

/** What more an extract, its load and its removal take where positions remember so many bytes: both items are written with one. */
export function rememberingExtract(bytes: number): Requests {
  const item = moreUnits(EXTRACT_ITEM_BYTES, bytes);
  return {
    ...rememberingMove(bytes),
    // It is deleted, too.
    writeUnits: 2 * item + rememberingMove(bytes).writeUnits,
    readUnits: (2 * bytes) / READ_UNIT_BYTES,
  };
}

/** What more it takes to move the head; both items stay below a unit to read. */
export function rememberingMove(bytes: number): Requests {
  return { ...NO_REQUESTS, writeUnits: moreUnits(HEAD_ITEM_BYTES, bytes) };
}

function moreUnits(bytes: number, more: number): number {
  return Math.ceil((bytes + more) / WRITE_UNIT_BYTES) - Math.ceil(bytes / WRITE_UNIT_BYTES);
}

/**
 * An extract that has become old: its item is read with up to 500 others in one query when its object goes, and in another one when it is
 * deleted. S3 bills no deletions; one call deletes up to 1,000 objects.
 */
export const REMOVAL: Requests = {
  ...NO_REQUESTS,
  writeUnits: ITEM,
  readUnits: 2 * (EXTRACT_ITEM_BYTES / READ_UNIT_BYTES) * ITEM,
};

/** A minute in which extracts are loaded, besides them: the loader reads the tables' records again once a minute, and looks at the switch. */
export function loadingMinute(shape: PipelineShape): Requests {
  return { ...NO_REQUESTS, readUnits: tablesUnits(shape) + (MINUTE / SWITCH_SECONDS) * ITEM };
}

export function sumOf(...all: readonly Requests[]): Requests {
  return all.reduce((sum, one) => combined(sum, one, (a, b) => a + b), NO_REQUESTS);
}

export function times(requests: Requests, factor: number): Requests {
  return combined(requests, NO_REQUESTS, (count) => count * factor);
}

function combined(one: Requests, other: Requests, combine: (a: number, b: number) => number): Requests {
  const names = Object.keys(NO_REQUESTS) as (keyof Requests)[];
  return Object.fromEntries(names.map((name) => [name, combine(one[name], other[name])])) as unknown as Requests;
}

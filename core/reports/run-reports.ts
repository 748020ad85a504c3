import {
  addedSums,
  NO_SUMS,
  unpackedCounts,
  unpackedSums,
  type CopyRunRecord,
  type RunRecord,
  type RunSums,
  type SummaryRecord,
} from '../catalog/run-records.ts';
import { millisecondsBetween, type Timestamp } from '../changes/timestamp.ts';
import { daysOf, spanOfDay, type Span } from './calendar.ts';
import { durationsOf, quarterOf, type RunDurations } from './summaries.ts';

/** The rows of reports, from the catalog's records. Pure. Durations in milliseconds. */

/** One run: a line of the reports of a day. */
export interface RunRow extends RunDurations {
  readonly runId: string;
  /** Number of the extract; of a full extract, the one that it stands at. */
  readonly fileId: number;
  readonly kind: 'DELTA' | 'FULL' | 'SYNC_NEW';
  /** Null: not known. */
  readonly extractStart: Timestamp | null;
  readonly extractEnd: Timestamp;
  readonly loadStart: Timestamp | null;
  readonly loadEnd: Timestamp;
  readonly totalTables: number;
  readonly loadedTables: number;
  readonly errorTables: number;
  readonly initial: number;
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
  readonly status: RunRecord['status'];
  /** From the commit of its first change at the source to the end of its load. */
  readonly total: number;
}

/** A day of a month. */
export interface DayRow extends RunSums {
  readonly date: string;
  /** Initial rows and changes. */
  readonly records: number;
  readonly total: number;
}

/** `table`: its number; null: all tables. @returns null where the run did not touch the table */
export function runRow(run: RunRecord, table: number | null): RunRow | null {
  const counts = table === null ? run : unpackedCounts(run.counts).find(({ number }) => number === table);
  if (counts === undefined) return null;
  const durations = durationsOf(run);
  return {
    runId: String(run.extract),
    fileId: run.extract,
    kind: 'DELTA',
    extractStart: run.startedAt,
    extractEnd: run.extractedAt,
    loadStart: run.loadStartedAt,
    loadEnd: run.loadedAt,
    totalTables: run.tables,
    loadedTables: run.loaded,
    errorTables: run.errors,
    initial: 0,
    inserts: counts.inserts,
    updates: counts.updates,
    deletes: counts.deletes,
    status: run.status,
    ...durations,
    total: totalOf(durations),
  };
}

/** A full extract reads and loads at once: all of its time stands under both. */
export function copyRow(run: CopyRunRecord, table: number | null): RunRow | null {
  const initial =
    table === null ? run.rows : unpackedCounts(run.counts).find(({ number }) => number === table)?.inserts;
  if (initial === undefined) return null;
  const time = millisecondsBetween(run.startedAt, run.endedAt);
  return {
    runId: run.run,
    fileId: run.extract,
    kind: run.kind,
    extractStart: run.startedAt,
    extractEnd: run.endedAt,
    loadStart: run.startedAt,
    loadEnd: run.endedAt,
    totalTables: run.tables,
    loadedTables: run.loaded,
    errorTables: run.errors,
    initial,
    inserts: 0,
    updates: 0,
    deletes: 0,
    status: run.errors === 0 ? 'loaded' : 'errors',
    dbDelay: 0,
    extract: time,
    loadWait: 0,
    load: 0,
    total: time,
  };
}

export function totalOf({ dbDelay, extract, loadWait, load }: RunDurations): number {
  return dbDelay + extract + loadWait + load;
}

/** The days of a month in which something ran, in order. `summaries`: of the month at least. */
export function dayRows(
  month: string,
  zone: string,
  summaries: readonly SummaryRecord[],
  table: number | null,
): DayRow[] {
  return daysOf(month).flatMap((date) => {
    const sums = sumsIn(summaries, spanOfDay(date, zone), table);
    if (sums.runs === 0) return [];
    return [{ date, ...sums, records: recordsOf(sums), total: totalOf(sums) }];
  });
}

export function recordsOf({ initial, inserts, updates, deletes }: RunSums): number {
  return initial + inserts + updates + deletes;
}

/** What ran in a span, which begins and ends with a quarter of an hour. */
export function sumsIn(summaries: readonly SummaryRecord[], { from, to }: Span, table: number | null): RunSums {
  const [first, end] = [quarterOf(from), quarterOf(to)];
  return summaries
    .filter(({ quarter }) => quarter >= first && quarter < end)
    .map((summary) => (table === null ? summary : (unpackedSums(summary.perTable).get(table) ?? NO_SUMS)))
    .reduce<RunSums>(addedSums, NO_SUMS);
}

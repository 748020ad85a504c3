import * as z from 'zod';
import { packNumbers, unpackNumbers } from './packed-numbers.ts';

/** What the catalog keeps of runs, for reports; see docs/reports.md. */

const DAY = 86_400_000;
/** How long the catalog keeps each run, and the sums of each quarter of an hour, in milliseconds. */
export const RUN_MILLISECONDS = 35 * DAY;
export const SUMMARY_MILLISECONDS = 400 * DAY;

const whole = z.int().nonnegative();

/**
 * One extract and its load; the last one also says how far loads are. It is written once, when the load is committed at the
 * destination, and never again.
 */
export const runRecord = z.strictObject({
  extract: z.int().positive(),
  /**
   * `errors`: some tables are stopped, or were stopped by it. `recovered`: whoever loaded it ended before it could say so; when the load
   * began is not known. `covered`: never loaded by itself, because copies of all tables hold it and all before it.
   */
  status: z.enum(['loaded', 'errors', 'recovered', 'covered']),
  /** When the first change came to the reader, and how old it was then, in milliseconds; null: not known. */
  startedAt: z.string().nullable(),
  dbDelay: whole,
  extractedAt: z.string(),
  /** Commit of the last change at the source. */
  sourceDate: z.string(),
  loadStartedAt: z.string().nullable(),
  loadedAt: z.string(),
  /** Tables with changes, those of them that were loaded, and those that have an error. A table that is being copied is neither. */
  tables: whole,
  loaded: whole,
  errors: whole,
  /** Changes at the source to the tables that were loaded. */
  inserts: whole,
  updates: whole,
  deletes: whole,
  /** Of the extract's objects. */
  bytes: whole,
  /** By table, those of the three numbers above; see {@link packedCounts}. */
  counts: z.string(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** What happened to one table in a run. `number`: of the table, see table-numbers. */
export interface TableCount {
  readonly number: number;
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
}

export function packedCounts(counts: readonly TableCount[]): string {
  return packNumbers(counts.map(({ number, inserts, updates, deletes }) => [number, inserts, updates, deletes]));
}

export function unpackedCounts(text: string): TableCount[] {
  return unpackNumbers(text, 4).map(([number = 0, inserts = 0, updates = 0, deletes = 0]) => {
    return { number, inserts, updates, deletes };
  });
}

/** A full extract that has ended, of all tables or of some. */
export const copyRunRecord = z.strictObject({
  run: z.string(),
  kind: z.enum(['FULL', 'SYNC_NEW']),
  startedAt: z.string(),
  endedAt: z.string(),
  /** The extract that the copies stand at. */
  extract: whole,
  tables: whole,
  loaded: whole,
  errors: whole,
  rows: whole,
  /** By table, its rows as inserts; see {@link packedCounts}. */
  counts: z.string(),
});
export type CopyRunRecord = z.infer<typeof copyRunRecord>;

/** Sums that add up. Durations in milliseconds. */
export const runSums = z.strictObject({
  runs: whole,
  /** Rows of full extracts. */
  initial: whole,
  inserts: whole,
  updates: whole,
  deletes: whole,
  dbDelay: whole,
  extract: whole,
  loadWait: whole,
  load: whole,
});
export type RunSums = z.infer<typeof runSums>;

/** The runs that ended in one quarter of an hour: a day of every time zone is made of them. */
export const summaryRecord = z.strictObject({
  /** Its first moment, UTC: `2026-11-21T09:15`. */
  quarter: z.string(),
  ...runSums.shape,
  /** Runs with an error. */
  failed: whole,
  /** The first run and full extract in it, 0 and empty: none; and the last ones that it or an earlier one holds. */
  firstRun: whole,
  lastRun: whole,
  firstCopy: z.string(),
  lastCopy: z.string(),
  /** {@link RunSums} by table, in the order of {@link SUM_NAMES}, packed. */
  perTable: z.string(),
});
export type SummaryRecord = z.infer<typeof summaryRecord>;

export const SUM_NAMES = Object.keys(runSums.shape) as (keyof RunSums)[];

export const NO_SUMS: RunSums = {
  runs: 0,
  initial: 0,
  inserts: 0,
  updates: 0,
  deletes: 0,
  dbDelay: 0,
  extract: 0,
  loadWait: 0,
  load: 0,
};

export function addedSums(one: RunSums, other: RunSums): RunSums {
  return Object.fromEntries(SUM_NAMES.map((name) => [name, one[name] + other[name]])) as unknown as RunSums;
}

/** By the table's number. */
export function packedSums(sums: ReadonlyMap<number, RunSums>): string {
  return packNumbers([...sums].map(([number, of]) => [number, ...SUM_NAMES.map((name) => of[name])]));
}

export function unpackedSums(text: string): Map<number, RunSums> {
  return new Map(
    unpackNumbers(text, SUM_NAMES.length + 1).map(([number = 0, ...values]) => {
      const entries = SUM_NAMES.map((name, index) => [name, values[index] ?? 0]);
      return [number, Object.fromEntries(entries) as RunSums];
    }),
  );
}

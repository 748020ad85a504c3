import { millisecondsBetween, millisecondsFromTimestamp, type Timestamp } from '../changes/timestamp.ts';
import {
  addedSums,
  NO_SUMS,
  packedSums,
  unpackedCounts,
  unpackedSums,
  type CopyRunRecord,
  type RunRecord,
  type RunSums,
  type SummaryRecord,
} from '../catalog/run-records.ts';

/** Sums of runs by quarters of an hour. Pure. */

export const QUARTER = 15 * 60_000;
/** Tables of a quarter that have sums of their own: more would not fit into an item of the catalog. */
const MOST_TABLES = 10_000;

/** A run or a full extract that has ended, as its sums. */
export interface EndedRun {
  readonly at: Timestamp;
  readonly sums: RunSums;
  readonly perTable: ReadonlyMap<number, RunSums>;
  readonly hasFailed: boolean;
  /** Its number; null: a full extract, whose place among them is `copy`. */
  readonly run: number | null;
  readonly copy: string | null;
}

/** How long the parts of a run took, in milliseconds. */
export type RunDurations = Pick<RunSums, 'dbDelay' | 'extract' | 'loadWait' | 'load'>;

export function durationsOf(run: RunRecord): RunDurations {
  const { dbDelay, startedAt, extractedAt, loadStartedAt, loadedAt } = run;
  return {
    dbDelay,
    extract: startedAt === null ? 0 : millisecondsBetween(startedAt, extractedAt),
    // Where it is not known when the load began, it did all of it.
    loadWait: loadStartedAt === null ? 0 : millisecondsBetween(extractedAt, loadStartedAt),
    load: millisecondsBetween(loadStartedAt ?? extractedAt, loadedAt),
  };
}

export function endedRun(run: RunRecord): EndedRun {
  const { extract, loadedAt, status, inserts, updates, deletes, counts } = run;
  const isCovered = status === 'covered';
  const own: RunSums = { ...NO_SUMS, runs: 1, ...durationsOf(run) };
  const perTable = unpackedCounts(counts).map(({ number, ...of }): [number, RunSums] => [number, { ...own, ...of }]);
  return {
    at: loadedAt,
    sums: isCovered ? NO_SUMS : { ...own, inserts, updates, deletes },
    perTable: new Map(perTable),
    hasFailed: status === 'errors',
    run: extract,
    copy: null,
  };
}

/** A full extract reads and loads at once: all of its time counts as extraction. */
export function endedCopy(sort: string, run: CopyRunRecord): EndedRun {
  const own: RunSums = { ...NO_SUMS, runs: 1, extract: millisecondsBetween(run.startedAt, run.endedAt) };
  const perTable = unpackedCounts(run.counts).map(({ number, inserts }): [number, RunSums] => {
    return [number, { ...own, initial: inserts }];
  });
  return {
    at: run.endedAt,
    sums: { ...own, initial: run.rows },
    perTable: new Map(perTable),
    hasFailed: run.errors > 0,
    run: null,
    copy: sort,
  };
}

/** `2026-11-21T09:15` of every moment in that quarter of an hour. */
export function quarterOf(instant: number): string {
  return new Date(Math.floor(instant / QUARTER) * QUARTER).toISOString().slice(0, 16);
}

/**
 * The quarters that change when these runs are added, in their order; each is complete up to its last run, so that they can be written one
 * after the other. `latest`: the newest that there is. A run that ended before its quarter counts there: those before it are closed.
 */
export function summarised(latest: SummaryRecord | null, ended: readonly EndedRun[]): SummaryRecord[] {
  const changed: OpenQuarter[] = [];
  let current = latest === null ? null : new OpenQuarter(latest);
  // In the order of their ends, but runs never before their predecessors: a quarter holds all up to its last one.
  for (const one of inOrder(ended)) {
    const quarter = quarterOf(millisecondsFromTimestamp(one.at));
    if (current === null || quarter > current.quarter) current = new OpenQuarter(emptyQuarter(quarter, current));
    current.add(one);
    if (changed.at(-1) !== current) changed.push(current);
  }
  return changed.map((quarter) => quarter.record());
}

/** Merges runs and full extracts, each in their own order, by their ends. */
function inOrder(ended: readonly EndedRun[]): EndedRun[] {
  const runs = ended.filter(({ run }) => run !== null).sort((a, b) => (a.run ?? 0) - (b.run ?? 0));
  const copies = ended.filter(({ copy }) => copy !== null).sort((a, b) => ((a.copy ?? '') < (b.copy ?? '') ? -1 : 1));
  const merged: EndedRun[] = [];
  for (const run of runs) {
    while (copies[0] !== undefined && copies[0].at <= run.at) merged.push(...copies.splice(0, 1));
    merged.push(run);
  }
  return [...merged, ...copies];
}

class OpenQuarter {
  readonly #before: SummaryRecord;
  readonly #perTable: Map<number, RunSums>;
  #sums: RunSums;
  #failed: number;
  #firstRun: number;
  #lastRun: number;
  #firstCopy: string;
  #lastCopy: string;

  constructor(before: SummaryRecord) {
    this.#before = before;
    this.#sums = before;
    this.#perTable = unpackedSums(before.perTable);
    this.#failed = before.failed;
    this.#firstRun = before.firstRun;
    this.#lastRun = before.lastRun;
    this.#firstCopy = before.firstCopy;
    this.#lastCopy = before.lastCopy;
  }

  get quarter(): string {
    return this.#before.quarter;
  }

  get lastRun(): number {
    return this.#lastRun;
  }

  get lastCopy(): string {
    return this.#lastCopy;
  }

  add({ sums, perTable, hasFailed, run, copy }: EndedRun): void {
    this.#sums = addedSums(this.#sums, sums);
    for (const [table, of] of perTable) {
      const known = this.#perTable.get(table);
      if (known !== undefined || this.#perTable.size < MOST_TABLES) {
        this.#perTable.set(table, addedSums(known ?? NO_SUMS, of));
      }
    }
    if (hasFailed) this.#failed++;
    if (run !== null) {
      if (this.#firstRun === 0) this.#firstRun = run;
      this.#lastRun = run;
    }
    if (copy !== null) {
      if (this.#firstCopy === '') this.#firstCopy = copy;
      this.#lastCopy = copy;
    }
  }

  record(): SummaryRecord {
    return {
      ...addedSums(this.#sums, NO_SUMS),
      quarter: this.quarter,
      failed: this.#failed,
      firstRun: this.#firstRun,
      lastRun: this.#lastRun,
      firstCopy: this.#firstCopy,
      lastCopy: this.#lastCopy,
      perTable: packedSums(this.#perTable),
    };
  }
}

function emptyQuarter(quarter: string, before: OpenQuarter | null): SummaryRecord {
  return {
    ...NO_SUMS,
    quarter,
    failed: 0,
    firstRun: 0,
    lastRun: before?.lastRun ?? 0,
    firstCopy: '',
    lastCopy: before?.lastCopy ?? '',
    perTable: '',
  };
}

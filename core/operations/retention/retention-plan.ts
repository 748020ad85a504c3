import type { ExtractRecord } from '../../catalog/records.ts';
import type { Timestamp } from '../../changes/timestamp.ts';
import type { LedgerMarks } from '../../destinations/destination.ts';

/** What is known when it is asked which extracts' files may go. */
export interface RetentionView {
  /** The oldest whose files may be there, ascending. */
  readonly records: readonly ExtractRecord[];
  /** Files that were made before this moment are old. */
  readonly before: Timestamp;
  readonly lastExtract: number;
  /** The catalog's report of loads. */
  readonly loaded: number;
  readonly marks: LedgerMarks;
  /** By table id: tables that are copied beside the log, and the extract behind which they will join it. */
  readonly joining: ReadonlyMap<string, number>;
}

export interface RetentionPlan {
  /** Ascending, without gaps. */
  readonly expired: readonly ExtractRecord[];
  /** Tables that need an extract which is old enough to go. */
  readonly heldBy: readonly string[];
}

/**
 * Pure: the files of which extracts nothing needs any more. Kept whatever their age: the last one, which is what is shown of the pipeline;
 * what the pipeline or a table has not applied, one that is being copied beside the log included; what a replay under way was begun with, since it may have to begin anew. A report or a
 * ledger that lags behind, or is that of a restored database, keeps more, never less.
 */
export function planRetention(view: RetentionView): RetentionPlan {
  const { records, before, lastExtract, loaded, marks, joining } = view;
  const needs = [...marks.tables, ...joining]
    .map(([table, applied]) => ({ table, last: applied }))
    .concat([...marks.replays].map(([table, { from }]) => ({ table, last: from - 1 })));
  const ownLast = Math.min(lastExtract - 1, loaded, marks.applied ?? 0);
  const last = Math.min(ownLast, ...needs.map((need) => need.last));
  const recent = records.findIndex((record) => filesMadeAt(record) >= before);
  const old = recent === -1 ? records : records.slice(0, recent);
  const oldest = old.filter(({ number }) => number <= ownLast).at(-1)?.number ?? 0;
  return {
    expired: old.filter(({ number }) => number <= last),
    heldBy: [...new Set(needs.filter((need) => need.last < oldest).map(({ table }) => table))].sort(),
  };
}

/** Pure: which of the oldest extracts need not be listed any more. `cleared`: files of extracts before it are gone. */
export function planUnlisting(records: readonly ExtractRecord[], before: Timestamp, cleared: number): ExtractRecord[] {
  const kept = records.findIndex(({ number, createdAt }) => number >= cleared || createdAt >= before);
  return kept === -1 ? [...records] : records.slice(0, kept);
}

/** Files that were made again are kept for as long as new ones. */
export function filesMadeAt({ createdAt, madeAgainAt }: ExtractRecord): Timestamp {
  return madeAgainAt ?? createdAt;
}

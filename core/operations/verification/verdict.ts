import type { Timestamp } from '../../changes/timestamp.ts';
import type { ChunkChecksum } from '../../sources/source-connector.ts';
import type { RowDifference } from './compared-table.ts';
import { areEqual, type TableTotals } from './table-totals.ts';

/** When and where a verdict was found. */
interface Verified {
  readonly table: string;
  /** Where the source's log stood when the comparison began. */
  readonly position: string;
  readonly at: Timestamp;
  readonly chunks: number;
  /** Rows that were fetched from the source again. */
  readonly repaired: number;
}

/**
 * `unsettled`: nothing is known to differ, but some rows changed during every look. `notComparable`: the copy is not meant to be equal
 * (a WHERE, no initial extract, never copied, stopped); `reason` says why.
 */
export type TableVerdict =
  | ({ readonly tag: 'equal'; readonly rows: number; readonly checksum: string } & Verified)
  | ({ readonly tag: 'unsettled'; readonly rows: number; readonly unsettled: number } & Verified)
  | ({
      readonly tag: 'different';
      readonly source: ChunkChecksum;
      readonly destination: ChunkChecksum;
      /** At most {@link LISTED_DIFFERENCES} of them. */
      readonly differences: readonly RowDifference[];
      /** How many there are, or at least so many where there are more than were looked at. */
      readonly differing: number;
      readonly isMore: boolean;
      readonly unsettled: number;
      /** `possible`: the log behind the copy was not read by anybody, so that what differs may be only on its way. */
      readonly inFlight: 'none' | 'possible';
      /** Versions of a history that begin before the one before them has ended. */
      readonly overlaps: number;
    } & Verified)
  | { readonly tag: 'notComparable'; readonly table: string; readonly reason: string };

const LISTED_DIFFERENCES = 100;

/** Pure: what was found of a table, said of it. */
export function verdictOf(
  table: string,
  { totals, position }: { readonly totals: TableTotals; readonly position: string },
  at: Timestamp,
  repaired: number,
): Exclude<TableVerdict, { tag: 'notComparable' }> {
  const { source, destination, chunks, differences, earlier, isMore, unsettled, overlaps } = totals;
  const verified = { table, position, at, chunks, repaired };
  if (!areEqual(totals)) {
    return {
      ...{ tag: 'different', source, destination, isMore, unsettled, overlaps },
      differences: differences.slice(0, LISTED_DIFFERENCES),
      differing: differences.length + earlier,
      inFlight: totals.inFlight ? 'possible' : 'none',
      ...verified,
    };
  }
  if (unsettled > 0) return { tag: 'unsettled', rows: source.rows, unsettled, ...verified };
  return { tag: 'equal', rows: source.rows, checksum: source.sum, ...verified };
}

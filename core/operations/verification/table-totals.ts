import { compareKeys, type ChunkRange } from '../../changes/copy-mark.ts';
import type { ChunkChecksum } from '../../sources/source-connector.ts';
import type { ChunkLook } from './compare-chunk.ts';
import type { RowDifference, Settled } from './compared-table.ts';

/** A table's chunks together. */
export interface TableTotals {
  readonly source: ChunkChecksum;
  readonly destination: ChunkChecksum;
  readonly chunks: number;
  readonly differences: readonly RowDifference[];
  /** Rows that differ besides, found by an earlier call; which they are is not known any more. */
  readonly earlier: number;
  readonly isMore: boolean;
  readonly unsettled: number;
  readonly inFlight: boolean;
  readonly overlaps: number;
}

export const NOTHING: TableTotals = {
  source: { rows: 0, sum: '0:0' },
  destination: { rows: 0, sum: '0:0' },
  chunks: 0,
  differences: [],
  earlier: 0,
  isMore: false,
  unsettled: 0,
  inFlight: false,
  overlaps: 0,
};

/** Whether all that was looked at is equal. */
export function areEqual({ differences, earlier, overlaps, isMore }: TableTotals): boolean {
  return differences.length === 0 && earlier === 0 && overlaps === 0 && !isMore;
}

export function addChunk(totals: TableTotals, look: ChunkLook): TableTotals {
  return {
    ...totals,
    source: addChecksums(totals.source, look.source),
    destination: addChecksums(totals.destination, look.destination),
    chunks: totals.chunks + 1,
    overlaps: totals.overlaps + look.overlaps,
  };
}

export function addSettled(totals: TableTotals, settled: Settled): TableTotals {
  return {
    ...totals,
    differences: [...totals.differences, ...settled.differences],
    unsettled: totals.unsettled + settled.unsettled,
    inFlight: totals.inFlight || settled.inFlight,
  };
}

export function addChecksums(a: ChunkChecksum, b: ChunkChecksum): ChunkChecksum {
  const [left, right] = [a.sum.split(':'), b.sum.split(':')];
  const sum = left.map((part, index) => String(BigInt(part) + BigInt(right[index] ?? '0'))).join(':');
  return { rows: a.rows + b.rows, sum };
}

/** The ranges, or the parts of them, that lie behind a key; they ascend. Null: ranges that cannot be gone on with. */
export function rangesBehind(ranges: readonly ChunkRange[], key: string): ChunkRange[] | null {
  const left: ChunkRange[] = [];
  for (const range of ranges) {
    if (range.tag !== 'key') return null;
    const order = (bound: string): number => compareKeys(range.compareAs, bound, key);
    if (range.upTo !== null && order(range.upTo) <= 0) continue;
    left.push(range.after === null || order(range.after) < 0 ? { ...range, after: key } : range);
  }
  return left;
}

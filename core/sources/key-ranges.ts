import type { ChunkRange, KeyOrder } from '../changes/copy-mark.ts';

/** Ranges that both sides can tell: those of pages are the source's alone. */
export function sharedRanges(ranges: readonly ChunkRange[]): ChunkRange[] {
  return ranges.every(({ tag }) => tag === 'key') ? [...ranges] : [{ tag: 'whole' }];
}

/** Boundaries ascend and differ; the first and the last range have no end, so that every row is in just one. */
export function keyRanges(column: string, compareAs: KeyOrder, boundaries: readonly string[]): ChunkRange[] {
  const ranges: ChunkRange[] = boundaries.map((upTo, index) => ({
    tag: 'key',
    column,
    compareAs,
    after: boundaries[index - 1] ?? null,
    upTo,
  }));
  return [...ranges, { tag: 'key', column, compareAs, after: boundaries.at(-1) ?? null, upTo: null }];
}

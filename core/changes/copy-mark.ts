import type { ColumnType } from './column-type.ts';

/**
 * A part of a table that is copied as one unit.
 * `key`: rows with `after` < key ≤ `upTo` in the order of `column`'s canonical values (null: unbounded).
 * `pages`: rows stored in these pages or row-id ranges; only the connector reads `from` and `to`.
 * `whole`: the whole table.
 */
export type ChunkRange =
  | {
      readonly tag: 'key';
      readonly column: string;
      readonly compareAs: KeyOrder;
      readonly after: string | null;
      readonly upTo: string | null;
    }
  | { readonly tag: 'pages'; readonly from: string; readonly to: string | null }
  | { readonly tag: 'whole' };

/** How canonical texts of a key column sort as the source sorts them: as numbers, or byte by byte. */
export type KeyOrder = 'number' | 'bytes';

/** Rows in `range` were copied at `order` (a {@link SourcePosition}'s order): changes up to there are in the copy already. */
export interface CopyMark {
  readonly range: ChunkRange;
  readonly order: string;
}

/** The order for chunks of a key column of this type, or null when the source's order cannot be told from canonical text. */
export function keyOrderOf(type: ColumnType): KeyOrder | null {
  switch (type.tag) {
    case 'integer':
      return 'number';
    case 'date':
    case 'datetime':
      return 'bytes';
    case 'boolean':
    case 'decimal':
    case 'double':
    case 'time':
    case 'text':
    case 'binary':
      return null;
  }
}

/** Negative, 0 or positive, as `a` sorts before, with or after `b`. Numbers are integers of any size. */
export function compareKeys(as: KeyOrder, a: string, b: string): number {
  if (as === 'bytes') return a < b ? -1 : a > b ? 1 : 0;
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Whether a row whose `range.column` has the canonical value `key` lies in `range`. Page ranges cannot be told from values: they hold every row. */
export function rangeHolds(range: ChunkRange, key: string): boolean {
  if (range.tag !== 'key') return true;
  if (range.after !== null && compareKeys(range.compareAs, key, range.after) <= 0) return false;
  return range.upTo === null || compareKeys(range.compareAs, key, range.upTo) <= 0;
}

import type { SourcePosition } from './position.ts';
import type { TableName } from './table-name.ts';
import type { TableSchema } from './table-schema.ts';
import type { Timestamp } from './timestamp.ts';

/**
 * A row's values in the order of its schema's columns, each the canonical text of its column's type.
 * `null` is NULL; `undefined` is a value that the source did not send, which is not NULL.
 */
export type RowValues = readonly (string | null | undefined)[];

/** A value that its destination type cannot hold. It is never cut, nulled, defaulted or clamped. */
export interface Misfit {
  readonly column: string;
  /** What is wrong, without the value itself: `infinity`, `more than 65 digits`, `before 1000-01-01`. */
  readonly reason: string;
}

/** One change of one row, complete in itself. */
export interface RowChange {
  readonly schema: TableSchema;
  readonly op: 'insert' | 'update' | 'delete';
  /**
   * The row before the change, of which at least the key columns (identity `key`) or all columns (identity `row`) are set.
   * Null for an insert, and for an update that left the key as it was.
   */
  readonly before: RowValues | null;
  /** The row after the change; null for a delete. */
  readonly after: RowValues | null;
  /** Set when a value of `after` does not fit; that value then stands in `after` as the source's raw text. */
  readonly misfit: Misfit | null;
}

/**
 * What a connector reads from a log, in commit order, whole transactions one after the other:
 * `begin`, then rows, truncates and schemas, then `commit`; a `heartbeat` only outside a transaction.
 */
export type SourceEvent =
  /**
   * `at`: the commit time of the transaction that begins, as the source's log states it.
   * `order`: where its commit stands in the log; it is part of a snapshot just when `order` < the snapshot position's order
   * (PostgreSQL: the LSN of the commit record; the `commit` event's position lies behind that record).
   */
  | { readonly tag: 'begin'; readonly at: Timestamp; readonly order: string }
  | { readonly tag: 'row'; readonly change: RowChange }
  | { readonly tag: 'truncate'; readonly table: TableName }
  /** The table's structure for the rows that follow, before the first row of the table and after every change of it. */
  | { readonly tag: 'schema'; readonly schema: TableSchema }
  /**
   * From here on the log does not tell what becomes of the table's rows: the table stops, and is copied anew. Told once where it is met;
   * later changes of the table go on as far as they can be read, for a copy that was made behind this place needs them.
   */
  | { readonly tag: 'obstacle'; readonly table: TableName; readonly reason: string }
  /** The end of a transaction; `position` is where reading goes on after it. */
  | { readonly tag: 'commit'; readonly position: SourcePosition; readonly committedAt: Timestamp }
  /** Nothing of interest lies before `position`: an idle source's log may be released up to here. */
  | { readonly tag: 'heartbeat'; readonly position: SourcePosition; readonly at: Timestamp };

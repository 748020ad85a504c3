import type { OutputColumn } from './columns.ts';

/** A change's place in the order of all captured changes; the LSNs as 20 upper-case hexadecimal digits, the others as decimal numbers. */
export interface CapturedPlace {
  readonly lsn: string;
  readonly command: string;
  readonly sequence: string;
  /** 1: a deleted row, 2: an inserted one, 3: an updated row before, 4: after; {@link BEFORE_ALL}: the place before all changes of its commit. */
  readonly operation: string;
}

export const BEFORE_ALL = '0';

/** Change data capture. LSNs are given and taken as 20 upper-case hexadecimal digits, masks as hexadecimal digits. */
export type CaptureStatement =
  /**
   * Capture instances of all tables, oldest first: schema, table, name of the instance, object id of the table, of its change table,
   * start LSN, least LSN that is still whole (fn_cdc_get_min_lsn; zeros: not known to this user), has a command id (`0`, `1`).
   */
  | { readonly tag: 'captureInstances' }
  /** The instances' columns by ordinal: instance, column, ordinal from 1, column id in the table, type name, length, precision, scale. */
  | { readonly tag: 'capturedColumns'; readonly instances: readonly string[] }
  /** One row: the LSN up to which changes were captured (null: nothing yet), and its time by the server's clock. */
  | { readonly tag: 'capturedUpTo' }
  /** One row: the least LSN of the commits that are still told of (null: none is). */
  | { readonly tag: 'capturedFrom' }
  /**
   * One row: the end of the transaction log as the server writes it (`0000002B:00000128:0001`, place.ts reads it), and what `now` tells. What commits
   * later has a greater LSN, or this one.
   */
  | { readonly tag: 'logEnd' }
  /** The next transactions behind an LSN that were captured: commit LSN, time of commit by the server's clock (`2026-11-21T09:00:00.123`); ascending. */
  | { readonly tag: 'capturedTransactions'; readonly after: string; readonly most: number }
  /** Of the instances that have rows behind `after` up to `upTo`: their number, from 0, in the order given. At most {@link MOST_DETECTED}. */
  | {
      readonly tag: 'changedInstances';
      readonly instances: readonly { readonly instance: string; readonly after: string; readonly upTo: string }[];
    }
  /**
   * Changes behind a place up to an LSN in their order, at most `most`: LSN, command id, sequence value, operation, update mask, the columns.
   * Error 208 where the instance was dropped.
   */
  | {
      readonly tag: 'capturedChanges';
      readonly instance: string;
      readonly columns: readonly OutputColumn[];
      readonly after: CapturedPlace;
      readonly upTo: string;
      readonly most: number;
    }
  /** Changes of structure of captured tables, by LSN: schema, table, instance, LSN, whether a type was changed (`0`, `1`), the statement. */
  | { readonly tag: 'structureHistory'; readonly instances: readonly string[] }
  /** A row for each instance in the order given: its number from 0, may SELECT from its change table (`0`, `1`; null: there is none). */
  | { readonly tag: 'captureRights'; readonly instances: readonly string[] }
  /** One row: minutes for which changes are kept; none or a refusal (229, 916) where the user may not know. */
  | { readonly tag: 'captureRetention' };

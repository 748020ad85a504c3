import type { TableName } from '../../../changes/table-name.ts';
import type { OutputColumn, TypedColumn } from './columns.ts';

/** Change Tracking. Versions are whole numbers of up to 19 digits: one a commit, of the whole database. */
export type TrackingStatement =
  /** One row: the version of the last commit; null: change tracking is off. In a SNAPSHOT transaction the last one that it sees. */
  | { readonly tag: 'trackingVersion' }
  /**
   * Tracked tables of the database: schema, name, object id, the least version from which their changes are whole (the clean-up moves it),
   * the version at which their tracking began, which a truncate moves, too.
   */
  | { readonly tag: 'trackedTables' }
  /** Of the tables that have changes behind their version: their number, from 0, in the order given. At most {@link MOST_DETECTED}. */
  | { readonly tag: 'changedTables'; readonly tables: readonly { readonly table: TableName; readonly after: string }[] }
  /**
   * What became of each key that was changed behind `after` and not behind `upTo`, in no order: version, operation (`I`, `U`, `D`),
   * `1` where the row is there now, the key's columns' output texts (of the change), the columns' output texts (of the row as it is now).
   */
  | {
      readonly tag: 'trackedChanges';
      readonly table: TableName;
      readonly key: readonly TypedColumn[];
      readonly columns: readonly OutputColumn[];
      readonly after: string;
      readonly upTo: string;
    };

/** Tables of one `changedTables`. */
export const MOST_DETECTED = 100;

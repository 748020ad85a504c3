import type { ColumnType } from '../changes/column-type.ts';
import type { TableSchema } from '../changes/table-schema.ts';

/** Where and how a source table lives at the destination; computed from settings and schema by destinations/target-naming. */
export interface TargetTable {
  readonly schema: TableSchema;
  readonly database: string;
  readonly name: string;
  readonly stagingDatabase: string;
  readonly columns: readonly TargetColumn[];
  readonly keeping: Keeping;
}

/** A mirror holds the rows as they are; a history holds every version with its dates (type 2). */
export type Keeping =
  | { readonly tag: 'mirror' }
  | {
      readonly tag: 'history';
      readonly startColumn: string;
      readonly endColumn: string;
      /** The end of a version that is still current: `9999-12-31 00:00:00.000000`. */
      readonly openEnd: string;
    };

export interface TargetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly inKey: boolean;
  /** As in Column: what rows had before the column was added. */
  readonly backfill: string | null;
}

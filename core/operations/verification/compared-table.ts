import type { TableSchema } from '../../changes/table-schema.ts';
import type { TargetTable } from '../../destinations/target-table.ts';
import type { TableSelection } from '../../sources/source-connector.ts';
import type { DifferenceKind } from './row-prints.ts';

/** A table of which both sides are compared. */
export interface ComparedTable {
  readonly table: string;
  readonly selection: TableSelection;
  readonly schema: TableSchema;
  readonly target: TargetTable;
}

/** A row that is not the same on both sides. */
export interface RowDifference {
  readonly kind: DifferenceKind;
  /** Canonical texts of the key columns; of a table without a key the row's digest. */
  readonly key: readonly string[];
  /** Names of the columns that differ; empty where the row is on one side only. */
  readonly columns: readonly string[];
}

/** What became of rows that looked different at first. */
export interface Settled {
  readonly differences: readonly RowDifference[];
  /** Rows that changed during every look: neither equal nor different. */
  readonly unsettled: number;
  /** The log behind the copy was not extracted: what differs may be only on its way. */
  readonly inFlight: boolean;
}

import type { TableName } from '../../../changes/table-name.ts';
import type { OutputColumn, RowCondition, TypedColumn } from './columns.ts';

/**
 * SCNs are decimal texts. `asOf`: rows as they were at this SCN (flashback query): every transaction that committed at or before it, and
 * no other; null: as they are when the statement begins. Errors of a flashback: 1555 and 8181, 8180 (undo is gone, no such SCN), 1466 (the table was
 * altered since), 1031 and 942 (a right is missing).
 */
export type RowStatement =
  /** The columns of the rows for which all conditions hold; ascending by `orderBy` where it is given. */
  | {
      readonly tag: 'rows';
      readonly table: TableName;
      readonly asOf: string | null;
      readonly columns: readonly OutputColumn[];
      readonly conditions: readonly RowCondition[];
      readonly orderBy: TypedColumn | null;
    }
  /** Every so many rows, in the column's order, its output text, ascending; may repeat. */
  | {
      readonly tag: 'boundaries';
      readonly table: TableName;
      readonly asOf: string | null;
      readonly column: TypedColumn;
      readonly every: number;
    }
  /** One row: the greatest value of a column among the rows for which all conditions hold, as its output text; null: there is none. */
  | {
      readonly tag: 'greatest';
      readonly table: TableName;
      readonly asOf: string | null;
      readonly column: TypedColumn;
      readonly conditions: readonly RowCondition[];
    }
  /** No row. Refused by the server as the condition deserves: syntax, unknown names. */
  | { readonly tag: 'tryCondition'; readonly table: TableName; readonly where: string };

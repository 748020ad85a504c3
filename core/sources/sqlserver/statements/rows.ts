import type { TableName } from '../../../changes/table-name.ts';
import type { OutputColumn, RowCondition, TypedColumn } from './columns.ts';

export type RowStatement =
  /** The columns of the rows for which all conditions hold; ascending by `orderBy` where it is given. */
  | {
      readonly tag: 'rows';
      readonly table: TableName;
      readonly columns: readonly OutputColumn[];
      readonly conditions: readonly RowCondition[];
      readonly orderBy: TypedColumn | null;
    }
  /** Every so many rows, in the column's order, its output text, ascending; may repeat. */
  | { readonly tag: 'boundaries'; readonly table: TableName; readonly column: TypedColumn; readonly every: number }
  /** One row: the greatest value of a column among the rows for which all conditions hold, as its output text; null: there is none. */
  | {
      readonly tag: 'greatest';
      readonly table: TableName;
      readonly column: TypedColumn;
      readonly conditions: readonly RowCondition[];
    };

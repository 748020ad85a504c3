import type { TableName } from '../../../changes/table-name.ts';
import type { TypedColumn } from './columns.ts';

export type CatalogStatement =
  /** User tables that the user may read: schema, name, object id, estimated rows. */
  | { readonly tag: 'listTables' }
  /** Primary keys of all tables that {@link CatalogStatement} `listTables` shows: schema, name, column; by place in the key. */
  | { readonly tag: 'listKeys' }
  /**
   * Of those that exist: schema, name, object id, is memory-optimized (`0`, `1`), temporal type (`0`: none, `1`: history, `2`: versioned).
   * Names are compared by the database's collation: what is not meant must be left out by code.
   */
  | { readonly tag: 'tables'; readonly tables: readonly TableName[] }
  /**
   * Their columns in order: schema, table, column, column id, name of the system type, length in bytes (-1: max), precision, scale,
   * nullable, computed (`0`, `1`), its default's definition (`((5))`) or null, place in the primary key from 1 or null,
   * is the column set of sparse columns (`0`, `1`), its collation or null.
   */
  | { readonly tag: 'columns'; readonly tables: readonly TableName[] }
  /** One row: the output text of the column's value that is written `constant`; null: it has none. */
  | { readonly tag: 'defaultText'; readonly column: TypedColumn; readonly constant: string }
  /** The first column of each index of the table. */
  | { readonly tag: 'leadingColumns'; readonly table: TableName }
  /** One row: bytes used by the table's data, rows, by the server's counts. */
  | { readonly tag: 'tableSize'; readonly table: TableName };

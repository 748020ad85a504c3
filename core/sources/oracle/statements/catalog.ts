import type { TableName } from '../../../changes/table-name.ts';

/** Names are told as the server keeps them, and compared exactly. Views ALL_…: what the user may see. */
export type CatalogStatement =
  /**
   * Tables of users, without those of Oracle's own users, temporary, nested, external ones, overflows, logs of materialized views and dropped ones:
   * owner, name, estimated rows (null: no statistics).
   */
  | { readonly tag: 'listTables' }
  /** Primary keys of all tables that `listTables` shows: owner, name, column; by place in the key. */
  | { readonly tag: 'listKeys' }
  /**
   * Of those that exist: owner, name, object id, data object id (null: it has partitions), kind (`heap`, `index` for index-organised, `cluster`), is temporary, is
   * nested, is external, keeps an SCN of each row (ROWDEPENDENCIES), lets rows move (ROW MOVEMENT) (each `0`, `1`), time of the last change of
   * structure by the server's clock (`YYYY-MM-DD HH24:MI:SS`), may get partitions by itself (`0`, `1`; always `1` for partitions by list).
   */
  | { readonly tag: 'tables'; readonly tables: readonly TableName[] }
  /** The numbers under which redo tells rows of the tables, their own and their partitions': owner, name, DATA_OBJ# (the object id), DATA_OBJD# (the data object id; null: no rows are kept there). */
  | { readonly tag: 'tableObjects'; readonly tables: readonly TableName[] }
  /**
   * Their columns, in the order of INTERNAL_COLUMN_ID, hidden ones of the server's own making left out: owner, table, column, COLUMN_ID (null: invisible), INTERNAL_COLUMN_ID, SEGMENT_COLUMN_ID
   * (null: virtual), type (`NUMBER`, `TIMESTAMP(6)`, `REF PERSON`), its owner (null: built in), length in bytes, CHAR_LENGTH, precision, scale (null: none), nullable,
   * is virtual (each `0`, `1`), definition of its default as it was written (`'new'`, `SYSDATE `; null: none), is on null (DEFAULT ON NULL), is an identity, is encrypted
   * in its blocks (each `0`, `1`).
   */
  | { readonly tag: 'columns'; readonly tables: readonly TableName[] }
  /** Columns of their primary keys that are enforced: owner, table, column; by place in the key. */
  | { readonly tag: 'keys'; readonly tables: readonly TableName[] }
  /** Supplemental logging of the tables: owner, table, `ALL COLUMN LOGGING`, `PRIMARY KEY LOGGING`, `UNIQUE KEY LOGGING`, `FOREIGN KEY LOGGING` or `USER LOG GROUP`. */
  | { readonly tag: 'logGroups'; readonly tables: readonly TableName[] }
  /**
   * What of the tables need not be in the logs: owner, table, null for direct loads into it or one of its partitions (NOLOGGING), or the name of a column whose
   * large values are stored with NOLOGGING.
   */
  | { readonly tag: 'unlogged'; readonly tables: readonly TableName[] }
  /**
   * Where the table's rows are kept, ascending: ROWID of the first row that could be there, bytes. Error 942 without rights on
   * DBA_EXTENTS and DBA_OBJECTS. No rows for an index-organised table.
   */
  | { readonly tag: 'extents'; readonly table: TableName }
  /** One row: bytes and rows by the server's statistics; null: there are none. */
  | { readonly tag: 'tableSize'; readonly table: TableName }
  /** The first column of each index of the table. */
  | { readonly tag: 'leadingColumns'; readonly table: TableName };

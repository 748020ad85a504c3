import { createHash } from 'node:crypto';
import { describeType, type ColumnType } from './column-type.ts';
import type { TableName } from './table-name.ts';

/** A column as it is replicated: after the user's choices (mask, column type change) were applied to the source's column. */
export interface Column {
  readonly name: string;
  /** The source's own number or id of the column, where it has one: a column that was dropped and added again under its name is another one. Digits alone are a number: see {@link columnNumber}. */
  readonly sourceId?: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** The source's own name of the type, for people: `character varying(20)`. */
  readonly sourceType: string;
  /**
   * The canonical text that rows have which existed before the column was added and were not written since
   * (a default that the source applied without logging the rows); null when they have NULL.
   */
  readonly backfill: string | null;
  /** Set where such rows may hold values that nobody knows (a default that was computed per row): the column cannot be added to a copy, the table must be copied anew. */
  readonly backfillUnknown?: true;
}

/**
 * How a row is found again in the destination.
 * `key`: by key columns. `row`: by the whole row and how often it stands there (a table without a key).
 */
export type RowIdentity = { readonly tag: 'key'; readonly columns: readonly string[] } | { readonly tag: 'row' };

/** A table's structure at one point of the source's log. Columns in the source's order; row values are arrays in that order. */
export interface TableSchema {
  readonly table: TableName;
  readonly columns: readonly Column[];
  readonly identity: RowIdentity;
  /** {@link schemaFingerprint} of the rest: two schemas with one fingerprint are the same. */
  readonly fingerprint: string;
}

/** Makes a schema with its fingerprint. */
export function tableSchema(schema: Omit<TableSchema, 'fingerprint'>): TableSchema {
  return { ...schema, fingerprint: schemaFingerprint(schema) };
}

/** 16 hexadecimal digits over names, source ids, types, nullability and identity; not over backfills, which are about old rows. */
export function schemaFingerprint(schema: Omit<TableSchema, 'fingerprint'>): string {
  const content = [
    schema.table.schema,
    schema.table.name,
    schema.columns.map((column) => [column.name, column.sourceId ?? null, describeType(column.type), column.nullable]),
    schema.identity.tag === 'key' ? schema.identity.columns : null,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}

/** The column's number at the source, which it keeps under another name; null where the source has no such numbers. */
export function columnNumber({ sourceId }: Pick<Column, 'sourceId'>): string | null {
  return sourceId !== undefined && /^[1-9]\d*$/.test(sourceId) ? sourceId : null;
}

/** The places of the key columns in a row's values; empty for a table without a key. */
export function keyOrdinals(schema: TableSchema): number[] {
  if (schema.identity.tag === 'row') return [];
  return schema.identity.columns.map((name) => schema.columns.findIndex((column) => column.name === name));
}

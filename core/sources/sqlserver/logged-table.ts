import type { RowValues } from '../../changes/change.ts';
import { tableId } from '../../changes/table-name.ts';
import { keyOrdinals } from '../../changes/table-schema.ts';
import { canonicalRow, columnDecoders, type ColumnDecoder } from '../row-decoder.ts';
import type { Row } from './server/session.ts';
import { outputsOf, primaryKeyOf, typedColumn, type ReplicatedTable } from './describe.ts';
import type { OutputColumn, TypedColumn } from './statements/columns.ts';
import { isLarge } from './values/source-type.ts';

/** A table as its changes are read: what is asked for, and how the answers become changes. */
export interface LoggedTable {
  readonly id: string;
  readonly table: ReplicatedTable;
  readonly decoders: readonly ColumnDecoder[];
  readonly outputs: readonly OutputColumn[];
  /** The places of the identity in the schema's columns; all places for a table without a key. */
  readonly identity: readonly number[];
  readonly hasKey: boolean;
  /** The primary key's columns, by which change tracking tells rows, and the place of each in the schema; -1: it is not there. */
  readonly primary: readonly TypedColumn[];
  readonly primaryPlaces: readonly number[];
  /** By column: whether an image may lack its value where it did not change. */
  readonly isLarge: readonly boolean[];
}

export function loggedTable(table: ReplicatedTable): LoggedTable {
  const { schema, columns } = table;
  const primary = primaryKeyOf(table.source);
  const hasKey = schema.identity.tag === 'key';
  return {
    id: tableId(schema.table),
    table,
    decoders: columnDecoders(table),
    outputs: outputsOf(table),
    identity: hasKey ? keyOrdinals(schema) : columns.map((_, index) => index),
    hasKey,
    primary: primary.map(typedColumn),
    primaryPlaces: primary.map(({ name }) => columns.findIndex(({ column }) => column.name === name)),
    isLarge: columns.map(({ source, isMasked }) => !isMasked && isLarge(source.type)),
  };
}

/** The row in canonical texts, of which only what identifies it is kept. A value that does not fit stays as the server printed it. */
export function identityValues(logged: LoggedTable, outputs: Row): RowValues {
  const { values } = canonicalRow(logged.decoders, outputs);
  if (!logged.hasKey) return values;
  const kept: (string | null | undefined)[] = new Array<undefined>(values.length).fill(undefined);
  for (const place of logged.identity) kept[place] = values[place];
  return kept;
}

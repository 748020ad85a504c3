import { keyOrdinals } from '../../changes/table-schema.ts';
import { tableId } from '../../changes/table-name.ts';
import { columnDecoders, type ColumnDecoder } from '../row-decoder.ts';
import type { ReplicatedTable } from './describe.ts';
import { isExtended } from './source-table.ts';
import { isLarge } from './values/source-type.ts';

/** A table as its changes are read from redo. */
export interface LoggedTable {
  readonly id: string;
  readonly table: ReplicatedTable;
  readonly decoders: readonly ColumnDecoder[];
  /** By name, the place of a column in the schema. */
  readonly places: ReadonlyMap<string, number>;
  /** The places of the identity in the schema's columns; all places for a table without a key. */
  readonly identity: readonly number[];
  readonly hasKey: boolean;
  /** By column: whether an old image never holds its value. */
  readonly isLarge: readonly boolean[];
}

export function loggedTable(table: ReplicatedTable): LoggedTable {
  const { schema, columns } = table;
  const hasKey = schema.identity.tag === 'key';
  return {
    id: tableId(schema.table),
    table,
    decoders: columnDecoders(table),
    places: new Map(columns.map(({ source }, place) => [source.name, place])),
    identity: hasKey ? keyOrdinals(schema) : columns.map((_, index) => index),
    hasKey,
    isLarge: columns.map(({ source, isMasked }) => !isMasked && (isLarge(source.type) || isExtended(source))),
  };
}

import { tableId, type TableName } from '../../../changes/table-name.ts';
import { EventBytes } from './event-bytes.ts';
import type { EventHeader } from './event-header.ts';
import { readTypeMetadata, type MappedColumn } from './mapped-column.ts';
import { readMetadata } from './table-map-metadata.ts';

/** TABLE_MAP: the structure that a table's rows have until the next one of its id. */
export interface TableMap {
  readonly tableId: number;
  readonly table: TableName;
  readonly columns: readonly MappedColumn[];
  /** Ordinals of the primary key's columns, in the key's order; null: the metadata does not say, empty: there is none. */
  readonly primaryKey: readonly number[] | null;
  /** Whether the columns' names are known: binlog_row_metadata=FULL. */
  readonly isFull: boolean;
}

/** What the file's format description says of its table maps. */
export interface TableMapFormat {
  readonly idBytes: 4 | 6;
  /** MariaDB and MySQL differ in which columns have a collation. */
  readonly isMariaDb: boolean;
}

/** The first bytes of a table map, for telling whether it is of a table of interest. */
export function parseTableMapName(
  buffer: Buffer,
  header: EventHeader,
  idBytes: 4 | 6,
): { readonly tableId: number; readonly table: TableName; readonly bodyStart: number } {
  const bytes = new EventBytes(buffer, header.start, header.end, 'a table map');
  const id = bytes.unsigned(idBytes);
  bytes.take(2);
  const schema = bytes.text(bytes.u8());
  bytes.take(1);
  const name = bytes.text(bytes.u8());
  bytes.take(1);
  return { tableId: id, table: { schema, name }, bodyStart: bytes.offset };
}

/** @throws PenstockError PS2008 */
export function parseTableMap(buffer: Buffer, header: EventHeader, format: TableMapFormat): TableMap {
  const head = parseTableMapName(buffer, header, format.idBytes);
  const what = `the table map of ${tableId(head.table)}`;
  const bytes = new EventBytes(buffer, head.bodyStart, header.end, what);
  const types = bytes.bytes(bytes.packed());
  const typeBytes = bytes.part(bytes.packed());
  const nullBits = bytes.bytes((types.length + 7) >> 3);
  const plain = Array.from(types, (type, index) => ({
    ...readTypeMetadata(type, typeBytes, what),
    nullable: (((nullBits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1,
  }));
  typeBytes.requireEnd();
  const { columns, primaryKey } = readMetadata(plain, bytes, format.isMariaDb);
  const isFull = columns.length > 0 && columns.every(({ name }) => name !== null);
  return { tableId: head.tableId, table: head.table, columns, primaryKey: isFull ? (primaryKey ?? []) : null, isFull };
}

import { PenstockError } from '../../errors/penstock-error.ts';
import { keyOrdinals, type TableSchema } from '../../changes/table-schema.ts';
import { tableId } from '../../changes/table-name.ts';
import { columnDecoder, type ColumnDecoder } from '../row-decoder.ts';
import type { Charsets } from './values/charset.ts';
import type { ReplicatedTable } from './describe.ts';
import { agrees, loggedSourceType, loggedTypeOf, needsDescription } from './values/logged-type.ts';
import { valueReader, type ValueReader } from './values/log-values.ts';
import { valueExtent, type ValueExtent } from './values/value-extent.ts';
import type { MappedColumn } from './binlog/mapped-column.ts';
import type { SourceColumn, SourceTable } from './source-table.ts';
import type { SourceType } from './values/source-type.ts';
import type { TableMap } from './binlog/table-map.ts';

/** How the rows of a table map are read; made once for each structure. */
export interface LoggedTable {
  readonly schema: TableSchema;
  /** In the order of the table map. */
  readonly columns: readonly PlannedColumn[];
  readonly keyOrdinals: readonly number[];
  readonly isRowIdentity: boolean;
}

export interface PlannedColumn {
  readonly read: ValueReader;
  readonly extent: ValueExtent;
  readonly isKey: boolean;
  /** Place in the schema, or -1 where the column is not replicated. */
  readonly ordinal: number;
  readonly decoder: ColumnDecoder | null;
}

/** What is known of the server and of the alterations before. */
export interface LoggedContext {
  readonly charsets: Charsets;
  readonly version: number;
  /** Whether the column was added and its default changed since, so that nobody knows what older rows have. */
  readonly isUncertain: (column: string) => boolean;
  /** When the rows were written, by the server's clock, in seconds since 1970. */
  readonly writtenAt: number;
}

/** A table as the log described it, or why it cannot be told. */
export type LoggedStructure =
  | {
      readonly tag: 'table';
      readonly source: SourceTable;
      /** Columns whose form only information_schema tells; null: all. */
      readonly trusted: readonly string[] | null;
    }
  | { readonly tag: 'obstacle'; readonly reason: string };

/**
 * The table as it was when the log was written: names, types, keys from the table map; what the log leaves out (defaults, which columns
 * are generated, network types) from information_schema as it is now.
 */
export function sourceTableOf(map: TableMap, now: SourceTable | null, context: LoggedContext): LoggedStructure {
  if (!map.isFull) return withoutNames(map, now, context);
  const columns: SourceColumn[] = [];
  const trusted: string[] = [];
  for (const [ordinal, mapped] of map.columns.entries()) {
    const name = mapped.name ?? '';
    const known = now?.columns.find((column) => column.name === name) ?? null;
    const type = loggedSourceType(mapped, known?.type ?? null, context.charsets);
    if (type === null) return untold(name, mapped);
    if (needsDescription(mapped, type)) trusted.push(name);
    const place = map.primaryKey?.indexOf(ordinal) ?? -1;
    columns.push({
      ...sinceThen(known, type, context.isUncertain(name)),
      name,
      type,
      nullable: mapped.nullable,
      placeInPrimaryKey: place === -1 ? null : place + 1,
    });
  }
  return { tag: 'table', source: { ...tableOf(map, now), columns }, trusted };
}

function untold(name: string, { type, metadata }: MappedColumn): LoggedStructure {
  return {
    tag: 'obstacle',
    reason: `the log does not tell how column ${name} is to be read (type ${type}, ${metadata}) as long as information_schema does not have it so`,
  };
}

function tableOf(map: TableMap, now: SourceTable | null): Omit<SourceTable, 'columns'> {
  return {
    table: now?.table ?? map.table,
    engine: now?.engine ?? null,
    alteredAt: now?.alteredAt ?? null,
    isVersioned: now?.isVersioned ?? false,
    cascades: now?.cascades ?? [],
  };
}

/** What the log does not say of a column. Of one that is of another type now, its default is that of the other type. */
function sinceThen(
  known: SourceColumn | null,
  type: SourceType,
  isUncertain: boolean,
): Pick<SourceColumn, 'declared' | 'generated' | 'default'> {
  if (known === null) return { declared: type.tag, generated: 'no', default: { tag: 'unknown' } };
  const isSame = JSON.stringify(known.type) === JSON.stringify(type);
  return {
    declared: isSame ? known.declared : type.tag,
    generated: known.generated,
    default: isUncertain || !isSame ? { tag: 'unknown' } : known.default,
  };
}

/**
 * binlog_row_metadata=MINIMAL, or a server that has no other: the names are those that the table has now, if all else agrees and it was not
 * altered since the rows were written. Columns of one type may have changed their places or names, which nothing else would show.
 * CREATE_TIME moves with every ALTER TABLE (seen on MySQL 5.7.22, 8.0.15, 9.7.4 and MariaDB 10.11).
 */
function withoutNames(map: TableMap, now: SourceTable | null, { charsets, writtenAt }: LoggedContext): LoggedStructure {
  const reason =
    now === null
      ? 'the log has no column names (binlog_row_metadata=FULL was not set), and the table is not there any more'
      : 'the log has no column names (binlog_row_metadata=FULL was not set), and the table has another structure now than it had then';
  if (now === null || now.columns.length !== map.columns.length) return { tag: 'obstacle', reason };
  if (now.alteredAt === null || now.alteredAt >= writtenAt) return { tag: 'obstacle', reason: ALTERED_SINCE };
  const isSame = now.columns.every((column, ordinal) => {
    const mapped = map.columns[ordinal];
    return mapped !== undefined && mapped.nullable === column.nullable && agrees(mapped, column.type, charsets);
  });
  return isSame ? { tag: 'table', source: now, trusted: null } : { tag: 'obstacle', reason };
}

const ALTERED_SINCE =
  'the log has no column names (binlog_row_metadata=FULL was not set), and the table was altered after its rows were written, or in the same second';

/**
 * `earlier`: the schema that was announced last; one of the same structure is kept, so that its rows stay together.
 * @throws PenstockError PS2008
 */
export function planTable(
  map: TableMap,
  table: ReplicatedTable,
  context: LoggedContext,
  earlier: TableSchema | null,
): LoggedTable {
  const schema = earlier?.fingerprint === table.schema.fingerprint ? earlier : table.schema;
  const id = tableId(schema.table);
  const keys = keyOrdinals(schema);
  const columns = map.columns.map((mapped, place): PlannedColumn => {
    const source = table.source.columns[place];
    const name = source?.name ?? '';
    const ordinal = schema.columns.findIndex((one) => one.name === name);
    const replicated = table.columns[ordinal];
    const type: SourceType = source?.type ?? { tag: 'unknown', declared: '' };
    if (replicated?.isMasked === false && 'charset' in type && context.charsets.decoderOf(type.charset) === null) {
      throw new PenstockError('PS2008', `${id}: texts of column ${name}, ${type.charset}, cannot be read`);
    }
    const where = `${id}: column ${name}`;
    return {
      read: valueReader(loggedTypeOf(mapped, type, context.charsets, context), where),
      extent: valueExtent(mapped.type, mapped.metadata, where),
      isKey: keys.includes(ordinal),
      ordinal,
      decoder: replicated === undefined ? null : columnDecoder(replicated),
    };
  });
  return { schema, columns, keyOrdinals: keys, isRowIdentity: schema.identity.tag === 'row' };
}

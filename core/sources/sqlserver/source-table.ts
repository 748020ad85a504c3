import { tableId, type TableName } from '../../changes/table-name.ts';
import { requiredTables } from '../required-tables.ts';
import { allRows, type Row, type Session } from './server/session.ts';
import { declaredType, sourceTypeOf, type SourceType } from './values/source-type.ts';

/** A table as the server's catalog describes it now. */
export interface SourceTable {
  readonly table: TableName;
  /** The server's number of it: another table of the same name has another one. */
  readonly objectId: string;
  /** Memory-optimized: neither tracked nor captured. */
  readonly isInMemory: boolean;
  /** `history`: the server writes its rows, of a system-versioned table. */
  readonly temporal: 'no' | 'history' | 'versioned';
  readonly columns: readonly SourceColumn[];
}

export interface SourceColumn {
  readonly name: string;
  /** The server's number of it, which it keeps under another name; a column that is added again has another one. */
  readonly columnId: number;
  readonly type: SourceType;
  /** As people write it: `nvarchar(20)`. */
  readonly declared: string;
  readonly nullable: boolean;
  readonly isComputed: boolean;
  /** The definition of its default, `((5))`; null: it has none. */
  readonly default: string | null;
  /** How its texts are compared; null: they are no texts. */
  readonly collation: string | null;
  /** From 1; null: not part of the primary key. */
  readonly placeInPrimaryKey: number | null;
}

/** Tables of one statement, which holds 2,100 parameters at most. */
const AT_ONCE = 500;

/** Reads tables from the catalog, in the order asked for. @throws PenstockError PS1005 */
export async function readSourceTables(session: Session, tables: readonly TableName[]): Promise<SourceTable[]> {
  return requiredTables(tables, await findSourceTables(session, tables));
}

/** Those of `tables` that exist, by table id. */
export async function findSourceTables(
  session: Session,
  tables: readonly TableName[],
): Promise<ReadonlyMap<string, SourceTable>> {
  const found = new Map<string, SourceTable & { columns: SourceColumn[] }>();
  for (let start = 0; start < tables.length; start += AT_ONCE) {
    const some = tables.slice(start, start + AT_ONCE);
    // The database's collation may compare names without case; what is not meant is left out.
    const wanted = new Set(some.map(tableId));
    for (const row of await allRows(session, { tag: 'tables', tables: some })) {
      const table = headOf(row);
      if (wanted.has(tableId(table.table))) found.set(tableId(table.table), table);
    }
    for (const row of await allRows(session, { tag: 'columns', tables: some })) {
      const [schema, name, ...rest] = row;
      if (rest[10] === '1') continue;
      found.get(tableId({ schema: schema ?? '', name: name ?? '' }))?.columns.push(columnOf(rest));
    }
  }
  return found;
}

function headOf([schema, name, objectId, isInMemory, temporal]: Row): SourceTable & { columns: SourceColumn[] } {
  return {
    table: { schema: schema ?? '', name: name ?? '' },
    objectId: objectId ?? '',
    isInMemory: isInMemory === '1',
    temporal: temporal === '1' ? 'history' : temporal === '2' ? 'versioned' : 'no',
    columns: [],
  };
}

function columnOf(row: Row): SourceColumn {
  const [name, columnId, typeName, length, precision, scale, nullable, computed, definition, place, , collation] = row;
  const type = {
    name: typeName ?? '',
    length: Number(length),
    precision: Number(precision),
    scale: Number(scale),
  };
  return {
    name: name ?? '',
    columnId: Number(columnId),
    type: sourceTypeOf(type),
    declared: declaredType(type),
    nullable: nullable === '1',
    isComputed: computed === '1',
    default: definition ?? null,
    collation: collation ?? null,
    placeInPrimaryKey: place === null || place === undefined ? null : Number(place),
  };
}

import { tableId, type TableName } from '../../changes/table-name.ts';
import { requiredTables } from '../required-tables.ts';
import { allRows, type Row } from '../session.ts';
import type { Session } from './server/session.ts';
import { declaredType, sourceTypeOf, type SourceType } from './values/source-type.ts';

/** A table as the server's catalog describes it now. */
export interface SourceTable {
  readonly table: TableName;
  /** The server's number of it: another table of the same name has another one. */
  readonly objectId: string;
  readonly kind: 'heap' | 'index' | 'cluster';
  readonly isTemporary: boolean;
  readonly isNested: boolean;
  readonly isExternal: boolean;
  /** ROWDEPENDENCIES: ORA_ROWSCN is of the row, not of its block. */
  readonly hasRowScns: boolean;
  /** The last change of structure by the server's clock, `YYYY-MM-DD HH:MM:SS`. */
  readonly alteredAt: string;
  /** Whether the server makes partitions by itself, when rows need them. */
  readonly makesParts: boolean;
  readonly columns: readonly SourceColumn[];
}

export interface SourceColumn {
  readonly name: string;
  /** Its place among the columns that are stored, by which redo names it where it knows no names (`COL 3`); null: a virtual one. */
  readonly place: number | null;
  readonly type: SourceType;
  /** As people write it: `VARCHAR2(20)`. */
  readonly declared: string;
  /** Most bytes of a value. */
  readonly bytes: number;
  readonly nullable: boolean;
  /** Its bytes in blocks and logs are not those of its values. */
  readonly isEncrypted: boolean;
  readonly isVirtual: boolean;
  /** The definition of its default, `'new'`; null: it has none. */
  readonly default: string | null;
  /** What its default was when it was added, as the log tells; null: it had none. Absent: nobody knows. */
  readonly addedWith?: string | null;
  /** From 1; null: not part of the primary key. */
  readonly placeInPrimaryKey: number | null;
}

const MOST_TEXT_BYTES = 4000;
const MOST_RAW_BYTES = 2000;

/**
 * Whether values may be longer than a row has room for (MAX_STRING_SIZE=EXTENDED): they are kept as large objects, no log group holds them, and redo
 * tells longer ones in pieces (Utilities, "Supported Data Types and Table Storage Attributes").
 */
export function isExtended({ type, bytes }: Pick<SourceColumn, 'type' | 'bytes'>): boolean {
  if (type.tag === 'char' || type.tag === 'varchar') return bytes > MOST_TEXT_BYTES;
  return type.tag === 'raw' && bytes > MOST_RAW_BYTES;
}

/** Tables of one statement. */
const AT_ONCE = 200;

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
    for (const row of await allRows(session, { tag: 'tables', tables: some })) {
      const table = headOf(row);
      found.set(tableId(table.table), table);
    }
    const keys = await readKeys(session, some);
    for (const [schema, name, ...rest] of await allRows(session, { tag: 'columns', tables: some })) {
      const id = tableId({ schema: schema ?? '', name: name ?? '' });
      found.get(id)?.columns.push(columnOf(rest, keys.get(id) ?? []));
    }
  }
  return found;
}

async function readKeys(session: Session, tables: readonly TableName[]): Promise<Map<string, string[]>> {
  const keys = new Map<string, string[]>();
  for (const [schema, name, column] of await allRows(session, { tag: 'keys', tables })) {
    const id = tableId({ schema: schema ?? '', name: name ?? '' });
    keys.set(id, [...(keys.get(id) ?? []), column ?? '']);
  }
  return keys;
}

function headOf(row: Row): SourceTable & { columns: SourceColumn[] } {
  const [schema, name, objectId, , kind, temporary, nested, external, dependencies, , alteredAt, makesParts] = row;
  return {
    table: { schema: schema ?? '', name: name ?? '' },
    objectId: objectId ?? '',
    kind: kind === 'index' || kind === 'cluster' ? kind : 'heap',
    isTemporary: temporary === '1',
    isNested: nested === '1',
    isExternal: external === '1',
    hasRowScns: dependencies === '1',
    alteredAt: alteredAt ?? '',
    makesParts: makesParts === '1',
    columns: [],
  };
}

function columnOf(row: Row, key: readonly string[]): SourceColumn {
  const [
    name,
    ,
    ,
    place,
    typeName,
    owner,
    length,
    characters,
    precision,
    scale,
    nullable,
    virtual,
    definition,
    ,
    ,
    encrypted,
  ] = row;
  const type = {
    name: typeName ?? '',
    owner: owner ?? null,
    length: Number(length ?? 0),
    characters: Number(characters ?? 0),
    precision: numberOf(precision),
    scale: numberOf(scale),
  };
  const placeInKey = key.indexOf(name ?? '');
  return {
    name: name ?? '',
    place: numberOf(place),
    type: sourceTypeOf(type),
    declared: declaredType(type),
    bytes: type.length,
    nullable: nullable === '1',
    isEncrypted: encrypted === '1',
    isVirtual: virtual === '1',
    default: definition ?? null,
    placeInPrimaryKey: placeInKey === -1 ? null : placeInKey + 1,
  };
}

function numberOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}

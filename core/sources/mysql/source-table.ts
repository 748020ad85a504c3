import { tableId, type TableName } from '../../changes/table-name.ts';
import { requiredTables } from '../required-tables.ts';
import { readCascades } from './server/cascades.ts';
import type { Session } from './connection.ts';
import { columnDefault, type ColumnDefault } from './server/column-default.ts';
import { sourceTypeOf, type SourceType } from './values/source-type.ts';
import { literal } from './sql.ts';

/** A table as information_schema describes it now, or as the log described it then. */
export interface SourceTable {
  readonly table: TableName;
  readonly engine: string | null;
  /** When its structure was last changed, by the server's clock, in seconds since 1970; null: the server does not say. */
  readonly alteredAt: number | null;
  /** A system-versioned table of MariaDB: its old rows are changed by no statement of the user. */
  readonly isVersioned: boolean;
  /** Names of its foreign keys by which the engine changes rows of this table without a word in the log. */
  readonly cascades: readonly string[];
  readonly columns: readonly SourceColumn[];
}

export interface SourceColumn {
  readonly name: string;
  readonly type: SourceType;
  /** As people write it: `int(10) unsigned`. */
  readonly declared: string;
  readonly nullable: boolean;
  readonly generated: 'no' | 'stored' | 'virtual';
  readonly default: ColumnDefault;
  /** From 1; null: not part of the primary key. */
  readonly placeInPrimaryKey: number | null;
}

/** Reads tables from information_schema, in the order asked for. @throws PenstockError PS1005 */
export async function readSourceTables(session: Session, tables: readonly TableName[]): Promise<SourceTable[]> {
  return requiredTables(tables, await findSourceTables(session, tables));
}

/** Those of `tables` that exist, by table id. */
export async function findSourceTables(
  session: Session,
  tables: readonly TableName[],
): Promise<ReadonlyMap<string, SourceTable>> {
  const found = new Map<string, SourceTable & { columns: SourceColumn[] }>();
  if (tables.length === 0) return found;
  const wanted = new Set(tables.map(tableId));
  const names = tables.map(({ schema, name }) => `(${literal(schema)}, ${literal(name)})`).join(', ');
  // information_schema compares names without case; what is not meant is left out below.
  const heads = await session.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE, TABLE_TYPE, UNIX_TIMESTAMP(CREATE_TIME) FROM information_schema.TABLES
     WHERE (TABLE_SCHEMA, TABLE_NAME) IN (${names}) AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
  );
  for (const [schema, name, engine = null, kind, altered = null] of heads) {
    const table = { schema: schema ?? '', name: name ?? '' };
    if (!wanted.has(tableId(table))) continue;
    found.set(tableId(table), {
      table,
      engine,
      alteredAt: numberOrNull(altered),
      isVersioned: kind === 'SYSTEM VERSIONED',
      cascades: await readCascades(session, table),
      columns: [],
    });
  }
  const keys = await primaryKeys(session, names);
  for (const row of await session.rows(columnsQuery(names))) {
    const id = tableId({ schema: row[0] ?? '', name: row[1] ?? '' });
    const place = keys.get(`${id}\n${row[2] ?? ''}`) ?? null;
    found.get(id)?.columns.push(columnOf(row, session.isMariaDb, place));
  }
  return found;
}

async function primaryKeys(session: Session, names: string): Promise<ReadonlyMap<string, number>> {
  const rows = await session.rows(
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, SEQ_IN_INDEX FROM information_schema.STATISTICS
     WHERE (TABLE_SCHEMA, TABLE_NAME) IN (${names}) AND INDEX_NAME = 'PRIMARY'`,
  );
  return new Map(
    rows.map(([schema, name, column, place]) => [
      `${tableId({ schema: schema ?? '', name: name ?? '' })}\n${column ?? ''}`,
      Number(place),
    ]),
  );
}

function columnsQuery(names: string): string {
  return `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH,
       NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, CHARACTER_SET_NAME, IS_NULLABLE, EXTRA, COLUMN_DEFAULT
     FROM information_schema.COLUMNS WHERE (TABLE_SCHEMA, TABLE_NAME) IN (${names})
     ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`;
}

function columnOf(row: readonly (string | null)[], isMariaDb: boolean, placeInPrimaryKey: number | null): SourceColumn {
  const [, , name, dataType, declared, characters, bytes, precision, scale, fraction, charset] = row;
  const [nullable, extra, defaultText] = row.slice(11);
  const type = sourceTypeOf({
    name: (dataType ?? '').toLowerCase(),
    declared: declared ?? '',
    characters: numberOrNull(characters),
    bytes: numberOrNull(bytes),
    precision: numberOrNull(precision),
    scale: numberOrNull(scale),
    fraction: numberOrNull(fraction),
    charset: charset ?? null,
  });
  const generated = /STORED GENERATED|PERSISTENT GENERATED/i.test(extra ?? '')
    ? 'stored'
    : /VIRTUAL GENERATED|^VIRTUAL/i.test(extra ?? '')
      ? 'virtual'
      : 'no';
  return {
    name: name ?? '',
    type,
    declared: declared ?? '',
    nullable: nullable === 'YES',
    generated,
    default: columnDefault({
      type,
      text: defaultText ?? null,
      extra: extra ?? '',
      nullable: nullable === 'YES',
      isMariaDb,
    }),
    placeInPrimaryKey,
  };
}

function numberOrNull(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}

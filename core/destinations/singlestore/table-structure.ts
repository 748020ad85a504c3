import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { DestinationColumn, StructureChange } from '../destination.ts';
import type { TargetTable } from '../target-table.ts';
import type { Session } from './connection.ts';
import type { Dialect } from './dialect.ts';
import { literal, qualified, quoted } from './sql-text.ts';
import { addColumnSql, createTargetSql, isKeyed, renameColumnSql, unfitSql, widenColumnSql } from './table-sql.ts';

/** The columns as they stand, in order; null where there is no such table. */
export async function columnsOf(
  session: Session,
  database: string,
  table: string,
  signal: AbortSignal,
): Promise<readonly DestinationColumn[] | null> {
  const rows = await session.rows(
    'SELECT column_name AS name, column_type AS type, is_nullable AS nullable FROM information_schema.columns' +
      ` WHERE table_schema = ${literal(database)} AND table_name = ${literal(table)} ORDER BY ordinal_position`,
    { doing: `reading the structure of ${database}.${table}`, table: null, columns: [] },
    signal,
  );
  if (rows.length === 0) return null;
  return rows.map((row) => ({ name: row['name'] ?? '', type: row['type'] ?? '', nullable: row['nullable'] === 'YES' }));
}

/** The columns of the primary key as it stands, in lower case and in order. */
export async function primaryKeyOf(
  session: Session,
  { database, name }: TargetTable,
  signal: AbortSignal,
): Promise<string[]> {
  const place = { doing: `reading the keys of ${database}.${name}`, table: null, columns: [] };
  const rows = await session.rows(`SHOW KEYS FROM ${qualified(database, name)}`, place, signal);
  return rows
    .filter((row) => row['Key_name'] === 'PRIMARY')
    .toSorted((a, b) => Number(a['Seq_in_index']) - Number(b['Seq_in_index']))
    .map((row) => (row['Column_name'] ?? '').toLowerCase());
}

export async function tableExists(
  session: Session,
  database: string,
  table: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await columnsOf(session, database, table, signal)) !== null;
}

/** Needs a right that not everybody has, so it is only called for databases besides the configured one. */
export async function createDatabase(session: Session, database: string, signal: AbortSignal): Promise<void> {
  const place = { doing: `creating the database ${database}`, table: null, columns: [] };
  await session.run(`CREATE DATABASE IF NOT EXISTS ${quoted(database)}`, place, signal);
}

/** Safe to repeat; a table that is there is left as it is. */
export async function createTarget(
  session: Session,
  dialect: Dialect,
  target: TargetTable,
  signal: AbortSignal,
): Promise<void> {
  const table = tableId(target.schema.table);
  const place = { doing: `${table}: creating ${target.database}.${target.name}`, table, columns: [] };
  await session.run(createTargetSql(target, target.name, dialect), place, signal);
}

/** Counts the rows whose value in the column `standing` is another one in the type that the target gives to `column`. */
export async function unfitRows(
  session: Session,
  dialect: Dialect,
  target: TargetTable,
  names: { readonly column: string; readonly standing: string },
  signal: AbortSignal,
): Promise<number> {
  const table = tableId(target.schema.table);
  const place = { doing: `${table}: looking for values that do not fit column ${names.column}`, table, columns: [] };
  const column = target.columns.find((candidate) => candidate.name === names.column);
  if (column === undefined) throw new PenstockError('PS9001', `${place.doing}: there is none`, { table });
  const [row] = await session.rows(unfitSql(target, names.standing, column.type, dialect), place, signal);
  return Number(row?.['unfit'] ?? 0);
}

/** Changes a column of the target unless that was done already. @throws PenstockError PS4005 */
export async function changeStructure(
  session: Session,
  dialect: Dialect,
  target: TargetTable,
  change: Exclude<StructureChange, { tag: 'drop' }>,
  signal: AbortSignal,
): Promise<void> {
  const table = tableId(target.schema.table);
  const place = {
    doing: `${table}: ${DOING[change.tag]} column ${change.column}`,
    table,
    columns: [],
  };
  const column = target.columns.find((candidate) => candidate.name === change.column);
  if (column === undefined)
    throw new PenstockError('PS9001', `${place.doing}: the table has no such column`, { table });
  if (change.tag === 'add') {
    if (!isKeyed(target)) {
      throw new PenstockError('PS4005', `${place.doing}: its rows are told apart by all their columns`, { table });
    }
    const stands = await columnsOf(session, target.database, target.name, signal);
    const isThere = stands?.some((candidate) => candidate.name.toLowerCase() === column.name.toLowerCase()) ?? false;
    if (!isThere) await session.run(addColumnSql(target, column, target.name, dialect), place, signal);
    return;
  }
  if (change.tag === 'rename') {
    const stands = (await columnsOf(session, target.database, target.name, signal)) ?? [];
    const isThere = (name: string): boolean => stands.some((candidate) => candidate.name === name);
    if (!isThere(change.from) && isThere(change.column)) return;
    await session.run(renameColumnSql(target, change.from, change.column, dialect), place, signal);
    return;
  }
  await session.run(widenColumnSql(target, column, target.name, dialect), place, signal);
}

const DOING = { add: 'adding', widen: 'widening', rename: 'renaming', narrow: 'narrowing' } as const;

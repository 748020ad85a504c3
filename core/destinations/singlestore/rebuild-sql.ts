import type { TargetTable } from '../target-table.ts';
import { workingTables } from '../target-naming.ts';
import type { Dialect } from './dialect.ts';
import { literal, nameList, qualified, quoted } from './sql-text.ts';
import { backfillText, createTargetSql, identityColumns, ORDINAL, primaryKey, ROW, SEQUENCE } from './table-sql.ts';

/** A column of the standing table that is none of the target's: kept when the table is made anew. */
export interface KeptColumn {
  readonly name: string;
  /** As the server's information schema prints it. */
  readonly type: string;
  readonly collation: string | null;
}

/** Each of the target's columns → the standing column with its values, or null. */
export type Sources = ReadonlyMap<string, string | null>;

/** Names of columns that are neither data of the source nor of others. */
export function ownColumns({ keeping }: TargetTable): string[] {
  return [ROW, ORDINAL, SEQUENCE, ...(keeping.tag === 'history' ? [keeping.startColumn, keeping.endColumn] : [])];
}

/** The statements that make the table anew beside the standing one. */
export function rebuildStatements(
  target: TargetTable,
  sources: Sources,
  kept: readonly KeptColumn[],
  dialect: Dialect,
): string[] {
  const { database, name, keeping } = target;
  const copy = qualified(database, workingTables(name).copy);
  const own = keeping.tag === 'history' ? [keeping.startColumn, keeping.endColumn, SEQUENCE] : [];
  const columns = [...target.columns.map((column) => column.name), ...own, ...kept.map((column) => column.name)];
  const values = columns.map((column) => valueOf(target, sources, column, dialect));
  return [
    createTargetSql(target, workingTables(name).copy, dialect),
    ...kept.map((column) => `ALTER TABLE ${copy} ADD COLUMN ${quoted(column.name)} ${typeText(column)} NULL`),
    `INSERT INTO ${copy} (${nameList(columns)}) SELECT ${values.join(', ')} FROM ${qualified(database, name)}`,
  ];
}

/** A query for the rows that have NULL in the key (`nulls`). */
export function nullKeysSql(target: TargetTable, sources: Sources, dialect: Dialect): string {
  const condition = keyValues(target, sources, dialect)
    .map((value) => `${value} IS NULL`)
    .join(' OR ');
  return `SELECT COUNT(*) AS nulls FROM ${qualified(target.database, target.name)} WHERE ${condition}`;
}

/** Queries for the rows that share what is to tell them apart (`doubles`): of a history its current versions, and all of them with their numbers. */
export function doubleKeysSql(target: TargetTable, sources: Sources, dialect: Dialect): string[] {
  const key = keyValues(target, sources, dialect);
  const query = (columns: readonly string[], condition: string): string =>
    `SELECT COALESCE(SUM(d.n), 0) AS doubles FROM (SELECT COUNT(*) AS n FROM ${qualified(target.database, target.name)}${condition}` +
    ` GROUP BY ${columns.join(', ')} HAVING COUNT(*) > 1) d`;
  if (target.keeping.tag === 'mirror') return [query(key, '')];
  const { endColumn, openEnd } = target.keeping;
  const numbered = primaryKey(target).map((name) => valueOf(target, sources, name, dialect));
  return [query(key, ` WHERE ${quoted(endColumn)} = ${literal(openEnd)}`), query(numbered, '')];
}

function keyValues(target: TargetTable, sources: Sources, dialect: Dialect): string[] {
  return identityColumns(target).map((name) => valueOf(target, sources, name, dialect));
}

/** A column that is added has a literal, which GROUP BY would take for the number of a column: hence the parentheses of COALESCE. */
function valueOf(target: TargetTable, sources: Sources, name: string, dialect: Dialect): string {
  const column = target.columns.find((candidate) => candidate.name === name);
  if (column === undefined) return quoted(name);
  const source = sources.get(name) ?? null;
  return source === null ? `COALESCE(${backfillText(column, dialect)})` : quoted(source);
}

function typeText({ type, collation }: KeptColumn): string {
  return collation === null ? type : `${type} CHARACTER SET ${collation.split('_')[0] ?? ''} COLLATE ${collation}`;
}

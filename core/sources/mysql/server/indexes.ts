import type { TableName } from '../../../changes/table-name.ts';
import type { Session } from '../connection.ts';
import { literal } from '../sql.ts';

/** The columns of each unique index that covers whole values; the primary key is one of them. */
export async function readUniqueIndexes(session: Session, { schema, name }: TableName): Promise<string[][]> {
  const rows = await session.rows(
    `SELECT INDEX_NAME, COLUMN_NAME, SUB_PART FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ${literal(schema)} AND TABLE_NAME = ${literal(name)} AND NON_UNIQUE = 0`,
  );
  const indexes = new Map<string, (string | null)[]>();
  for (const [index, column = null, part = null] of rows) {
    const columns = indexes.get(index ?? '') ?? [];
    // A part of a value, or an expression (MySQL 8), says nothing about the column.
    columns.push(part === null ? column : null);
    indexes.set(index ?? '', columns);
  }
  return [...indexes.values()].flatMap((columns) => {
    const names = columns.filter((column) => column !== null);
    return names.length === columns.length ? [names] : [];
  });
}

/** Whether one of the indexes makes values of these columns unique. */
export function coversKey(indexes: readonly (readonly string[])[], key: readonly string[]): boolean {
  return indexes.some((columns) => columns.every((column) => key.includes(column)));
}

/** Whether an index begins with this column, so that its greatest values are found without reading the table. */
export async function isIndexed(session: Session, { schema, name }: TableName, column: string): Promise<boolean> {
  const rows = await session.rows(
    `SELECT 1 FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ${literal(schema)} AND TABLE_NAME = ${literal(name)} AND COLUMN_NAME = ${literal(column)} AND SEQ_IN_INDEX = 1`,
  );
  return rows.length > 0;
}

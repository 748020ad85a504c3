import type { TableRecord } from '../catalog/records.ts';
import { tableId } from '../changes/table-name.ts';
import { columnNumber, type Column, type TableSchema } from '../changes/table-schema.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { isAmong, isAnother } from './structure.ts';

/** What has become of a table's columns besides its structure. */
export type ColumnFates = Pick<TableRecord, 'renames' | 'keptColumns'>;

/**
 * Where the columns of a part's rows are in the table that it is loaded into, in the part's order; null: the source has dropped that one.
 * A part that is older than a change of structure may have columns of other names, and others than the table.
 * @throws PenstockError PS4005 for a column of which nothing is known: its values must not get lost
 */
export function partColumns(part: TableSchema, table: TableSchema, fates: ColumnFates): (string | null)[] {
  if (part.fingerprint === table.fingerprint) return part.columns.map(({ name }) => name);
  return part.columns.map((column) => {
    const found = findColumn(column, table, fates);
    if (found !== undefined) return found;
    const id = tableId(part.table);
    throw new PenstockError(
      'PS4005',
      `${id}: an extract has the column ${column.name}, which the table does not know`,
      {
        table: id,
      },
    );
  });
}

/** By its number at the source, else by its name, now or then. */
function findColumn(column: Column, table: TableSchema, fates: ColumnFates): string | null | undefined {
  const number = columnNumber(column);
  const byNumber = number === null ? undefined : table.columns.find((one) => columnNumber(one) === number);
  if (byNumber !== undefined) return byNumber.name;
  const name = laterName(column.name, fates);
  const byName = table.columns.find((candidate) => candidate.name === name);
  const wasDropped = isAmong(fates.keptColumns, name);
  // One without a number, of a name that a dropped column had and another one has now: nothing tells whose values they are.
  if (byName !== undefined && wasDropped && number === null) return undefined;
  if (byName !== undefined && !isAnother(column, byName)) return byName.name;
  return wasDropped ? null : undefined;
}

function laterName(name: string, { renames }: ColumnFates): string {
  return renames.reduce((current, { from, to }) => (current === from ? to : current), name);
}

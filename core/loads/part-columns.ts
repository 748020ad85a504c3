import type { Column, TableSchema } from '../changes/table-schema.ts';

/**
 * Pure: where the columns of a part's rows are in the table that it is loaded into, in the part's order; null: the table has that one
 * no more. A part that is older than a change of structure has columns of other names, and others than the table.
 */
export function partColumns(part: TableSchema, table: TableSchema): (string | null)[] {
  if (part.fingerprint === table.fingerprint) return part.columns.map(({ name }) => name);
  return part.columns.map((column) => sameColumn(column, table)?.name ?? null);
}

/** The column that is the same one at the source: by its id there, else by its name. */
export function sameColumn(column: Column, among: TableSchema): Column | null {
  const { sourceId } = column;
  const byId = sourceId === undefined ? undefined : among.columns.find((candidate) => candidate.sourceId === sourceId);
  if (byId !== undefined) return byId;
  const byName = among.columns.find(({ name }) => name === column.name);
  return byName === undefined || (sourceId !== undefined && byName.sourceId !== undefined) ? null : byName;
}

import { describeType } from '../changes/column-type.ts';
import { tableId } from '../changes/table-name.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { ReadTable } from './reading.ts';

/** @throws PenstockError PS2012: the chunks were planned, or the rows before were read, with another structure */
export function requireSameStructure(table: ReadTable, schema: TableSchema): void {
  if (table.schema.fingerprint === schema.fingerprint) return;
  throw new PenstockError('PS2012', `${tableId(schema.table)} was altered since its copy was planned`);
}

/** As {@link requireSameStructure} for what both sides show of a row; the source's numbers of columns do not matter. @throws PenstockError PS5002 */
export function requireSameColumns(table: ReadTable, schema: TableSchema): void {
  if (haveSameColumns(table.schema, schema)) return;
  const id = tableId(schema.table);
  throw new PenstockError('PS5002', `${id} has another structure at the source than at the destination`, {
    table: id,
    remedy: `Run \`penstock delta\`, and \`penstock sync-structure --table ${id}\` if it stops; then try again.`,
  });
}

/** Whether rows of two structures can be compared and exchanged: names, types and key are the same, in the same order. */
export function haveSameColumns(a: TableSchema, b: TableSchema): boolean {
  return shapeOf(a) === shapeOf(b);
}

function shapeOf({ columns, identity }: TableSchema): string {
  const key = identity.tag === 'key' ? identity.columns : null;
  return JSON.stringify([columns.map(({ name, type }) => [name, describeType(type)]), key]);
}

import { tableId } from '../changes/table-name.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { ReadTable } from './reading.ts';

/** @throws PenstockError PS2012: the chunks were planned, or the rows before were read, with another structure */
export function requireSameStructure(table: ReadTable, schema: TableSchema): void {
  if (table.schema.fingerprint === schema.fingerprint) return;
  throw new PenstockError('PS2012', `${tableId(schema.table)} was altered since its copy was planned`);
}

import { tableId, type TableName } from '../changes/table-name.ts';
import { PenstockError } from '../errors/penstock-error.ts';

/** The found tables, by id, in the order asked for. @throws PenstockError PS1005 for the first that is not among them */
export function requiredTables<Table>(tables: readonly TableName[], found: ReadonlyMap<string, Table>): Table[] {
  return tables.map((table) => {
    const id = tableId(table);
    const one = found.get(id);
    if (one !== undefined) return one;
    throw new PenstockError('PS1005', `table ${id} is not there, or the user may not see it`, { table: id });
  });
}

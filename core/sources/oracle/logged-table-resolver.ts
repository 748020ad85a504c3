import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { allRows } from '../session.ts';
import type { TableSelection } from '../source-connector.ts';
import { replicatedTable, type Reading } from './describe.ts';
import { loggedTable, type LoggedTable } from './logged-table.ts';
import type { Session } from './server/session.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';

/** Why changes of a table cannot be read from now on. */
export interface Unreadable {
  readonly reason: string;
}

const GONE: Unreadable = { reason: 'the table is not there any more, or the user may not see it' };

/** Tables as they are now, by id. */
export async function resolveTables(
  session: Session,
  selections: readonly TableSelection[],
  reading: Reading,
): Promise<ReadonlyMap<string, LoggedTable | Unreadable>> {
  const sources = await findSourceTables(
    session,
    selections.map(({ table }) => table),
  );
  return new Map(
    selections.map((selection) => {
      const id = tableId(selection.table);
      const source = sources.get(id);
      return [id, source === undefined ? GONE : resolveTable(source, selection, reading)];
    }),
  );
}

/** The numbers by which the redo log tells rows of the tables and of their partitions, each with the table's id. */
export async function readObjects(
  session: Session,
  selections: readonly TableSelection[],
): Promise<readonly (readonly [object: string, id: string])[]> {
  const tables = selections.map(({ table }) => table);
  const rows = tables.length === 0 ? [] : await allRows(session, { tag: 'tableObjects', tables });
  return rows.flatMap(([schema, name, object]) =>
    object === null || object === undefined ? [] : [[object, tableId({ schema: schema ?? '', name: name ?? '' })]],
  );
}

/** A structure in which the user's choices cannot be followed is no reason to end the stream: the table stops. */
function resolveTable(source: SourceTable, selection: TableSelection, reading: Reading): LoggedTable | Unreadable {
  try {
    return loggedTable(replicatedTable(source, selection, reading));
  } catch (error) {
    if (!(error instanceof PenstockError) || error.retry === 'timed' || error.table === null) throw error;
    return { reason: error.message };
  }
}

import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { TableSelection } from '../source-connector.ts';
import { replicatedTable, type Reading } from './describe.ts';
import { loggedTable, type LoggedTable } from './logged-table.ts';
import { readBackfills } from './server/backfills.ts';
import type { Session } from './server/session.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';

/** Why changes of a table cannot be read from now on. */
export interface Unreadable {
  readonly reason: string;
}

/** Tables as they are now, by id; those that are gone are left out. */
export async function resolveTables(
  session: Session,
  selections: readonly TableSelection[],
  reading: Reading,
  asCaptured: (source: SourceTable) => SourceTable = (source) => source,
): Promise<ReadonlyMap<string, LoggedTable | Unreadable>> {
  const sources = await findSourceTables(
    session,
    selections.map(({ table }) => table),
  );
  const resolved = new Map<string, LoggedTable | Unreadable>();
  for (const selection of selections) {
    const id = tableId(selection.table);
    const source = sources.get(id);
    if (source === undefined) continue;
    resolved.set(id, await resolvedTable(session, asCaptured(source), selection, reading));
  }
  return resolved;
}

/** A structure in which the user's choices cannot be followed is no reason to end the stream: the table stops. */
async function resolvedTable(
  session: Session,
  source: SourceTable,
  selection: TableSelection,
  reading: Reading,
): Promise<LoggedTable | Unreadable> {
  try {
    return loggedTable(replicatedTable(source, selection, reading, await readBackfills(session, source)));
  } catch (error) {
    if (!(error instanceof PenstockError) || error.retry !== 'manual' || error.table === null) throw error;
    return { reason: error.message };
  }
}

import { tableId } from '../../changes/table-name.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { TableSelection } from '../source-connector.ts';
import { replicatedTable, type Backfills, type Reading } from './describe.ts';
import { loggedTable, type LoggedTable } from './logged-table.ts';
import { readBackfills } from './server/backfills.ts';
import type { Session } from './server/session.ts';
import { findSourceTables, type SourceTable } from './source-table.ts';

/** Why changes of a table cannot be read from now on. */
export interface Unreadable {
  readonly reason: string;
}

/** Tables as they are now, by id; those that are gone are left out. Of `known` ones whose structure is the same nothing more is asked. */
export async function resolveTables(
  session: Session,
  selections: readonly TableSelection[],
  reading: Reading,
  known: ReadonlyMap<string, LoggedTable> = new Map(),
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
    const bare = resolveTable(source, selection, reading, new Map());
    const before = known.get(id);
    if ('reason' in bare) resolved.set(id, bare);
    else if (before !== undefined && isSame(before, bare)) resolved.set(id, before);
    else resolved.set(id, resolveTable(source, selection, reading, await readBackfills(session, source)));
  }
  return resolved;
}

/** Two types may be one in the destination and be asked for in other words: decimal(19,4) and money. */
function isSame({ table: a }: LoggedTable, { table: b }: LoggedTable): boolean {
  return (
    a.schema.fingerprint === b.schema.fingerprint &&
    JSON.stringify(a.source.columns) === JSON.stringify(b.source.columns)
  );
}

/** A structure in which the user's choices cannot be followed is no reason to end the stream: the table stops. */
export function resolveTable(
  source: SourceTable,
  selection: TableSelection,
  reading: Reading,
  backfills: Backfills,
): LoggedTable | Unreadable {
  try {
    return loggedTable(replicatedTable(source, selection, reading, backfills));
  } catch (error) {
    if (!(error instanceof PenstockError) || error.retry === 'timed' || error.table === null) throw error;
    return { reason: error.message };
  }
}

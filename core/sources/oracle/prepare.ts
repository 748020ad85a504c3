import type { TableSelection } from '../source-connector.ts';
import { replicatedTable, type Reading, type ReplicatedTable } from './describe.ts';
import type { Session } from './server/session.ts';
import { readSourceTables } from './source-table.ts';

/** Tables as they are now, with the user's choices. @throws PenstockError PS1001, PS1005, PS1006, PS2011 */
export async function describeTables(
  session: Session,
  tables: readonly TableSelection[],
  reading: Reading,
): Promise<ReplicatedTable[]> {
  const sources = await readSourceTables(
    session,
    tables.map(({ table }) => table),
  );
  return sources.flatMap((source, index) => {
    const selection = tables[index];
    return selection === undefined ? [] : [replicatedTable(source, selection, reading)];
  });
}

import { workingTables } from '../target-naming.ts';
import type { TargetTable } from '../target-table.ts';
import type { Session } from './connection.ts';
import type { ErrorPlace } from './server-errors.ts';
import { dropSql, renameSql } from './table-sql.ts';
import { tableExists } from './table-structure.ts';

/**
 * Moves the table to `__old`, the copy to the table, drops `__old`: one table a statement. Which step is next is read from
 * which tables there are. No `__old` stands when a swap begins, so where there is one, the first step was done, and a table that
 * stands beside it was made in between and is empty.
 */
export async function swapCopyIn(
  session: Session,
  { database, name }: TargetTable,
  place: ErrorPlace,
  signal: AbortSignal,
  halfWay: () => Promise<void>,
): Promise<void> {
  const { copy, old } = workingTables(name);
  const exists = (table: string): Promise<boolean> => tableExists(session, database, table, signal);
  const run = async (sql: string): Promise<void> => {
    await session.run(sql, place, signal);
  };
  if (await exists(copy)) {
    if (await exists(name)) {
      if (await exists(old)) await run(dropSql(database, name));
      else await run(renameSql(database, name, old));
    }
    await halfWay();
    await run(renameSql(database, copy, name));
  }
  await run(dropSql(database, old));
}

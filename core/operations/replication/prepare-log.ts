import type { SourcePosition } from '../../changes/position.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { FollowContext } from '../../extracts/follow-context.ts';
import type { FollowedTable, VanishedTable } from '../../extracts/followed-table.ts';

/**
 * Makes sure that the source's log goes on from `known` for all tables that are there. One that was dropped or renamed at the source
 * holds up nobody: it is not followed, and its copy stops.
 * @throws PenstockError PS1005 where no table is left; what {@link SourceConnector.prepare} throws
 */
export async function prepareLog(following: FollowContext, known: SourcePosition): Promise<FollowContext> {
  const { host, source, signal } = following;
  const vanished: VanishedTable[] = [];
  for (let { tables } = following; ;) {
    try {
      const selections = tables.map(({ selection }) => selection);
      await source.prepare(selections, known, signal);
      return { ...following, tables, vanished };
    } catch (error) {
      const table = await heldUpBy(following, tables, error);
      if (table === null || tables.length === 1) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      host.log.warn('table is not followed any more', { table: table.id, reason });
      if (!(await isAwaitingCopy(following, table))) vanished.push({ ...table, reason });
      tables = tables.filter((other) => other !== table);
    }
  }
}

/** The table that is not there, or that came back as another one while its copy waits to be made anew; null: it is no fault of one of them. */
async function heldUpBy(
  following: FollowContext,
  tables: readonly FollowedTable[],
  error: unknown,
): Promise<FollowedTable | null> {
  if (!hasCode(error, 'PS1005', 'PS2005') || error.table === null) return null;
  const table = tables.find(({ id }) => id === error.table) ?? null;
  return table === null || error.code === 'PS1005' || (await isAwaitingCopy(following, table)) ? table : null;
}

/** Whether it is stopped for what only another copy mends, so that its changes are not needed. */
async function isAwaitingCopy({ catalog }: FollowContext, { id }: FollowedTable): Promise<boolean> {
  const state = (await catalog.table(id))?.record.state;
  return state?.tag === 'stopped' && state.code === 'PS4012';
}

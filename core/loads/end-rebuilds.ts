import type { TableRecord } from '../catalog/records.ts';
import type { LedgerMarks } from '../destinations/destination.ts';
import { hasCode } from '../errors/penstock-error.ts';
import { endRebuild } from './apply-structure.ts';
import type { LoadContext } from './load-context.ts';

/**
 * Ends what was interrupted between the decision that a table made anew takes its own place and that place; before anything else is
 * loaded. @returns the tables' records as they are then
 */
export async function endRebuilds(
  context: LoadContext,
  { rebuilds }: LedgerMarks,
  recordOf: (table: string) => TableRecord | null,
): Promise<TableRecord[]> {
  const ended: TableRecord[] = [];
  for (const table of rebuilds) {
    const record = recordOf(table);
    const schema = record?.rebuild?.schema ?? record?.schema ?? null;
    // A copy that was begun since ends it by itself.
    if (record === null || schema === null || record.state.tag === 'copying') continue;
    try {
      const target = context.targetOf(table, schema);
      ended.push(
        await endRebuild(context, table, target, record.state.tag === 'stopped' && record.state.code === 'PS4005'),
      );
      context.host.log.info('a table that was made anew is in its place', { table });
    } catch (error) {
      // It was taken out of the configuration.
      if (!hasCode(error, 'PS1005')) throw error;
    }
  }
  return ended;
}

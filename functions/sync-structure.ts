import * as z from 'zod';
import { recordDryRun } from '../core/operations/dry-run.ts';
import { syncStructure, type SyncedTable } from '../core/operations/structure/sync-structure.ts';
import { operationInput, requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/**
 * Makes the tables at the destination as the source's, where no row loses anything; what waited for that is loaded by whoever loads next.
 * A dry run changes nothing and needs no lease: what it finds is kept in the catalog under the operation's name.
 */
export const handler = pipelineFunction({
  name: 'sync-structure',
  input: z.object({
    ...operationInput,
    request: z.looseObject({
      tables: requestedTables,
      dropColumns: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
  }),
  async work({ operation, request }, context) {
    const { tables, dropColumns } = request;
    if (request.dryRun) {
      await recordDryRun(context, operation, async () => {
        const looked = await syncStructure(context, { tables, dropColumns, apply: false, load: false });
        // Where there are too many to keep, those that differ are kept.
        return { ...looked, tables: looked.tables.toSorted((a, b) => Number(isSame(a)) - Number(isSame(b))) };
      });
      return { changes: 0, left: 0, stopped: 0 };
    }
    const done = await syncStructure(context, { tables, dropColumns, apply: true, load: false });
    const { changes, tables: synced, stopped } = done;
    return { changes, left: synced.filter(({ state }) => state === 'left').length, stopped: stopped.length };
  },
});

function isSame({ state }: SyncedTable): boolean {
  return state === 'same';
}

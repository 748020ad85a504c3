import { z } from 'zod';
import { syncStructure } from '../core/operations/structure/sync-structure.ts';
import { operationInput, requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** Makes the tables at the destination as the source's, where no row loses anything; what waited for that is loaded by whoever loads next. */
export const handler = pipelineFunction({
  name: 'sync-structure',
  input: z.object({
    ...operationInput,
    request: z.looseObject({ tables: requestedTables, dropColumns: z.boolean().default(false) }),
  }),
  async work({ request }, context) {
    const { tables, dropColumns } = request;
    const done = await syncStructure(context, { tables, dropColumns, apply: true, load: false });
    const { changes, tables: synced, stopped } = done;
    return { changes, left: synced.filter(({ state }) => state === 'left').length, stopped: stopped.length };
  },
});

import { z } from 'zod';
import { syncStructure } from '../core/operations/sync-structure.ts';
import { operationInput, requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** Makes the tables at the destination as the source's, where no row loses anything; what waited for that is loaded by whoever loads next. */
export const handler = pipelineFunction({
  name: 'sync-structure',
  input: z.object({ ...operationInput, request: z.looseObject({ tables: requestedTables }) }),
  async work({ request }, context) {
    const {
      changes,
      tables: synced,
      stopped,
    } = await syncStructure(context, { tables: request.tables, apply: true, load: false });
    return { changes, left: synced.filter(({ state }) => state === 'left').length, stopped: stopped.length };
  },
});

import { z } from 'zod';
import { rollback } from '../core/operations/rollback.ts';
import { operationInput, requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** Begins a rollback: from `to` on, the stored extracts are applied again by whoever loads next. */
export const handler = pipelineFunction({
  name: 'rollback',
  input: z.object({
    ...operationInput,
    /** `to`: the first extract that is applied again. */
    request: z.looseObject({ to: z.int().positive(), tables: requestedTables }),
  }),
  async work({ request }, context) {
    const options = { to: request.to, tables: request.tables, dryRun: false, load: false };
    const { from, to, extracts, rows } = await rollback(context, options);
    return { from, to, extracts, rows };
  },
});

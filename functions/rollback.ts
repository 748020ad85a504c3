import { z } from 'zod';
import { rollback } from '../core/operations/rollback.ts';
import { checkedTables, operationInput, requestedTables } from './frame/operation-input.ts';
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
    const tables = checkedTables(context.settings, request.tables);
    const { from, to, extracts, rows } = await rollback(context, {
      to: request.to,
      tables,
      dryRun: false,
      load: false,
    });
    return { from, to, extracts, rows };
  },
});

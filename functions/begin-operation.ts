import * as z from 'zod';
import { refuseUncopied } from '../core/operations/new-tables/new-tables-run.ts';
import { tableSettings } from '../core/operations/pipeline-tables.ts';
import { beginOperation, OPERATION_KINDS } from '../core/operations/shared-operation.ts';
import { operationInput, requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/**
 * Takes the log for an operation, after a look at what is asked for. A reader at work needs some seconds to hand it over: until then
 * this fails with PS1007 and is to be called again.
 */
export const handler = pipelineFunction({
  name: 'begin-operation',
  input: z.object({
    ...operationInput,
    kind: z.enum(OPERATION_KINDS),
    beside: z.boolean().default(false),
    request: z.looseObject({ tables: requestedTables }),
  }),
  async work({ operation, kind, beside, request }, context) {
    for (const id of request.tables ?? []) tableSettings(context.settings, id);
    if (beside) await refuseUncopied(context);
    await beginOperation(context, { operation, kind, beside });
    return { operation, kind };
  },
});

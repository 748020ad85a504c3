import * as z from 'zod';
import { rollback } from '../core/operations/rollback/rollback.ts';
import { recordDryRun } from '../core/operations/dry-run.ts';
import { operationInput, requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** In this last share of the time no extract is begun to be made again. */
const RESERVED_SHARE = 0.2;

/**
 * Begins a rollback: from `to` on, the stored extracts are applied again by whoever loads next. Files that have expired are made again
 * from the source's log first; `more`: that is not done, call again. A dry run changes nothing and needs no lease: what it finds is
 * kept in the catalog under the operation's name.
 */
export const handler = pipelineFunction({
  name: 'rollback',
  input: z.object({
    ...operationInput,
    /** `to`: the first extract that is applied again. */
    request: z.looseObject({ to: z.int().positive(), tables: requestedTables, dryRun: z.boolean().default(false) }),
  }),
  async work({ operation, request }, context) {
    const options = { to: request.to, tables: request.tables, dryRun: request.dryRun, load: false };
    if (request.dryRun) {
      await recordDryRun(context, operation, () => rollback(context, options));
      return { more: false };
    }
    const { clock } = context.host;
    const enough = context.deadline - RESERVED_SHARE * (context.deadline - clock.now());
    const isEnough = (): boolean => clock.now() >= enough;
    const { from, to, extracts, rows, more } = await rollback(context, options, { operation, isEnough });
    return { from, to, extracts, rows, more };
  },
});

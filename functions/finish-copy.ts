import * as z from 'zod';
import { finishCopies, noteWorkersEnded } from '../core/operations/copying/finish-copies.ts';
import { operationInput } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** A swap that is begun just before the time is up must still end. */
const RESERVED_MILLISECONDS = 60_000;

/**
 * Makes the copies that are loaded whole the tables, and says how the full extract stands. `workersEnded`: all copy workers of this
 * attempt have ended, well or not; then it only notes that, so that who loads knows that no more will come.
 */
export const handler = pipelineFunction({
  name: 'finish-copy',
  input: z.object({
    ...operationInput,
    attempt: z.int().positive(),
    workersEnded: z.literal(true).exactOptional(),
  }),
  async work({ operation, attempt, workersEnded = false }, context) {
    if (workersEnded) {
      await noteWorkersEnded(context, attempt);
      return { state: 'copying', tables: null };
    }
    return finishCopies(context, { operation, attempt, deadline: context.deadline - RESERVED_MILLISECONDS });
  },
});

import * as z from 'zod';
import { verify } from '../core/operations/verification/verify.ts';
import { operationInput, requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** In this last share of the time no chunk is begun. */
const RESERVED_SHARE = 0.2;

/**
 * Compares source and destination, chunk by chunk, until its time is nearly up; `more`: that is not done, call again. Beside everything
 * else: it holds no lease, unless it repairs. The counts are of tables, and of all calls of the operation together; which rows differ is
 * not said here.
 */
export const handler = pipelineFunction({
  name: 'verify',
  input: z.object({
    ...operationInput,
    request: z.looseObject({ tables: requestedTables, repair: z.boolean().default(false) }),
  }),
  async work({ operation, request }, context) {
    const { clock } = context.host;
    const enough = context.deadline - RESERVED_SHARE * (context.deadline - clock.now());
    const { more, counts } = await verify(context, {
      tables: request.tables,
      repair: request.repair,
      inCalls: { by: operation },
      isEnough: () => clock.now() >= enough,
    });
    return { more, ...counts };
  },
});

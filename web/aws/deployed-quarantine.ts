import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { QuarantineDesk } from '../api/console-host.ts';
import { callFunction, startFunction } from './call-function.ts';
import { functionName } from './deployed-names.ts';

/** Names are taken one by one: keys and values of rows are not, wherever they come. */
const listed = z.object({
  entries: z.array(
    z.object({
      ...{ id: z.string(), at: z.string(), table: z.string() },
      ...{ column: z.string(), reason: z.string(), position: z.string() },
    }),
  ),
  next: z.string().nullable(),
  tables: z.array(z.object({ table: z.string(), rows: z.number() })),
});
const dropped = z.object({ dropped: z.number() });

/** The quarantine, asked of the pipeline's own function; a retry takes longer than an answer may, and goes on by itself. */
export function deployedQuarantine(lambda: LambdaClient, pipeline: string): QuarantineDesk {
  const name = functionName(pipeline, 'quarantine');
  return {
    list: (_settings, asked, signal) => callFunction(lambda, name, { action: 'list', ...asked }, listed, signal),
    async retry(_settings, tables) {
      await startFunction(lambda, name, { action: 'retry', tables });
      return null;
    },
    drop: async (_settings, tables, signal) =>
      (await callFunction(lambda, name, { action: 'drop', tables }, dropped, signal)).dropped,
  };
}

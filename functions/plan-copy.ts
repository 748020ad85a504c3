import * as z from 'zod';
import { workersFor } from '../core/operations/copying/copy-workers.ts';
import { planCopies } from '../core/operations/copying/plan-copies.ts';
import { newTables } from '../core/operations/new-tables/new-tables-run.ts';
import { operationInput, requestedTables } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** Cuts the tables of a full extract into chunks and says how many copy workers are of use; `more`: call again. */
export const handler = pipelineFunction({
  name: 'plan-copy',
  input: z.object({
    ...operationInput,
    kind: z.enum(['full-extract', 'sync-new-tables']),
    request: z.looseObject({ tables: requestedTables }),
    /** 1 for the first. */
    attempt: z.int().positive(),
    /** Copy tasks that may run at once. */
    copyTasks: z.int().positive(),
  }),
  async work({ operation, kind, request, attempt, copyTasks }, context) {
    const tables = request.tables ?? (kind === 'sync-new-tables' ? await newTables(context) : null);
    const { deadline, settings, source } = context;
    const { more, chunks } = await planCopies(context, { operation, tables, attempt, deadline: soonerThan(deadline) });
    const workers = more
      ? 0
      : workersFor({ chunks, copyTasks, mode: source.mode, threads: settings.source.extractThreads });
    return { more, chunks, workers: Array.from({ length: workers }, (_, worker) => worker) };
  },
});

/** A table that is begun just before the time is up must still be planned. */
function soonerThan(deadline: number): number {
  return deadline - 60_000;
}

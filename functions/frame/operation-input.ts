import { z } from 'zod';
import { tableSettings } from '../../core/operations/pipeline-tables.ts';
import type { PipelineSettings } from '../../core/pipeline/settings.ts';

/** What the state machines hand to a step; core/operations/shared-operation says what an operation is. */
export const operationInput = {
  /** The name of the state machine's execution. */
  operation: z.string().min(1),
};

/** The tables that somebody asked for, by id; null: all of the pipeline's. */
export const requestedTables = z.array(z.string().min(1)).min(1).nullable().default(null);

/** @throws PenstockError PS1005 that names a table which the pipeline does not have */
export function checkedTables(
  settings: PipelineSettings,
  tables: readonly string[] | null | undefined,
): readonly string[] | null {
  for (const id of tables ?? []) tableSettings(settings, id);
  return tables ?? null;
}

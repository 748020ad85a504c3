import * as z from 'zod';

/** What the state machines hand to a step; core/operations/shared-operation says what an operation is. */
export const operationInput = {
  /** The name of the state machine's execution. */
  operation: z.string().min(1),
};

/** The tables that somebody asked for, by id; null: all of the pipeline's. */
export const requestedTables = z.array(z.string().min(1)).min(1).nullable().default(null);

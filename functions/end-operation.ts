import * as z from 'zod';
import { endOperation, OPERATION_KINDS } from '../core/operations/shared-operation.ts';
import { operationInput } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** What a state machine knows of a failure: the error's name, and as its cause the JSON of what a function threw. */
const failure = z.looseObject({ Error: z.string().default(''), Cause: z.string().default('') });

/** Gives the log back, whatever the outcome, so that reading and loading go on. */
export const handler = pipelineFunction({
  name: 'end-operation',
  input: z.object({
    ...operationInput,
    kind: z.enum(OPERATION_KINDS),
    beside: z.boolean().default(false),
    outcome: z.enum(['succeeded', 'failed']),
    error: failure.exactOptional(),
  }),
  async work({ operation, kind, beside, outcome, error }, context) {
    await endOperation(context, { operation, kind, beside }, outcome === 'failed' ? reasonOf(error) : null);
    return { operation, kind, outcome };
  },
});

function reasonOf(error: z.output<typeof failure> | undefined): string {
  if (error === undefined) return 'the state machine gave no reason';
  return messageOf(error.Cause) ?? (error.Cause || error.Error);
}

/** A function's cause is `{"errorType", "errorMessage", "trace"}`; a task's is a description of the task. */
function messageOf(cause: string): string | null {
  try {
    const parsed = z.looseObject({ errorMessage: z.string() }).safeParse(JSON.parse(cause));
    return parsed.success ? parsed.data.errorMessage : null;
  } catch {
    return null;
  }
}

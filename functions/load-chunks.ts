import * as z from 'zod';
import { loadChunks } from '../core/operations/copying/load-chunks.ts';
import { operationInput } from './frame/operation-input.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** A chunk that is begun just before the time is up must still be loaded. */
const RESERVED_MILLISECONDS = 120_000;

/** Loads the chunks that copy workers have extracted so far. */
export const handler = pipelineFunction({
  name: 'load-chunks',
  input: z.object(operationInput),
  async work({ operation }, context) {
    return loadChunks(context, { operation, deadline: context.deadline - RESERVED_MILLISECONDS });
  },
});

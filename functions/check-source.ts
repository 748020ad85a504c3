import * as z from 'zod';
import { checkSource } from '../core/operations/check-source.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** Whether the source and the chosen tables are ready for replication, with the statements that mend what is not. */
export const handler = pipelineFunction({
  name: 'check-source',
  input: z.unknown(),
  async work(_input, context) {
    const { source, tables } = await checkSource(context);
    return { findings: [...source, ...tables] };
  },
});

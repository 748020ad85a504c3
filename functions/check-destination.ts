import * as z from 'zod';
import { pipelineFunction } from './pipeline-function.ts';

/** Whether the destination is ready for replication, with the statements that mend what is not. */
export const handler = pipelineFunction({
  name: 'check-destination',
  input: z.unknown(),
  async work(_input, { destination, signal }) {
    return { findings: await destination.check(signal) };
  },
});

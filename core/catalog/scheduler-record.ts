import * as z from 'zod';

/** Whether the pipeline works by itself: the switch that an operator, or an error that somebody has to mend, turns. */
export const schedulerRecord = z.strictObject({
  on: z.boolean(),
  since: z.string(),
  /** `start`: a start with `schedule.restoreOnStartup: false`. */
  by: z.enum(['operator', 'error', 'start']),
  /** Empty where the operator gave none. */
  reason: z.string(),
  /** How to mend the error; empty for the others. */
  remedy: z.string(),
});
export type SchedulerRecord = z.infer<typeof schedulerRecord>;

import * as z from 'zod';
import { schedulerStanding, switchScheduler, type SchedulerStanding } from '../core/operations/scheduling/scheduler.ts';
import { catalogFunction } from './catalog-function.ts';

/** Says whether the scheduler is on; with `to` it is switched first. The reader and the loader obey within seconds. */
export const handler = catalogFunction({
  name: 'switch-schedule',
  input: z.strictObject({
    to: z.enum(['on', 'off']).exactOptional(),
    /** For people: shown wherever the switch is. */
    reason: z.string().max(500).default(''),
  }),
  async work({ to, reason }, { host, catalog }): Promise<SchedulerStanding> {
    if (to === undefined) return schedulerStanding(catalog);
    return switchScheduler(host, catalog, { on: to === 'on', by: 'operator', reason });
  },
});

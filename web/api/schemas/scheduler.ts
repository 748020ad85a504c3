import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { timestamp } from './values.ts';

export const scheduler = z.strictObject({
  on: z.boolean(),
  since: timestamp.nullable().describe('When it was switched so; null: it never was.'),
  by: z
    .enum(['operator', 'error', 'start'])
    .nullable()
    .describe('Who switched it; `start`: as `restoreOnStartup` says.'),
  reason: z.string().nullable(),
  remedy: z
    .string()
    .nullable()
    .describe('What to mend before it is switched on again, where an error switched it off.'),
});
export type Scheduler = z.infer<typeof scheduler>;

export const schedulerChange = z.strictObject({ on: z.boolean(), reason: z.string().max(500).default('') });
export type SchedulerChange = z.input<typeof schedulerChange>;

export const schedulerEndpoints = {
  'GET /instances/{name}/scheduler': {
    summary: 'Whether the schedule is obeyed.',
    role: 'viewer',
    answer: scheduler,
  },
  'PUT /instances/{name}/scheduler': {
    summary: 'Switches the scheduler on or off; what is at work ends at a clean place.',
    role: 'operator',
    body: schedulerChange,
    answer: scheduler,
  },
} as const satisfies Endpoints;

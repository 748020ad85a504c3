import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { scheduler } from './scheduler.ts';
import { datedFailure, progressRow, timestamp } from './values.ts';

const step = z.strictObject({
  step: z.enum(['source', 'destination', 'tables', 'schedule', 'full-extract']),
  done: z.boolean(),
  /** What is missing, or what stands there. */
  detail: z.string(),
});
export type ChecklistStep = z.infer<typeof step>;

const end = z.strictObject({
  /** The kind, as people read it: `PostgreSQL`; null: not set up yet. */
  label: z.string().nullable(),
  type: z.string().nullable(),
  host: z.string().nullable(),
  database: z.string().nullable(),
});

export const activity = z.strictObject({
  /**
   * `working`: changes are followed, or wait for the schedule. `operation`: one is at work. `off`: the scheduler is switched off, or the
   * schedule is manual. `halted`: somebody has to mend something first. `elsewhere`: another process works. `incomplete`: set-up is not done.
   */
  state: z.enum(['incomplete', 'off', 'working', 'operation', 'halted', 'elsewhere']),
  since: timestamp.nullable(),
  message: z.string(),
  remedy: z.string().nullable(),
  /** The id of the operation at work. */
  operation: z.string().nullable(),
});
export type Activity = z.infer<typeof activity>;

export const dashboard = z.strictObject({
  generated: timestamp,
  activity,
  checklist: z.array(step),
  source: end.extend({
    extractType: z.string().nullable(),
    lastExtract: timestamp.nullable(),
    /** Commit time at the source of the last change that was extracted. */
    lastSourceDate: timestamp.nullable(),
    lastError: datedFailure.nullable(),
  }),
  destination: end.extend({
    lastLoad: timestamp.nullable(),
    lastError: datedFailure.nullable(),
  }),
  tables: z.strictObject({
    chosen: z.int(),
    schemas: z.int(),
    databases: z.int(),
    withHistory: z.int(),
    withoutHistory: z.int(),
    following: z.int(),
    stopped: z.array(datedFailure).max(20).describe('The first 20 that somebody has to mend.'),
    stoppedCount: z.int(),
  }),
  schedule: z.strictObject({
    type: z.string().nullable(),
    next: z
      .strictObject({ at: timestamp, zone: z.string(), isDue: z.boolean() })
      .nullable()
      .describe('The next run; null where nothing recurs.'),
    scheduler,
  }),
  /** Tables that are being copied, at most 20: those under way first. */
  progress: z.array(progressRow).max(20),
  progressTotal: z.strictObject({ tables: z.int(), done: z.int() }).nullable(),
  /** What the last verifications of the chosen tables proved; those that are stale count as never verified. */
  verified: z.strictObject({
    equal: z.int(),
    different: z.int(),
    unsettled: z.int(),
    never: z.int(),
    oldest: timestamp.nullable().describe('The oldest proof that counts; null: there is none.'),
  }),
  lag: z.strictObject({
    lastExtract: z.int(),
    loaded: z.int(),
    milliseconds: z.number().describe('Age of the oldest change that is extracted and not loaded; 0: all is loaded.'),
  }),
  resources: z
    .strictObject({
      at: timestamp,
      diskFreeBytes: z.number().nullable(),
      memoryUsedBytes: z.number().nullable(),
      memoryLimitBytes: z.number().nullable(),
      /** Log that the source keeps for this pipeline. */
      retainedBytes: z.number().nullable(),
      expiresAt: timestamp.nullable(),
    })
    .nullable(),
});
export type Dashboard = z.infer<typeof dashboard>;

export const dashboardEndpoints = {
  'GET /instances/{name}/dashboard': {
    summary: 'Where an instance stands, in one answer.',
    role: 'viewer',
    answer: dashboard,
  },
} as const satisfies Endpoints;

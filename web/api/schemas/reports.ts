import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { limit, pageOf, timestamp } from './values.ts';

const milliseconds = z.number().describe('Milliseconds.');
const counts = { initial: z.number(), inserts: z.number(), updates: z.number(), deletes: z.number() };
const durations = { dbDelay: milliseconds, extract: milliseconds, loadWait: milliseconds, load: milliseconds };

const zone = z
  .string()
  .max(100)
  .default('UTC')
  .describe('The time zone that hours and days are counted in: an IANA name.');
const table = z.string().optional().describe('Only this table; default: all.');

/** One run: a line of *Run Reports for Day* and of *Performance for Day*. */
export const runRow = z.strictObject({
  runId: z.string(),
  fileId: z.int(),
  kind: z.enum(['DELTA', 'FULL', 'SYNC_NEW']),
  extractStart: timestamp.nullable(),
  extractEnd: timestamp,
  loadStart: timestamp.nullable(),
  loadEnd: timestamp,
  totalTables: z.int(),
  loadedTables: z.int(),
  errorTables: z.int(),
  ...counts,
  status: z.string(),
  total: milliseconds,
  ...durations,
});
export type RunRow = z.infer<typeof runRow>;

/** A day of *Run Reports for Month* and of *Performance for Month*. */
export const dayRow = z.strictObject({
  date: z.string(),
  runs: z.number(),
  records: z.number(),
  ...counts,
  total: milliseconds,
  ...durations,
});
export type DayRow = z.infer<typeof dayRow>;

export const dayReportQuery = z.strictObject({
  day: z.string().describe('`2026-11-21`'),
  ...{ zone, table },
  after: z.string().optional().describe('`next` of the page before.'),
  limit: limit(100, 1000),
});
export const monthReportQuery = z.strictObject({ month: z.string().describe('`2026-11`'), zone, table });
export const monthReport = z.strictObject({ items: z.array(dayRow) });
export type MonthReport = z.infer<typeof monthReport>;

export const reportEndpoints = {
  'GET /instances/{name}/reports/day': {
    summary: 'The runs that ended on a day, with their durations.',
    role: 'viewer',
    query: dayReportQuery,
    answer: pageOf(runRow),
  },
  'GET /instances/{name}/reports/month': {
    summary: 'The days of a month that have runs, with their sums.',
    role: 'viewer',
    query: monthReportQuery,
    answer: monthReport,
  },
} as const satisfies Endpoints;

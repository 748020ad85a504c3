import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { limit, pageOf, timestamp } from './values.ts';

/** A row that was set aside, without its key and its values: those are the user's own data, and no answer holds them. */
export const quarantinedRow = z.strictObject({
  id: z.string(),
  at: timestamp.describe("When it was set aside, by the destination's clock; UTC."),
  table: z.string(),
  column: z.string(),
  reason: z.string().describe('What is wrong with the value of the column.'),
  position: z.string().describe("The place in the source's log, or the chunk of a copy."),
});
export type QuarantinedRow = z.infer<typeof quarantinedRow>;

const tableRows = z.array(z.strictObject({ table: z.string(), rows: z.int() }));

export const quarantinePage = pageOf(quarantinedRow).extend({
  tables: tableRows.describe('Rows in quarantine of each table, on all pages.'),
  total: z.int(),
});
export type QuarantinePage = z.infer<typeof quarantinePage>;

export const quarantineQuery = z.strictObject({
  table: z.string().optional().describe('Only this table; default: all, also those that are not chosen any more.'),
  after: z.string().optional().describe('`next` of the page before.'),
  limit: limit(20, 200),
});

const tables = z.array(z.string()).min(1).nullable().describe('Table ids; null: the rows of all tables.');

export const quarantineRetry = z.strictObject({ tables });

export const retriedTable = z.strictObject({
  table: z.string(),
  rows: z.int().describe('Rows that were in quarantine.'),
  settled: z.int().describe('Entries that are gone: their rows fit now, or are gone at the source.'),
  unfit: z.int().describe('Rows that still do not fit.'),
  reason: z.string().nullable().describe('Why others were left; null: none was.'),
});
export const quarantineRetried = z.strictObject({
  tables: z.array(retriedTable).nullable().describe('Null: it was begun and goes on; the list shows what is left.'),
});
export type RetriedTable = z.infer<typeof retriedTable>;
export type QuarantineRetried = z.infer<typeof quarantineRetried>;

export const quarantineDrop = z.strictObject({
  tables,
  dryRun: z.boolean().default(true).describe('Only says how many rows would be dropped; `false` drops them.'),
});

export const quarantineDropped = z.strictObject({
  dropped: z.boolean(),
  rows: z.int(),
  tables: tableRows.describe('What was there before.'),
});
export type QuarantineDropped = z.infer<typeof quarantineDropped>;

export const quarantineEndpoints = {
  'GET /instances/{name}/quarantine': {
    summary: 'Rows that were set aside because a value did not fit, the newest first; nothing of the rows themselves.',
    role: 'viewer',
    query: quarantineQuery,
    answer: quarantinePage,
  },
  'POST /instances/{name}/quarantine/retry': {
    summary:
      'Fetches rows in quarantine from the source again and loads those that fit now, which may take two minutes; safe to repeat.',
    role: 'operator',
    body: quarantineRetry,
    answer: quarantineRetried,
  },
  'POST /instances/{name}/quarantine/drop': {
    summary: 'Takes rows out of quarantine for good; unless `dryRun` is false it only counts them.',
    role: 'operator',
    body: quarantineDrop,
    answer: quarantineDropped,
  },
} as const satisfies Endpoints;

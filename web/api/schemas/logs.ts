import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { limit, timestamp } from './values.ts';

/** `errors`: warnings and errors of all three. */
export const logKind = z.enum(['source', 'destination', 'others', 'errors']);
export type LogKind = z.infer<typeof logKind>;

export const logLine = z.strictObject({
  /** Its place; grows. */
  id: z.string(),
  at: timestamp,
  level: z.enum(['info', 'warn', 'error']),
  kind: z.enum(['source', 'destination', 'others']),
  message: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type LogLine = z.infer<typeof logLine>;

const filters = {
  kind: logKind.optional().describe('Default: all lines.'),
  search: z.string().max(200).optional().describe('A part of the line, without case.'),
  level: z.enum(['info', 'warn', 'error']).optional().describe('Lines of this level and above.'),
};

export const logQuery = z.strictObject({
  ...filters,
  after: z.string().optional().describe('Lines after this id, the oldest first: to follow the log.'),
  before: z.string().optional().describe('Lines before this id: to look back.'),
  limit: limit(100, 1000),
});
export type LogQuery = z.input<typeof logQuery>;

export const logDownloadQuery = z.strictObject(filters);

/** In the order in which they were written. Without `after` and `before` the last ones. */
export const logPage = z.strictObject({
  items: z.array(logLine),
  /** Give this as `after` to follow; null: there is no line yet. */
  last: z.string().nullable(),
  /** Give this as `before` to look back; null: there is nothing before. */
  first: z.string().nullable(),
});
export type LogPage = z.infer<typeof logPage>;

export const logEndpoints = {
  'GET /instances/{name}/logs': {
    summary: 'Lines of the log.',
    role: 'viewer',
    query: logQuery,
    answer: logPage,
  },
} as const satisfies Endpoints;

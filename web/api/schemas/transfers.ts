import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { timestamp } from './values.ts';

const counts = {
  initial: z.number().describe('Rows of full extracts.'),
  inserts: z.number(),
  updates: z.number(),
  deletes: z.number(),
};

export const transfers = z.strictObject({
  zone: z.string().describe('The time zone that days are counted in.'),
  records: z.number().describe('Rows and changes of the last 24 hours.'),
  hours: z
    .array(z.strictObject({ from: timestamp, ...counts }))
    .describe('The last 24 hours by hours, the oldest first.'),
  days: z
    .array(z.strictObject({ date: z.string(), ...counts }))
    .describe('The days of this month; those without runs are left out.'),
});
export type Transfers = z.infer<typeof transfers>;

export const transferQuery = z.strictObject({
  zone: z.string().max(100).default('UTC').describe('An IANA name of a time zone.'),
});

export const transferEndpoints = {
  'GET /instances/{name}/transfers': {
    summary: 'Records transferred, by hours and by days.',
    role: 'viewer',
    query: transferQuery,
    answer: transfers,
  },
} as const satisfies Endpoints;

import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { instanceIcon } from './instances.ts';
import { limit, pageOf, timestamp } from './values.ts';

const userDefined = z.strictObject({ name: z.string().min(1).max(100), value: z.string().max(1000) });

/** What the console keeps of an instance beside its configuration. */
export const settings = z.strictObject({
  instance: z.strictObject({ name: z.string(), icon: instanceIcon }),
  userDefined: userDefined.nullable().describe('One field of the user; null: there is none.'),
  licence: z.strictObject({ name: z.string(), text: z.string() }),
  metadata: z.strictObject({
    place: z.string().describe('Where the catalog is: a file or a table.'),
    bytes: z.number().nullable().describe('Its size; null: it is not known.'),
  }),
  about: z.strictObject({
    version: z.string(),
    runtime: z.string(),
    hostName: z.string(),
    location: z.string().describe('Where the instance lies.'),
  }),
});
export type Settings = z.infer<typeof settings>;

export const settingsChange = z
  .strictObject({
    icon: instanceIcon,
    userDefined: userDefined.nullable(),
  })
  .partial();
export type SettingsChange = z.input<typeof settingsChange>;

export const auditEntry = z.strictObject({
  at: timestamp,
  by: z.string(),
  /** What was done, as `PUT source`. */
  action: z.string(),
  /** What it was done to or with, without values of secrets. */
  detail: z.string(),
  outcome: z.enum(['done', 'refused', 'failed']),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditQuery = z.strictObject({ after: z.string().optional(), limit: limit(50, 500) });

export const settingsEndpoints = {
  'GET /instances/{name}/settings': {
    summary: 'What the console keeps of an instance, and about this installation.',
    role: 'viewer',
    answer: settings,
  },
  'PATCH /instances/{name}/settings': {
    summary: "Changes the instance's icon or its user-defined field.",
    role: 'operator',
    body: settingsChange,
    answer: settings,
  },
  'GET /instances/{name}/audit': {
    summary: 'Who changed what and when, the newest first.',
    role: 'viewer',
    query: auditQuery,
    answer: pageOf(auditEntry),
  },
} as const satisfies Endpoints;

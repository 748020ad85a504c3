import * as z from 'zod';
import { dashboard } from './dashboard.ts';
import { logLine } from './logs.ts';
import { operation } from './operations.ts';

/**
 * The events of `GET /instances/{name}/live` (server-sent events; the event's name is the tag, its data the JSON of the rest).
 * A dashboard comes at once and then whenever it has changed; log lines in batches, only those that were written since.
 */
export const liveEvent = z.discriminatedUnion('tag', [
  z.strictObject({ tag: z.literal('dashboard'), dashboard }),
  z.strictObject({ tag: z.literal('operation'), operation }),
  z.strictObject({ tag: z.literal('log'), lines: z.array(logLine) }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;

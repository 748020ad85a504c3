import * as z from 'zod';
import { TLS_DESCRIPTION, tlsSetting } from '../pipeline/tls-setting.ts';

/** How a server is reached; the defaults of `tls` come with {@link tlsOrDefault}. */
export function serverFields(port: number, database: string) {
  return {
    host: z.string().min(1).describe('Name or address of the server.'),
    port: z.int().min(1).max(65_535).default(port).describe('Its port.'),
    database: z.string().min(1).describe(database),
    user: z.string().min(1).describe('The user that logs in.'),
    tls: tlsSetting.optional().describe(TLS_DESCRIPTION),
  };
}

/** What extract type Timestamps asks of every source. */
export const pollFields = {
  pollSeconds: z.number().positive().default(10).describe('Extract type timestamps: a pause between polls, seconds.'),
  lagSeconds: z
    .number()
    .nonnegative()
    .default(5)
    .describe(
      'Extract type timestamps: rows younger than this are left for the next poll, because older ones may still be uncommitted.',
    ),
  overlapSeconds: z
    .number()
    .nonnegative()
    .default(0)
    .describe(
      'Extract type timestamps: how far before the last mark a poll looks again for rows that were committed late.',
    ),
};

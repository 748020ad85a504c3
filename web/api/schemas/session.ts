import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';

/** Who asks, and what the place can do where the API runs. */
export const session = z.strictObject({
  user: z.string(),
  role: z.enum(['viewer', 'operator']),
  host: z.enum(['local', 'aws']),
  version: z.string(),
  /** Whether instances can be made here, and configurations changed; on AWS both are deployed. */
  canConfigure: z.boolean(),
  /** The one instance that is served, where there is only one (`penstock run`); null: there is a list. */
  only: z.string().nullable(),
  /** `events`: `GET …/live` streams. `poll`: ask again instead. */
  live: z.enum(['events', 'poll']),
});
export type Session = z.infer<typeof session>;

export const sessionEndpoints = {
  'GET /session': { summary: 'Who asks, and what this console can do.', role: 'viewer', answer: session },
} as const satisfies Endpoints;

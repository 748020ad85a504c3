import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';

/** The name of an instance is that of its pipeline. */
export const instanceName = z.string().regex(/^[a-z0-9-]{1,40}$/, '1 to 40 of a-z, 0-9 and -');

export const instanceIcon = z.strictObject({
  text: z.string().max(2).describe('Two characters at most.'),
  color: z.string().regex(/^#[0-9a-f]{6}$/, 'a colour such as #0972d3'),
});
export type InstanceIcon = z.infer<typeof instanceIcon>;

export const instance = z.strictObject({
  name: instanceName,
  /** Something is at work for it here, or would be by its schedule. */
  active: z.boolean(),
  /** Whether its configuration can be worked with. */
  complete: z.boolean(),
  /** Another process of this machine works for it: this console shows it, and changes nothing. */
  elsewhere: z.boolean(),
  icon: instanceIcon,
  /** Where it lies: a folder, or a table of the catalog. */
  place: z.string(),
});
export type Instance = z.infer<typeof instance>;

export const instanceList = z.strictObject({ items: z.array(instance) });
export type InstanceList = z.infer<typeof instanceList>;

export const newInstance = z.strictObject({ name: instanceName });
export type NewInstance = z.infer<typeof newInstance>;

export const instanceEndpoints = {
  'GET /instances': { summary: 'All instances.', role: 'viewer', answer: instanceList },
  'POST /instances': {
    summary: 'Makes an instance that is not set up yet.',
    role: 'operator',
    body: newInstance,
    status: 201,
    answer: instance,
  },
  'GET /instances/{name}': { summary: 'One instance.', role: 'viewer', answer: instance },
  'POST /instances/{name}/open': {
    summary: 'Restores an instance: it goes on in the state in which it was.',
    role: 'operator',
    answer: instance,
  },
} as const satisfies Endpoints;

import * as z from 'zod';
import { ALERTING, type AlertingType } from '../events/alert.ts';
import type { SecretReference } from '../host/host.ts';
import { PASSWORD_DESCRIPTION, secretReference } from './secret-reference.ts';
import { isThisMachine } from './tls-setting.ts';

/** The section `email`: whom one machine tells by mail what somebody must know. */

/** Without blanks, so that no header can be made of one. */
const ADDRESS = '[^\\s@<>,;"]+@[^\\s@<>,;"]+';

const withAuthority = { ca: z.string().min(1).nullable().default(null) };
const mailTls = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('starttls'), ...withAuthority }),
  z.strictObject({ mode: z.literal('implicit'), ...withAuthority }),
  z.strictObject({ mode: z.literal('off') }),
]);

const shape = z.strictObject({
  enabled: z.boolean().default(true).describe('`false`: nothing is sent, and what is set up stays.'),
  host: z.string().min(1).describe('Name or address of the SMTP server.'),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .nullable()
    .default(null)
    .describe('Its port. Default: 587, or 465 with `tls.mode: implicit`, or 25 with `off`.'),
  tls: mailTls
    .optional()
    .describe(
      '`{ mode: starttls, ca: file }`, `{ mode: implicit, ca: file }` or `{ mode: off }`. The server is verified. Default: starttls, but off for a server on this machine.',
    ),
  user: z.string().min(1).nullable().default(null).describe('The user that logs in; without one nobody does.'),
  password: secretReference.nullable().default(null).describe(PASSWORD_DESCRIPTION),
  from: z
    .string()
    .regex(new RegExp(`^${ADDRESS}$`, 'u'), 'an e-mail address')
    .describe('The sender: an address that the server sends for.'),
  to: z
    .string()
    .regex(new RegExp(`^${ADDRESS}(?:\\s*,\\s*${ADDRESS})*$`, 'u'), 'e-mail addresses, with commas between them')
    .describe('Who gets the mail: one address, or more with commas between them.'),
  events: z
    .array(z.enum(ALERTING))
    .min(1)
    .default([...ALERTING])
    .describe('What is told. Each at most once an hour while it goes on; see docs/events.md.'),
});

export const emailSchema = shape
  .refine(({ user, password }) => user === null || password !== null, {
    path: ['password'],
    error: 'a password for the user',
  })
  .refine(({ user, password }) => password === null || user !== null, {
    path: ['user'],
    error: 'a user, where there is a password',
  })
  .refine(({ user, tls, host }) => user === null || tls?.mode !== 'off' || isThisMachine(host), {
    path: ['tls', 'mode'],
    error: 'starttls or implicit where a user logs in: a password would go over the network as it is',
  });

export type MailTls =
  | { readonly mode: 'off' }
  /** `ca`: a PEM file, or null for the system's authorities. The server is always verified. */
  | { readonly mode: 'starttls' | 'implicit'; readonly ca: string | null };

export interface EmailSettings {
  readonly enabled: boolean;
  readonly host: string;
  readonly port: number;
  readonly tls: MailTls;
  readonly login: { readonly user: string; readonly password: SecretReference } | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly events: readonly AlertingType[];
}

const PORTS = { starttls: 587, implicit: 465, off: 25 } as const;

export function emailSettings(written: z.infer<typeof emailSchema>): EmailSettings {
  const { host, user, password, to } = written;
  const tls = written.tls ?? (isThisMachine(host) ? { mode: 'off' } : { mode: 'starttls', ca: null });
  return {
    ...{ enabled: written.enabled, host, tls, from: written.from, events: written.events },
    port: written.port ?? PORTS[tls.mode],
    login: user === null || password === null ? null : { user, password },
    to: to.split(',').map((address) => address.trim()),
  };
}

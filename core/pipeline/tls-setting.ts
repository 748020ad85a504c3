import * as z from 'zod';
import type { TlsSettings } from './settings.ts';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** How a connection is protected, written the same way for every source and destination. */
export const tlsSetting = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('off') }),
  z.strictObject({ mode: z.literal('verify'), ca: z.string().min(1).nullable().default(null) }),
]);

export const TLS_DESCRIPTION =
  "`{ mode: off }` or `{ mode: verify, ca: file }`; without `ca` the system's authorities count. Default: verify, but off for a server on this machine.";

/** Whether a name is that of this machine: what is sent there comes to no network. */
export function isThisMachine(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Verified TLS unless it is said otherwise or the server is on this machine, where there is no network to protect. */
export function tlsOrDefault(tls: TlsSettings | undefined, host: string): TlsSettings {
  return tls ?? (isThisMachine(host) ? { mode: 'off' } : { mode: 'verify', ca: null });
}

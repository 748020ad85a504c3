import { z } from 'zod';
import type { DestinationSettings, TlsSettings } from '../../pipeline/settings.ts';
import { secretReference } from '../../pipeline/secret-reference.ts';

/** SingleStore's SQL port. The 8080 of the vendor's dialogs is a web port. */
export const DEFAULT_PORT = 3306;

/** Driver options that may be set: the JDBC Options of the seeds, by mysql2's names. The rest is set by Penstock itself. */
const DRIVER_OPTIONS = z.strictObject({
  connectTimeout: z.int().min(1).optional().describe('milliseconds to wait for a connection'),
  enableKeepAlive: z.boolean().optional().describe('TCP keep-alive on the connections'),
  keepAliveInitialDelay: z.int().min(0).optional().describe('milliseconds before the first keep-alive packet'),
  localAddress: z.string().optional().describe('the local address to connect from'),
  compress: z.boolean().optional().describe('compress what goes over the network'),
  enableCleartextPlugin: z
    .boolean()
    .optional()
    .describe('send the password as it is, for PAM and LDAP logins; only with TLS'),
});

const TLS = z.union(
  [
    z.literal(['off', false]).transform((): TlsSettings => ({ mode: 'off' })),
    z.literal(['verify', true]).transform((): TlsSettings => ({ mode: 'verify', ca: null })),
    z.strictObject({ ca: z.string().min(1) }).transform(({ ca }): TlsSettings => ({ mode: 'verify', ca })),
  ],
  { error: 'expected off, verify, or { ca: FILE }' },
);

/** A database or table name as the servers take it: at most 63 characters. */
const NAME = z.string().min(1).max(63);

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/**
 * The `destination` section of the configuration, with the seeds' Advanced Options under their own names.
 * TLS with verification is the default, but for a server on this machine, where there is no network to protect.
 */
export const destinationSettings: z.ZodType<DestinationSettings> = z
  .strictObject({
    type: z.literal('singlestore'),
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(DEFAULT_PORT),
    database: NAME,
    user: z.string().min(1),
    password: secretReference,
    tls: TLS.optional(),
    options: DRIVER_OPTIONS.default({}),
    maxUpdates: z.int().min(1).nullable().default(null),
    loadThreads: z.int().min(1).max(64).default(4),
    addDatabasePrefix: z.boolean().default(false),
    truncateInsteadOfDrop: z.boolean().default(false),
    schemaForAllTables: NAME.nullable().default(null),
    ignoreDatabaseNameInSchema: z.boolean().default(false),
    schemaForStagingTables: NAME.nullable().default(null),
    retainStagingTables: z.boolean().default(false),
  })
  .transform(({ options, tls, ...rest }): DestinationSettings => ({
    ...rest,
    tls: tls ?? (LOOPBACK.test(rest.host) ? { mode: 'off' } : { mode: 'verify', ca: null }),
    options: Object.fromEntries(
      Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  }));

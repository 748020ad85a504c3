import * as z from 'zod';
import { PASSWORD_DESCRIPTION, secretReference } from '../../pipeline/secret-reference.ts';
import type { DestinationSettings } from '../../pipeline/settings.ts';
import { TLS_DESCRIPTION, tlsOrDefault, tlsSetting } from '../../pipeline/tls-setting.ts';

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

/** A database or table name as the servers take it: at most 63 characters. */
const NAME = z.string().min(1).max(63);

/**
 * The `destination` section of the configuration, with the seeds' Advanced Options under their own names.
 * TLS with verification is the default, but for a server on this machine, where there is no network to protect.
 */
export const destinationSettings: z.ZodType<DestinationSettings> = z
  .strictObject({
    type: z
      .literal('singlestore')
      .describe('SingleStore, or MySQL and MariaDB by the same protocol; which one is asked from the server.'),
    host: z.string().min(1).describe('Name or address of the server.'),
    port: z.int().min(1).max(65_535).default(DEFAULT_PORT).describe('The SQL port.'),
    database: NAME.describe('The database that tables land in.'),
    user: z.string().min(1).describe('The user that logs in.'),
    password: secretReference.describe(PASSWORD_DESCRIPTION),
    tls: tlsSetting.optional().describe(TLS_DESCRIPTION),
    options: DRIVER_OPTIONS.default({}).describe('Options of the driver (JDBC Options).'),
    maxUpdates: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('Versions of one key with history in one extract beyond this number are combined; none: all are kept.'),
    loadThreads: z.int().min(1).max(64).default(4).describe('Parallel loads.'),
    addDatabasePrefix: z.boolean().default(false).describe('A table is named `<source database>_<schema>_<table>`.'),
    truncateInsteadOfDrop: z
      .boolean()
      .default(false)
      .describe('A full extract empties the table and fills it again instead of replacing it.'),
    schemaForAllTables: NAME.nullable()
      .default(null)
      .describe('All tables land in this database instead of `database`.'),
    ignoreDatabaseNameInSchema: z
      .boolean()
      .default(false)
      .describe('With `addDatabasePrefix`, the prefix is the schema alone.'),
    schemaForStagingTables: NAME.nullable()
      .default(null)
      .describe('The database of staging tables; none: beside the tables that they are for.'),
    retainStagingTables: z
      .boolean()
      .default(false)
      .describe('Staging tables are kept when the pipeline ends, to look at.'),
  })
  .transform(({ options, tls, ...rest }): DestinationSettings => ({
    ...rest,
    tls: tlsOrDefault(tls, rest.host),
    options: Object.fromEntries(
      Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  }));

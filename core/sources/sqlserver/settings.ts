import * as z from 'zod';
import type { TlsSettings } from '../../pipeline/settings.ts';
import { TLS_DESCRIPTION, tlsOrDefault, tlsSetting } from '../../pipeline/tls-setting.ts';
import { SERVER_TIME_ZONE_DESCRIPTION, serverTimeZone } from '../server-time-zone.ts';
import type { SourceKind } from '../source-definition.ts';

const DEFAULT_PORT = 1433;
const SMALLEST_PACKET = 512;
const LARGEST_PACKET = 32_767;

/** Options of the driver, by its names. */
const options = z.strictObject({
  instanceName: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A named instance (`HOST\\NAME`); its port is asked of the SQL Server Browser, UDP 1434. Not with `port`.',
    ),
  encrypt: z
    .boolean()
    .optional()
    .describe('Encrypted connections; default: as `tls` says. `false` is the same as `tls: { mode: off }`.'),
  trustServerCertificate: z
    .boolean()
    .optional()
    .describe('Encrypted, but with any certificate, which protects against nobody who can answer for the server.'),
  applicationIntent: z
    .enum(['ReadWrite', 'ReadOnly'])
    .optional()
    .describe(
      '`ReadOnly`: a listener of an availability group may lead to a readable secondary. Copies and polls only.',
    ),
  multiSubnetFailover: z.boolean().optional().describe('Tries all addresses of a listener at once.'),
  connectTimeout: z.int().positive().optional().describe('Seconds; default 15.'),
  requestTimeout: z
    .int()
    .nonnegative()
    .optional()
    .describe('Seconds until the first row of a statement; 0: as long as it takes, which is the default.'),
  packetSize: z.int().min(SMALLEST_PACKET).max(LARGEST_PACKET).optional().describe('Bytes.'),
  appName: z.string().min(1).optional().describe('How the sessions are called at the server; default: penstock.'),
  workstationId: z.string().min(1).optional().describe('The name of this machine that the server shows.'),
});

/** The `source` block of a pipeline for SQL Server, without what all sources share. */
export const sqlserverSettings = z
  .strictObject({
    extractType: z
      .enum(['changeTracking', 'cdc', 'fullExtracts', 'timestamps'])
      .default('changeTracking')
      .describe(
        '`changeTracking`: the server says which rows were changed. `cdc`: changes come from the change tables of change data capture. `fullExtracts`: tables are copied again. `timestamps`: a column that grows is polled.',
      ),
    host: z.string().min(1).describe('Name or address of the server.'),
    port: z.int().min(1).max(65_535).optional().describe('Its port; default 1433, or that of `options.instanceName`.'),
    database: z.string().min(1).describe('The database; tables are named `schema.table`.'),
    user: z.string().min(1).describe('The SQL Server login.'),
    tls: tlsSetting.optional().describe(TLS_DESCRIPTION),
    options: options.default({}).describe('Options of every connection (JDBC Options).'),
    zeroLengthStrings: z
      .enum(['keep', 'null'])
      .default('keep')
      .describe(
        'Handle zero length strings. `keep`: they are loaded as they are. `null`: they become NULL, but never in a key.',
      ),
    seventhDigit: z
      .enum(['text', 'stop', 'cut'])
      .default('text')
      .describe(
        'The seventh digit of a second, which datetime2(7), datetimeoffset(7) and time(7) have and the destination has not. `text`: such columns are loaded as texts, which keep it. `stop`: they are loaded as times with six digits; a value whose seventh is not 0 does not fit (`misfits`). `cut`: it is left out, but never in a key.',
      ),
    zonedTimes: z
      .enum(['text', 'utc'])
      .default('text')
      .describe('datetimeoffset. `text`: it is loaded as a text with its offset. `utc`: as a time in UTC.'),
    snapshotIsolation: z
      .enum(['require', 'without'])
      .default('require')
      .describe(
        'Extract type changeTracking: `require` means that ALLOW_SNAPSHOT_ISOLATION must be on, so that changes and copies have an exact place. `without`: rows are read while they change; the copy equals the source only where nothing was written since, and a change may be loaded twice, or before the rest of its transaction.',
      ),
    snapshotLockSeconds: z
      .int()
      .positive()
      .default(5)
      .describe(
        'Extract type cdc: how long a full extract waits for the moment in which its tables are locked to take its place in the log; then it tries again later. Writers that come after it wait too, so it should be short.',
      ),
    pollSeconds: z
      .number()
      .positive()
      .optional()
      .describe('A pause between looks for changes, seconds. Default: 1, for extract type timestamps 10.'),
    lagSeconds: z
      .number()
      .nonnegative()
      .default(5)
      .describe(
        'Extract type timestamps: rows younger than this are left for the next poll, because older ones may still be uncommitted. Not for a rowversion, of which the server knows it.',
      ),
    serverTimeZone: serverTimeZone.optional().describe(`Extract type cdc: ${SERVER_TIME_ZONE_DESCRIPTION}`),
    timestampZone: z
      .string()
      .regex(/^[+-]\d\d:\d\d$/, 'an offset such as +00:00 or -05:00')
      .default('+00:00')
      .describe('Extract type timestamps: the offset from UTC in which date and time columns without one are written.'),
    overlapSeconds: z
      .number()
      .nonnegative()
      .default(0)
      .describe(
        'Extract type timestamps: how far before the last mark a poll looks again for rows that were committed late.',
      ),
  })
  .refine(({ port, options: { instanceName } }) => port === undefined || instanceName === undefined, {
    message: 'a port and options.instanceName cannot both be given: the instance has its own port',
    path: ['port'],
  })
  .refine(({ tls, options: { encrypt } }) => tls === undefined || encrypt === undefined, {
    message: 'options.encrypt cannot be given with tls',
    path: ['options', 'encrypt'],
  })
  .refine(
    ({ extractType, options: { applicationIntent } }) =>
      applicationIntent !== 'ReadOnly' || extractType === 'fullExtracts' || extractType === 'timestamps',
    {
      message:
        'a readable secondary is behind the primary by a time that it does not say: changes are read from the primary',
      path: ['options', 'applicationIntent'],
    },
  )
  .transform((settings) => ({
    ...settings,
    // Null: that of the instance, which is asked for.
    port: settings.port ?? (settings.options.instanceName === undefined ? DEFAULT_PORT : null),
    serverTimeZone: settings.serverTimeZone ?? null,
    pollSeconds: settings.pollSeconds ?? (settings.extractType === 'timestamps' ? 10 : 1),
    tls: encryption(settings.options.encrypt) ?? tlsOrDefault(settings.tls, settings.host),
  }));

export type SqlserverSettings = z.output<typeof sqlserverSettings>;

/** SQL Server 2016 and newer. */
export const sqlserverKind = {
  type: 'sqlserver',
  label: 'SQL Server',
  settings: sqlserverSettings,
} as const satisfies SourceKind<SqlserverSettings>;

function encryption(encrypt: boolean | undefined): TlsSettings | null {
  if (encrypt === undefined) return null;
  return encrypt ? { mode: 'verify', ca: null } : { mode: 'off' };
}

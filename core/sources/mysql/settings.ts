import { createHash } from 'node:crypto';
import * as z from 'zod';
import { tlsOrDefault } from '../../pipeline/tls-setting.ts';
import { pollFields, serverFields } from '../setting-fields.ts';
import type { SourceKind } from '../source-definition.ts';

/** Session variables that a user may set on every connection, by the server's names, and two options of the driver. */
const options = z.strictObject({
  connect_timeout: z.int().positive().optional().describe('Seconds.'),
  keepalives_idle: z.int().positive().optional().describe('Seconds before the first TCP keepalive.'),
  net_read_timeout: z.int().positive().optional().describe('Seconds.'),
  net_write_timeout: z
    .int()
    .positive()
    .optional()
    .describe('Seconds; default 3600, because the server must wait while the destination is slow.'),
  wait_timeout: z.int().positive().optional().describe('Seconds.'),
  innodb_lock_wait_timeout: z.int().positive().optional().describe('Seconds.'),
  read_buffer_size: z.int().positive().optional().describe('Bytes.'),
});

const LARGEST_SERVER_ID = 4_294_967_295;

/** The `source` block of a pipeline for MySQL and MariaDB, without what all sources share. */
export const mysqlSettings = z
  .strictObject({
    extractType: z
      .enum(['logs', 'fullExtracts', 'timestamps'])
      .default('logs')
      .describe(
        '`logs`: changes come from the binlog. `fullExtracts`: tables are copied again. `timestamps`: a column that grows is polled.',
      ),
    ...serverFields(3306, 'The database that connections are in; tables are named `database.table`.'),
    options: options.default({}).describe('Options of every connection (JDBC Options).'),
    serverId: z
      .int()
      .min(1)
      .max(LARGEST_SERVER_ID)
      .nullable()
      .default(null)
      .describe(
        'The number under which the binlog is read; every replica and reader of a server needs its own. Default: a large one, made from the name of the pipeline.',
      ),
    zeroDates: z
      .enum(['stop', 'null'])
      .default('stop')
      .describe(
        '`0000-00-00` and other dates with a month or a day of 0. `stop`: they do not fit, which stops the table or sets the row aside (`misfits`). `null`: they become NULL; `check` warns of it.',
      ),
    zeroLengthStrings: z
      .enum(['keep', 'null'])
      .default('keep')
      .describe(
        'Handle zero length strings. `keep`: they are loaded as they are. `null`: they become NULL, but never in a key.',
      ),
    cascades: z
      .enum(['refuse', 'accept'])
      .default('refuse')
      .describe(
        'Extract type logs: tables whose rows the engine changes by ON DELETE or ON UPDATE CASCADE or SET NULL, which is not in the log. `refuse`: they cannot be chosen. `accept`: they can, and such changes are missing in the copy until its next full extract; `verify` shows them.',
      ),
    snapshotLockSeconds: z
      .int()
      .positive()
      .default(5)
      .describe(
        'How long a full extract waits for the moment in which the binlog position and the views are taken together; then it tries again later. Writers that come after it wait too, so it should be short.',
      ),
    ...pollFields,
    timestampZone: z
      .string()
      .regex(/^[+-]\d\d:\d\d$/, 'an offset such as +00:00 or -05:00')
      .default('+00:00')
      .describe('Extract type timestamps: the offset from UTC in which DATETIME columns are written.'),
  })
  .transform((settings) => ({
    ...settings,
    tls: tlsOrDefault(settings.tls, settings.host),
  }));

export type MysqlSettings = z.output<typeof mysqlSettings>;

/** MySQL 5.7 and newer, MariaDB 10.5 and newer. */
export const mysqlKind = {
  type: 'mysql',
  label: 'MySQL and MariaDB',
  settings: mysqlSettings,
} as const satisfies SourceKind<MysqlSettings>;

const UPPER_HALF = 2 ** 31;

/** A number in the upper half of what a server id may be, where people seldom choose one: the same at every start. */
export function serverIdOf(settings: MysqlSettings, pipeline: string): number {
  if (settings.serverId !== null) return settings.serverId;
  return UPPER_HALF + (createHash('sha256').update(`penstock/${pipeline}`).digest().readUInt32BE() % (UPPER_HALF - 1));
}

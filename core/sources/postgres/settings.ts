import * as z from 'zod';
import { tlsOrDefault } from '../../pipeline/tls-setting.ts';
import { pollFields, serverFields } from '../setting-fields.ts';
import type { SourceKind } from '../source-definition.ts';

/** Session options that a user may set on every connection, by libpq's or the server's own names. */
const options = z.strictObject({
  application_name: z.string().optional(),
  connect_timeout: z.int().positive().optional().describe('Seconds.'),
  keepalives: z
    .union([z.literal(0), z.literal(1)])
    .optional()
    .describe('0 or 1: TCP keepalive.'),
  keepalives_idle: z.int().positive().optional().describe('Seconds.'),
  role: z.string().optional(),
  search_path: z.string().optional(),
  lock_timeout: z
    .union([z.int().nonnegative(), z.string()])
    .optional()
    .describe('Milliseconds, or a number with a unit, as the server reads it.'),
  work_mem: z.string().optional(),
  effective_io_concurrency: z.int().nonnegative().optional(),
  max_parallel_workers_per_gather: z.int().nonnegative().optional(),
});

/** Names that PostgreSQL takes for slots: `[a-z0-9_]`, at most 63. */
const slotName = z.string().regex(/^[a-z0-9_]{1,63}$/, 'a slot name has up to 63 of a-z, 0-9 and _');

const DEFAULT_WARNING_BYTES = 10 * 1024 ** 3;

/** The `source` block of a pipeline for PostgreSQL, without what all sources share. */
export const postgresSettings = z
  .strictObject({
    extractType: z
      .enum(['logs', 'fullExtracts', 'timestamps'])
      .default('logs')
      .describe(
        '`logs`: changes come from the log. `fullExtracts`: tables are copied again. `timestamps`: a column that grows is polled.',
      ),
    ...serverFields(5432, 'The database that is read.'),
    options: options.default({}).describe('Options of every connection (JDBC Options).'),
    publication: z.string().min(1).max(63).nullable().default(null).describe('Default: `penstock_<pipeline>`.'),
    slot: slotName.nullable().default(null).describe('Default: `penstock_<pipeline>`.'),
    heartbeatSeconds: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        "Every so many seconds a small message is written to the source's log, so that a slot moves on in an idle database; null: nothing is ever written.",
      ),
    walWarnBytes: z
      .int()
      .positive()
      .default(DEFAULT_WARNING_BYTES)
      .describe('A slot that keeps back more log than this is reported.'),
    ...pollFields,
    timestampZone: z
      .string()
      .default('UTC')
      .describe(
        'Extract type timestamps: the zone that columns without one are written in, by its name (`Europe/Berlin`) or its offset from UTC (`-05:00`).',
      ),
  })
  .transform((settings) => ({
    ...settings,
    tls: tlsOrDefault(settings.tls, settings.host),
  }));

export type PostgresSettings = z.output<typeof postgresSettings>;

/** PostgreSQL 10 and newer. */
export const postgresKind = {
  type: 'postgres',
  label: 'PostgreSQL',
  settings: postgresSettings,
} as const satisfies SourceKind<PostgresSettings>;

/** `penstock_` and the pipeline's name in the letters that a slot name may have. */
export function defaultObjectName(pipeline: string): string {
  return `penstock_${pipeline.replaceAll('-', '_')}`;
}

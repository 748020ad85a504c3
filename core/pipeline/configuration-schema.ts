import * as z from 'zod';
import { parseTableName, type TableName } from '../changes/table-name.ts';
import { awsProxySchema, awsSchema } from './aws-settings.ts';
import { emailSchema } from './email-settings.ts';
import { scheduleSchema } from './schedule-settings.ts';
import { PASSWORD_DESCRIPTION, secretReference } from './secret-reference.ts';
import { structureOverride, structureSchema } from './structure-policy.ts';

/** The configuration file but for its sections `source` and `destination`, which their own folders describe. */

const MEGABYTE = 1_000_000;
const name = z.string().min(1);

const misfits = z.enum(['stop', 'quarantine']);

const tableName = name.transform((text, context): TableName => {
  const table = parseTableName(text);
  if (table !== null) return table;
  context.addIssue({ code: 'custom', message: 'schema.table; a part with a dot or a quote in double quotes' });
  return z.NEVER;
});

const typeChange = z.string().regex(/^@(?:[ILFS]|[DT]\(.+\))$/, '@I, @L, @F, @S, @D(format) or @T(format)');

/** One entry of `tables`. */
export const tableEntry = z.strictObject({
  name: tableName.describe('The table at the source: `schema.table`.'),
  transfer: z
    .enum(['mirror', 'history'])
    .optional()
    .describe(
      '`mirror`: the rows as they are. `history`: every version with its dates. Default: see `history.keepByDefault`.',
    ),
  key: z
    .array(name)
    .min(1)
    .nullable()
    .default(null)
    .describe("Columns that identify a row. Default: the table's primary key, or the whole row where it has none."),
  mask: z.array(name).default([]).describe('Columns whose values are never read; they arrive as NULL in a varchar(1).'),
  where: name.nullable().default(null).describe("A condition in the source's SQL for the full extract only."),
  skipInitialExtract: z.boolean().default(false).describe('No full extract; only changes from now on.'),
  redoInitialExtract: z.boolean().default(false).describe('The next full extract copies this table again.'),
  typeChange: z
    .record(name, typeChange)
    .default({})
    .describe(
      'Column → another type: `@I` 32-bit, `@L` 64-bit integer, `@F` double, `@D(yyyyMMdd)` date, `@T(…)` datetime, `@S` text.',
    ),
  timestampColumn: name
    .nullable()
    .default(null)
    .describe('The column that grows with every change, for extract type `timestamps`.'),
  misfits: misfits.optional().describe('As `misfits` below, for this table.'),
  structure: structureOverride.optional(),
});

const extracts = z.strictObject({
  seconds: z.number().min(0.01).max(3600).default(1).describe('An extract is cut after this time …'),
  rows: z.int().min(1).max(10_000_000).default(50_000).describe('… or this many changes …'),
  bytes: z
    .int()
    .min(1000)
    .max(1000 * MEGABYTE)
    .default(16 * MEGABYTE)
    .describe('… or this many bytes, at the next commit.'),
  maxBehind: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('The reader waits while this many extracts are not loaded.'),
  chunkBytes: z
    .int()
    .min(1000)
    .max(1000 * MEGABYTE)
    .default(16 * MEGABYTE)
    .describe('Size of a chunk of a full extract, before compression.'),
  retentionDays: z
    .int()
    .min(1)
    .max(3650)
    .default(14)
    .describe(
      'How long extracts are kept for rollbacks; what a table still needs is kept longer. They are listed ten times as long.',
    ),
});

/** What every destination takes as a column's name, and no column of Penstock's own has. */
const historyColumn = z
  .string()
  .regex(
    /^(?!__).{0,62}[^ ]$/u,
    'a column name of 1 to 63 characters that neither begins with __ nor ends with a space',
  );

/** Before it every version has to end. A date in the past would make versions current that are not. */
const FIRST_OPEN_END = '2099-01-01';

const history = z.strictObject({
  startColumn: historyColumn.default('history_start_date').describe('When a version became current (UTC).'),
  endColumn: historyColumn.default('history_end_date').describe('When it ceased to be.'),
  openEndDate: z.iso
    .date()
    .refine((date) => date >= FIRST_OPEN_END, {
      error: `a date from ${FIRST_OPEN_END} on, later than the end of every version`,
      when: ({ issues }) => issues.length === 0,
    })
    .default('9999-12-31')
    .describe(`End date of versions that are current, \`YYYY-MM-DD\`; ${FIRST_OPEN_END} or later.`),
  keepByDefault: z.boolean().default(false).describe('Tables without `transfer` are kept with history.'),
});

const events = z.strictObject({
  tableLoaded: z
    .boolean()
    .default(true)
    .describe(
      'An event `TableLoaded` for each table of each extract. `false` saves most of the log, and the metrics of it.',
    ),
});

const verify = z.strictObject({
  continuous: z
    .boolean()
    .default(false)
    .describe(
      '`penstock run` compares source and destination all the time, in the background. Nothing is repaired by itself.',
    ),
  share: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('Percent of the time that it may work at the source; the rest it pauses.'),
  everyHours: z.number().positive().max(10_000).default(24).describe('A pass over all tables begins so often at most.'),
});

/** What every source's section has beside its own settings. */
export const SOURCE_SHAPE = {
  type: z.string().describe('The kind of source.'),
  password: secretReference.describe(PASSWORD_DESCRIPTION),
  extractThreads: z.int().min(1).max(64).default(2).describe('Parallel reads of a full extract.'),
};

export const configurationSchema = z.strictObject({
  pipeline: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, '1 to 40 of a-z, 0-9 and -')
    .describe('The name of the pipeline: part of file, slot and ledger names.'),
  source: z.looseObject(SOURCE_SHAPE).describe('The database that is read.'),
  destination: z.looseObject({ type: z.string() }).describe('The database that is written.'),
  tables: z.array(tableEntry).min(1).describe('The tables to replicate.'),
  extracts: extracts.prefault({}).describe('When changes are cut into extracts.'),
  history: history.prefault({}).describe('How tables with history are kept.'),
  events: events.prefault({}).describe('Which events are written.'),
  schedule: scheduleSchema.prefault({ type: 'automatic' }).describe('When changes are extracted and loaded.'),
  verify: verify.prefault({}).describe('Comparison in the background.'),
  consistency: z
    .enum(['extract', 'table'])
    .default('extract')
    .describe(
      '`extract`: readers of the destination see whole source transactions. `table`: each table commits by itself.',
    ),
  misfits: misfits
    .default('stop')
    .describe('A row with a value that does not fit: `stop` its table, or set the row aside in `penstock_quarantine`.'),
  structure: structureSchema
    .prefault({})
    .describe(
      "What is done by itself when a table's structure changes at the source, and what waits for `sync-structure`.",
    ),
  email: emailSchema.optional().describe('Alerts by mail, from one machine. On AWS: `alarmEmails` of the deployment.'),
  aws: awsSchema
    .optional()
    .describe('What one machine tells an AWS account. A pipeline that is deployed there needs none.'),
  awsProxy: awsProxySchema.optional().describe('The way of one machine to AWS.'),
  state: name.default('./.penstock').describe('Directory of extracts and catalog, relative to this file.'),
});

export type Configuration = z.infer<typeof configurationSchema>;
export type TableEntry = Configuration['tables'][number];

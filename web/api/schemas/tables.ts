import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { failure, finding, limit, pageOf, timestamp } from './values.ts';

/** A table's options as they stand in the configuration; what is null or absent has its default. */
export const tableOptions = z.strictObject({
  transfer: z.enum(['mirror', 'history']).nullable().describe('Null: as `history.keepByDefault` says.'),
  key: z.array(z.string()).nullable().describe("Null: the table's primary key."),
  mask: z.array(z.string()),
  where: z.string().nullable(),
  skipInitialExtract: z.boolean(),
  redoInitialExtract: z.boolean(),
  typeChange: z.record(z.string(), z.string()).describe('Column → `@I`, `@L`, `@F`, `@D(format)`, `@T(format)`, `@S`.'),
  timestampColumn: z.string().nullable(),
  misfits: z.enum(['stop', 'quarantine']).nullable().describe("Null: as the pipeline's policy says."),
  structure: z
    .record(z.string(), z.string())
    .nullable()
    .describe("What becomes of changes of the table's structure; null: as the section `structure` says."),
});
export type TableOptions = z.infer<typeof tableOptions>;

const state = z.discriminatedUnion('tag', [
  z.strictObject({ tag: z.literal('new') }),
  z.strictObject({ tag: z.literal('copying') }),
  z.strictObject({ tag: z.literal('following') }),
  z.strictObject({ tag: z.literal('stopped'), since: timestamp, ...failure.omit({ table: true }).shape }),
]);
export type TableState = z.infer<typeof state>;

export const verification = z.strictObject({
  verdict: z.enum(['equal', 'different', 'unsettled']),
  position: z.string().describe("Where the source's log stood when the comparison began."),
  at: timestamp,
  rows: z.number().describe('At the source.'),
  destinationRows: z.number().nullable(),
  chunks: z.number(),
  differing: z.number().describe('Rows that differ, at least.'),
  unsettled: z.number().describe('Rows that changed during every look.'),
  repaired: z.number().describe('Rows that this verification fetched from the source again.'),
  columns: z.array(z.string()).describe('Columns that differ in rows that are on both sides.'),
  differsSince: timestamp.nullable(),
  stale: z.string().nullable().describe('Why it says nothing of the table as it is now; null: it does.'),
});
export type Verification = z.infer<typeof verification>;

export const tableRow = z.strictObject({
  id: z.string().describe('`schema.table`; a part with a dot or a quote in double quotes.'),
  schema: z.string(),
  name: z.string(),
  /** Columns of the primary key; null: it has none, or is not at the source. */
  key: z.array(z.string()).nullable(),
  estimatedRows: z.number().nullable(),
  atSource: z.boolean().describe('False: chosen, but the source has no such table, or the user cannot see it.'),
  selected: z.boolean(),
  /** Null: not selected. */
  options: tableOptions.nullable(),
  /** Null: not selected. */
  state: state.nullable(),
  copiedRows: z.number(),
  verification: verification.nullable().describe('What the last verification proved; null: never verified.'),
});
export type TableRow = z.infer<typeof tableRow>;

export const tablePage = pageOf(tableRow).extend({
  total: z.int().describe('Tables that match, on all pages.'),
  /** Version of the configuration, for changes. */
  version: z.string(),
  /** When the source was asked for its tables; `refresh=true` asks again. Null: it could not be asked, see `problem`. */
  listedAt: timestamp.nullable(),
  problem: failure.nullable().describe('Why the source could not be asked; then only the chosen tables are listed.'),
});
export type TablePage = z.infer<typeof tablePage>;

const flag = z.enum(['true', 'false']);

const standings = {
  state: z.enum(['new', 'copying', 'following', 'stopped']).optional(),
  verified: z
    .enum(['equal', 'different', 'unsettled', 'stale', 'never'])
    .optional()
    .describe('Chosen tables by their last verification; `stale`: it says nothing of the table as it is now.'),
};

export const tableQuery = z.strictObject({
  search: z.string().max(200).optional().describe('A part of `schema.table`, without case.'),
  schema: z.string().optional(),
  selected: flag.optional(),
  ...standings,
  after: z.string().optional().describe('`next` of the page before.'),
  limit: limit(100, 1000),
  refresh: flag.optional(),
});
export type TableQuery = z.input<typeof tableQuery>;

/** The first level of the tree. */
export const schemaList = z.strictObject({
  database: z.string().nullable(),
  schemas: z.array(z.strictObject({ schema: z.string(), tables: z.int(), selected: z.int() })),
  total: z.int(),
  selected: z.int(),
  version: z.string(),
  listedAt: timestamp.nullable(),
  problem: failure.nullable(),
});
export type SchemaList = z.infer<typeof schemaList>;

export const schemaQuery = z.strictObject({
  search: z.string().max(200).optional(),
  selected: flag.optional(),
  ...standings,
  refresh: flag.optional(),
});

export const tableColumn = z.strictObject({
  name: z.string(),
  sourceType: z.string(),
  /** What it becomes at the destination, as people read it. */
  type: z.string(),
  nullable: z.boolean(),
  inKey: z.boolean(),
  masked: z.boolean(),
  typeChange: z.string().nullable(),
});
export type TableColumn = z.infer<typeof tableColumn>;

export const tableDetail = tableRow.extend({
  /** Null: the source could not be asked, see `problem`. */
  columns: z.array(tableColumn).nullable(),
  problem: failure.nullable(),
  version: z.string(),
});
export type TableDetail = z.infer<typeof tableDetail>;

/** `options`: those that are given change, the others stay. Without `selected` the selection stays. */
export const tableChange = z.strictObject({
  table: z.string(),
  selected: z.boolean().optional(),
  options: tableOptions.partial().optional(),
});
export type TableChange = z.input<typeof tableChange>;

const changes = z.array(tableChange).min(1).max(20_000);

export const tableChanges = z.strictObject({ changes, version: z.string() });
export type TableChanges = z.input<typeof tableChanges>;

export const tableChangesAnswer = z.strictObject({
  version: z.string(),
  selected: z.int().describe('How many tables are chosen now.'),
  changed: z.int(),
});
export type TableChangesAnswer = z.infer<typeof tableChangesAnswer>;

export const tableCheckRequest = z.strictObject({ changes });
export type TableCheckRequest = z.input<typeof tableCheckRequest>;

export const tableCheck = z.strictObject({
  success: z.boolean(),
  findings: z
    .array(finding.extend({ table: z.string().nullable() }))
    .describe('The first errors and the first warnings.'),
  more: z.int().describe('Findings that are not listed.'),
});
export type TableCheck = z.infer<typeof tableCheck>;

export const tableEndpoints = {
  'GET /instances/{name}/tables': {
    summary: "The source's tables, and those that are chosen, by page.",
    role: 'viewer',
    query: tableQuery,
    answer: tablePage,
  },
  'GET /instances/{name}/schemas': {
    summary: 'The schemas of the source with the number of their tables.',
    role: 'viewer',
    query: schemaQuery,
    answer: schemaList,
  },
  'GET /instances/{name}/tables/{table}': {
    summary: 'One table with its columns.',
    role: 'viewer',
    answer: tableDetail,
  },
  'PATCH /instances/{name}/tables': {
    summary: 'Chooses tables and sets their options: all changes are saved, or none is.',
    role: 'operator',
    body: tableChanges,
    answer: tableChangesAnswer,
  },
  'POST /instances/{name}/tables/check': {
    summary: 'Looks what the changes would meet at the source and the destination; saves nothing.',
    role: 'operator',
    body: tableCheckRequest,
    answer: tableCheck,
  },
} as const satisfies Endpoints;

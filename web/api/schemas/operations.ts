import * as z from 'zod';
import type { Endpoints } from './endpoint.ts';
import { failure, limit, pageOf, progressRow, timestamp } from './values.ts';

const tables = z.array(z.string()).min(1).nullable().default(null).describe('Table ids; null: all chosen tables.');
const dryRun = z.boolean().default(false).describe('Only says what would be done.');

export const operationRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('full-extract'), tables }),
  z.strictObject({
    kind: z.literal('sync-new-tables'),
    tables: tables.describe('Table ids; null: those that were never copied, and those with `redoInitialExtract`.'),
  }),
  z.strictObject({
    kind: z.literal('sync-structure'),
    ...{ tables, dryRun },
    dropColumns: z
      .boolean()
      .default(false)
      .describe('Columns that the source dropped are dropped at the destination, too, with their values.'),
    redo: z.boolean().default(false).describe('Tables that cannot be made the same are copied anew afterwards.'),
  }),
  z.strictObject({ kind: z.literal('rollback'), to: z.int().min(1), tables, dryRun }),
  z.strictObject({ kind: z.literal('manual-delta') }),
  z.strictObject({
    kind: z.literal('verify'),
    tables,
    repair: z.boolean().default(false).describe('Fetches the rows that differ from the source again.'),
  }),
]);
export type OperationRequest = z.input<typeof operationRequest>;
export type OperationKind = OperationRequest['kind'];

const copiedTables = z.array(
  z.strictObject({
    table: z.string(),
    state: z.enum(['copied', 'skipped', 'failed']),
    rows: z.number(),
    bytes: z.number(),
    error: failure.nullable(),
  }),
);
export type CopiedTables = z.infer<typeof copiedTables>;

const result = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['full-extract', 'sync-new-tables']),
    tables: copiedTables,
  }),
  z.strictObject({
    kind: z.literal('sync-structure'),
    changes: z.int(),
    stopped: z.array(z.string()),
    tables: z.array(
      z.strictObject({
        table: z.string(),
        state: z.enum(['same', 'different', 'synced', 'left']),
        differences: z.array(
          z.strictObject({ what: z.string(), class: z.enum(['safe', 'unsafe', 'impossible']), reason: z.string() }),
        ),
        reason: z.string().nullable(),
        resumed: z.boolean(),
      }),
    ),
    toRedo: z.array(z.string()).default([]).describe('Tables that only a copy makes the same.'),
    copied: copiedTables.default([]).describe('Those of them that were copied anew, because of `redo`.'),
  }),
  z.strictObject({
    kind: z.literal('rollback'),
    from: z.int(),
    to: z.int(),
    extracts: z.int(),
    rows: z.number(),
    bytes: z.number(),
    tables: z.array(z.strictObject({ table: z.string(), from: z.int(), to: z.int(), rows: z.number() })),
    fromLog: z
      .strictObject({ from: z.int(), to: z.int(), extracts: z.int(), reaches: z.boolean(), reason: z.string() })
      .nullable()
      .default(null)
      .describe("Extracts whose files have expired: the source's log gives them again, where it `reaches` back."),
    left: z.array(z.strictObject({ table: z.string(), reason: z.string() })),
    resumed: z.array(z.string()),
    stopped: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('manual-delta'),
    from: z.int(),
    to: z.int(),
    rows: z.number(),
    stopped: z.array(z.string()),
  }),
  z.strictObject({
    kind: z.literal('verify'),
    equal: z.boolean(),
    tables: z.array(
      z.strictObject({
        table: z.string(),
        state: z.enum(['equal', 'unsettled', 'different', 'not comparable']),
        sourceRows: z.number().nullable(),
        destinationRows: z.number().nullable(),
        /** Keys of rows that differ, at most 100. */
        differences: z.array(
          z.strictObject({ kind: z.string(), key: z.array(z.string()), columns: z.array(z.string()).default([]) }),
        ),
        differing: z.number(),
        columns: z.array(z.string()).default([]).describe('Columns that differ in rows that are on both sides.'),
        unsettled: z.number().default(0).describe('Rows that changed during every look.'),
        repaired: z.number().default(0).describe('Rows that were fetched from the source again.'),
        position: z.string().nullable().default(null).describe("Where the source's log stood when it began."),
        at: timestamp.nullable().default(null),
        chunks: z.number().nullable().default(null),
        reason: z.string().nullable(),
      }),
    ),
  }),
]);
export type OperationResult = z.infer<typeof result>;

export const operation = z.strictObject({
  id: z.string(),
  request: operationRequest,
  by: z.string(),
  startedAt: timestamp,
  endedAt: timestamp.nullable(),
  /** `stopping`: it was asked to stop and ends at a clean place. `interrupted`: its process ended before it did; started again, it goes on. */
  state: z.enum(['running', 'stopping', 'succeeded', 'failed', 'stopped', 'interrupted']),
  /** What it is doing, in words; of one that has ended what it did. */
  message: z.string(),
  progress: z.array(progressRow).max(200).describe('The latest of each table, at most 200.'),
  error: failure.nullable(),
  /** Null until it has succeeded. */
  result: result.nullable(),
});
export type Operation = z.infer<typeof operation>;

export const operationQuery = z.strictObject({ after: z.string().optional(), limit: limit(20, 100) });

export const rollbackPoint = z.strictObject({
  file: z.int().describe('The number of the extract: File No.'),
  from: z.string(),
  to: z.string(),
  sourceDate: timestamp,
  executionDate: timestamp,
  rows: z.number(),
  available: z.boolean().describe('False: its file has expired.'),
});
export type RollbackPoint = z.infer<typeof rollbackPoint>;

export const rollbackQuery = z.strictObject({
  before: z.coerce.number<number>().int().min(1).optional().describe('`next` of the page before.'),
  limit: limit(20, 200),
});

export const operationEndpoints = {
  'GET /instances/{name}/operations': {
    summary: 'Operations, the newest first, without their results.',
    role: 'viewer',
    query: operationQuery,
    answer: pageOf(operation),
  },
  'POST /instances/{name}/operations': {
    summary: 'Starts an operation; it goes on after the answer.',
    role: 'operator',
    body: operationRequest,
    status: 202,
    answer: operation,
  },
  'GET /instances/{name}/operations/{id}': { summary: 'One operation.', role: 'viewer', answer: operation },
  'POST /instances/{name}/operations/{id}/stop': {
    summary: 'Asks an operation to stop at a clean place; started again, it goes on from there.',
    role: 'operator',
    status: 202,
    answer: operation,
  },
  'GET /instances/{name}/rollback-points': {
    summary: 'The points to roll back to, the newest first.',
    role: 'viewer',
    query: rollbackQuery,
    answer: pageOf(rollbackPoint),
  },
} as const satisfies Endpoints;

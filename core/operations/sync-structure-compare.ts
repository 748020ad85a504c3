import type { TableRecord } from '../catalog/records.ts';
import type { TableSchema } from '../changes/table-schema.ts';
import type { LedgerMarks } from '../destinations/destination.ts';
import { targetOf } from '../destinations/target-naming.ts';
import type { TargetTable } from '../destinations/target-table.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import { readManifests } from '../extracts/read-piece.ts';
import { isEquivalent } from '../loads/structure.ts';
import { catalogOf } from './contexts.ts';
import { concernsTable } from './copying/copy-table.ts';
import type { OperationContext } from './operation-context.ts';
import { selectionOf, tableSettings } from './pipeline-tables.ts';
import { passingFault, planSync, type Difference } from './sync-structure-plan.ts';

export type Comparison =
  /** It cannot be compared. */
  { readonly tag: 'left'; readonly table: string; readonly reason: string } | ComparableTable;

export interface ComparableTable {
  readonly tag: 'comparable';
  readonly table: string;
  /** The structure that the destination table has by the catalog. */
  readonly has: TableSchema;
  /** The source's. */
  readonly now: TableSchema;
  readonly target: TargetTable;
  readonly differences: readonly Difference[];
  /** Structures of rows that wait to be loaded, but for the source's of now. */
  readonly logged: readonly TableSchema[];
  /** Why nothing can be done; null: it can. */
  readonly reason: string | null;
  /** The table is stopped for its structure, and nothing is in the way of going on. */
  readonly resumes: boolean;
}

/** Compares one table. Only reads. */
export async function compareTable(
  context: OperationContext,
  table: string,
  record: TableRecord | null,
  marks: LedgerMarks,
  logged: readonly TableSchema[],
): Promise<Comparison> {
  if (record === null || record.schema === null) return { tag: 'left', table, reason: 'it was never copied' };
  const why = whyNot(record, marks);
  if (why !== null) return { tag: 'left', table, reason: why };
  const described = await describe(context, table);
  if (described instanceof PenstockError) {
    return { tag: 'left', table, reason: `${described.code} ${described.message}` };
  }
  const { now, target } = described;
  const has = record.schema;
  const standing = await context.destination.describe(target, context.signal);
  const planned = planSync({ has, now, standing, kept: record.keptColumns });
  const differences = await Promise.all(planned.map((one) => withData(context, target, one, planned)));
  const others = logged.filter((schema) => !isEquivalent(now, schema));
  const reason = whatIsInTheWay(differences, has, others, now);
  const isStopped = record.state.tag === 'stopped' && record.state.code === 'PS4005';
  const resumes = isStopped && reason === null;
  return { tag: 'comparable', table, has, now, target, differences, logged: others, reason, resumes };
}

function whyNot({ table, state }: TableRecord, marks: LedgerMarks): string | null {
  const isLoaded = state.tag === 'following' || state.tag === 'stopped';
  if (!isLoaded || marks.copies.get(table) === null) return 'its copy is not finished';
  return marks.replays.has(table) ? 'a rollback of it has not ended' : null;
}

function whatIsInTheWay(
  differences: readonly Difference[],
  has: TableSchema,
  logged: readonly TableSchema[],
  now: TableSchema,
): string | null {
  const impossible = differences.filter((one) => one.class === 'impossible');
  if (impossible.length > 0) return impossible.map(({ what, reason }) => `${what}: ${reason}`).join('; ');
  return passingFault(has, logged, now);
}

async function describe(
  { source, settings, signal }: OperationContext,
  table: string,
): Promise<{ readonly now: TableSchema; readonly target: TargetTable } | PenstockError> {
  const chosen = tableSettings(settings, table);
  try {
    const [now] = await source.describeTables([selectionOf(chosen)], signal);
    if (now === undefined) return new PenstockError('PS1005', table, { table });
    return { now, target: targetOf(settings, chosen, now) };
  } catch (error) {
    if (!concernsTable(error) || error.retry === 'timed') throw error;
    return error;
  }
}

/** What is done only where the data allows it is looked at. */
async function withData(
  { destination, signal }: OperationContext,
  target: TargetTable,
  difference: Difference,
  all: readonly Difference[],
): Promise<Difference> {
  const { change } = difference;
  if (change?.tag !== 'narrow') return difference;
  const renamed = all.find((one) => one.change?.tag === 'rename' && one.change.column === change.column)?.change;
  const standing = await destination.describe(target, signal);
  const from = renamed?.tag === 'rename' ? renamed.from : change.column;
  const name = standing?.some((column) => column.name === from) === true ? from : change.column;
  const unfit = await destination.unfitRows(target, change.column, name, signal);
  if (unfit === 0) return { ...difference, reason: 'the type is narrowed: every value at the destination fits' };
  const reason = `${unfit} ${unfit === 1 ? 'row has a value' : 'rows have values'} at the destination that would not fit`;
  return { ...difference, class: 'impossible', reason, change: null };
}

/** Extracts read side by side. */
const READERS = 8;

/** The structures of each table's rows in extracts that are not loaded into it, in the order in which they come. */
export async function loggedSchemas(
  context: OperationContext,
  tables: readonly string[],
  marks: LedgerMarks,
  lastExtract: number,
): Promise<Map<string, TableSchema[]>> {
  const markOf = (table: string): number => marks.tables.get(table) ?? marks.applied ?? 0;
  const found = new Map(tables.map((table): [string, TableSchema[]] => [table, []]));
  for (let after = Math.min(lastExtract, ...tables.map(markOf)); after < lastExtract; after += READERS) {
    const records = await catalogOf(context).extractsAfter(after, Math.min(READERS, lastExtract - after));
    const pieces = await Promise.all(records.map((record) => readManifests(context.host, record, context.signal)));
    for (const { manifest } of pieces.flat()) {
      for (const { table, schema } of manifest.parts) {
        const schemas = found.get(table);
        if (schemas === undefined || manifest.extract <= markOf(table)) continue;
        if (!schemas.some(({ fingerprint }) => fingerprint === schema.fingerprint)) schemas.push(schema);
      }
    }
  }
  return found;
}

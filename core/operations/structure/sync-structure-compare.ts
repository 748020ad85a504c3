import type { TableRecord } from '../../catalog/records.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { LedgerMarks } from '../../destinations/destination.ts';
import { targetOf } from '../../destinations/target-naming.ts';
import type { TargetTable } from '../../destinations/target-table.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { readManifests } from '../../extracts/read-piece.ts';
import type { StructureWork } from '../../loads/apply-structure.ts';
import { checkedDifferences } from '../../loads/checked-differences.ts';
import { keyText, type Difference } from '../../loads/structure-differences.ts';
import { isEquivalent } from '../../loads/structure.ts';
import { catalogOf } from '../contexts.ts';
import { concernsTable } from '../copying/copy-table.ts';
import type { OperationContext } from '../operation-context.ts';
import { selectionOf, tableSettings } from '../pipeline-tables.ts';
import { passingFault } from './passing-fault.ts';

export type Comparison =
  /** It cannot be compared. */
  { readonly tag: 'left'; readonly table: string; readonly reason: string } | ComparableTable;

export interface ComparableTable extends StructureWork {
  readonly tag: 'comparable';
  /** Why nothing can be done; null: it can. */
  readonly reason: string | null;
}

/** One table and what is known of it. */
export interface TableToCompare {
  readonly table: string;
  readonly record: TableRecord | null;
  readonly marks: LedgerMarks;
  /** Structures of rows that wait to be loaded. */
  readonly logged: readonly TableSchema[];
  /** Drop columns that the source dropped, whatever the policy says. */
  readonly dropColumns: boolean;
}

/** Compares one table. Only reads. */
export async function compareTable(context: OperationContext, given: TableToCompare): Promise<Comparison> {
  const { table, record, marks } = given;
  if (record === null || record.schema === null) return { tag: 'left', table, reason: 'it was never copied' };
  const why = whyNot(record, marks);
  if (why !== null) return { tag: 'left', table, reason: why };
  const described = await describe(context, table);
  if (described instanceof PenstockError) {
    return { tag: 'left', table, reason: `${described.code} ${described.message}` };
  }
  const { now, target } = described;
  const has = record.schema;
  const { settings } = context;
  const drops = given.dropColumns || tableSettings(settings, table).structure.drop === 'drop' ? 'drop' : 'keep';
  const mayReplace = !settings.destination.truncateInsteadOfDrop;
  const compared = { has, now, kept: record.keptColumns, drops, readFrom: 'source', mayReplace } as const;
  const { differences, sources } = await checkedDifferences(context, target, compared);
  const logged = given.logged.filter((schema) => !isEquivalent(now, schema));
  const reason = whatIsInTheWay(differences, has, given.logged, logged, now);
  const isStopped = record.state.tag === 'stopped' && record.state.code === 'PS4005';
  const resumes = isStopped && reason === null;
  const applied = marks.tables.get(table) ?? marks.applied ?? 0;
  return { tag: 'comparable', table, has, now, target, differences, sources, logged, reason, resumes, applied };
}

function whyNot({ table, state }: TableRecord, marks: LedgerMarks): string | null {
  const isLoaded = state.tag === 'following' || state.tag === 'stopped';
  if (!isLoaded || marks.copies.get(table) === null) return 'its copy is not finished';
  if (marks.rebuilds.has(table)) return 'it was made anew and is not in its place yet: whoever loads next ends that';
  return marks.replays.has(table) ? 'a rollback of it has not ended' : null;
}

function whatIsInTheWay(
  differences: readonly Difference[],
  has: TableSchema,
  waiting: readonly TableSchema[],
  others: readonly TableSchema[],
  now: TableSchema,
): string | null {
  const impossible = differences.filter((one) => one.class === 'impossible');
  if (impossible.length > 0) return impossible.map(({ what, reason }) => `${what}: ${reason}`).join('; ');
  if (keyText(has) !== keyText(now) && waiting.length === 0)
    return `the key changed from ${keyText(has)} to ${keyText(now)}: the log has not brought rows under it yet`;
  return passingFault(has, others, now);
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

import { withLease, withLeaseInTurn, type Lease } from '../../catalog/lease.ts';
import type { TableRecord } from '../../catalog/records.ts';
import { tableId } from '../../changes/table-name.ts';
import type { TableSchema } from '../../changes/table-schema.ts';
import type { LedgerMarks } from '../../destinations/destination.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { applyStructure } from '../../loads/apply-structure.ts';
import { endRebuilds } from '../../loads/end-rebuilds.ts';
import type { LoadContext } from '../../loads/load-context.ts';
import { loadForever } from '../../loads/load-forever.ts';
import type { Difference } from '../../loads/structure-differences.ts';
import { catalogOf, loadContext } from '../contexts.ts';
import { stoppedTables } from '../replication/delta.ts';
import { droppingStaging } from '../replication/drop-staging.ts';
import type { OperationContext } from '../operation-context.ts';
import { tableSettings } from '../pipeline-tables.ts';
import { compareTable, loggedSchemas, type Comparison } from './sync-structure-compare.ts';

export interface SyncStructureOptions {
  /** Table ids; null: all chosen tables. */
  readonly tables: readonly string[] | null;
  /** False: only says what is different. */
  readonly apply: boolean;
  /** Columns that the source dropped are dropped at the destination, too, with their values. Otherwise as the policy says: they are kept unless it says `drop`. */
  readonly dropColumns?: boolean;
  /** Whether to load afterwards what waited for it. False: a step of an operation: a loader at work is asked to hand over. */
  readonly load: boolean;
}

export interface SyncStructureResult {
  readonly tables: readonly SyncedTable[];
  /** Differences that were made good. */
  readonly changes: number;
  /** Tables that are stopped in the end. */
  readonly stopped: readonly string[];
}

export interface SyncedTable {
  readonly table: string;
  /** `different`: could be made the same. `synced`: was. `left`: cannot be, see `reason`. */
  readonly state: 'same' | 'different' | 'synced' | 'left';
  readonly differences: readonly Pick<Difference, 'what' | 'class' | 'reason'>[];
  /** Why it is left; null: it is not. */
  readonly reason: string | null;
  /** It was stopped and loads again (without `apply`: would). */
  readonly resumed: boolean;
}

/**
 * Compares the tables at the destination with the source's, and with `apply` makes them the same where no row loses anything. A table
 * that had stopped because of it goes on from just before its first failure. Interrupted, it can be called again.
 * @throws PenstockError PS1005, PS1007 when the pipeline is loaded elsewhere; what concerns one table is in its result
 */
export async function syncStructure(
  context: OperationContext,
  options: SyncStructureOptions,
): Promise<SyncStructureResult> {
  const { destination, host, settings, signal } = context;
  const { pipeline } = settings;
  const chosen = options.tables ?? settings.tables.map(({ table }) => tableId(table));
  for (const id of chosen) tableSettings(settings, id);
  const drops = options.dropColumns === true;
  if (!options.apply) {
    const tables = (await compareAll(context, chosen, drops)).map((comparison) => reported(comparison, false));
    return { tables, changes: 0, stopped: await stoppedTables(context) };
  }
  const take = options.load ? withLease : withLeaseInTurn;
  return take(host, pipeline, 'loader', signal, async (lease, leaseSignal) => {
    const bound = { ...context, signal: leaseSignal };
    const tables = await keepTrying(host, pipeline, 'sync structure', leaseSignal, async () => {
      await destination.takeLedger(pipeline, lease.epoch, leaseSignal);
      return applyAll(bound, lease, chosen, drops);
    });
    if (options.load) {
      await droppingStaging(bound, loadContext(bound, lease, leaseSignal), (load) =>
        loadForever(load, Promise.resolve()),
      );
    }
    const changes = tables.filter(({ state }) => state === 'synced').flatMap(({ differences }) => differences).length;
    return { tables, changes, stopped: await stoppedTables(bound) };
  });
}

/** The tables that are different and were left: only a copy makes them the same. */
export function tablesToRedo({ tables }: Pick<SyncStructureResult, 'tables'>): string[] {
  return tables
    .filter(({ state, differences }) => state === 'left' && differences.length > 0)
    .map(({ table }) => table);
}

async function applyAll(
  context: OperationContext,
  lease: Lease,
  chosen: readonly string[],
  drops: boolean,
): Promise<SyncedTable[]> {
  const loading = loadContext(context, lease, context.signal);
  const records = await recordsOf(context);
  await endRebuilds(loading, await destinationMarks(context, records), (table) => records.get(table) ?? null);
  const tables: SyncedTable[] = [];
  for (const comparison of await compareAll(context, chosen, drops)) {
    const failed = await applyOne(loading, comparison);
    tables.push(failed === null ? reported(comparison, true) : { ...reported(comparison, true), ...failed });
  }
  return tables;
}

async function recordsOf(context: OperationContext): Promise<Map<string, TableRecord>> {
  return new Map((await catalogOf(context).tables()).map((record): [string, TableRecord] => [record.table, record]));
}

async function compareAll(context: OperationContext, chosen: readonly string[], drops: boolean): Promise<Comparison[]> {
  // The log's end first: what it holds by now is older than the structures that are asked for afterwards.
  const { lastExtract } = await catalogOf(context).head();
  const records = await recordsOf(context);
  const marks = await destinationMarks(context, records);
  const logged = await loggedSchemas(context, chosen, marks, lastExtract);
  const comparisons: Comparison[] = [];
  for (const table of chosen) {
    const schemas: readonly TableSchema[] = logged.get(table) ?? [];
    const record = records.get(table) ?? null;
    comparisons.push(await compareTable(context, { table, record, marks, logged: schemas, dropColumns: drops }));
  }
  return comparisons;
}

/** A pipeline that was never copied has no ledger to ask. */
async function destinationMarks(
  { destination, settings, signal }: OperationContext,
  records: ReadonlyMap<string, TableRecord>,
): Promise<LedgerMarks> {
  if (records.size > 0) return destination.ledger(settings.pipeline, signal);
  return { applied: null, epoch: 0, tables: new Map(), copies: new Map(), replays: new Map(), rebuilds: new Set() };
}

/** What the data does not allow after all, it leaves the table as it was for. */
async function applyOne(
  context: LoadContext,
  comparison: Comparison,
): Promise<Pick<SyncedTable, 'state' | 'reason' | 'resumed'> | null> {
  if (comparison.tag === 'left' || comparison.reason !== null) return null;
  if (comparison.differences.length === 0 && !comparison.resumes) return null;
  try {
    await applyStructure(context, comparison);
    return null;
  } catch (error) {
    if (!hasCode(error, 'PS4004', 'PS4005', 'PS4008') || error.table === null) throw error;
    return { state: 'left', reason: `${error.code} ${error.message}`, resumed: false };
  }
}

function reported(comparison: Comparison, applied: boolean): SyncedTable {
  const { table, reason } = comparison;
  if (comparison.tag === 'left') return { table, state: 'left', differences: [], reason, resumed: false };
  const differences = comparison.differences.map(({ what, class: kind, reason: why }) => ({
    what,
    class: kind,
    reason: why,
  }));
  const isSame = differences.length === 0;
  const state = reason !== null ? 'left' : isSame ? 'same' : applied ? 'synced' : 'different';
  return { table, state, differences, reason, resumed: comparison.resumes };
}

import type { Lease } from '../../catalog/lease.ts';
import { withLease, withLeaseInTurn } from '../../catalog/lease.ts';
import type { ExtractRecord, TableRecord } from '../../catalog/records.ts';
import type { LedgerMarks } from '../../destinations/destination.ts';
import { keepTrying } from '../../errors/keep-trying.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import { loadForever } from '../../loads/load-forever.ts';
import { tableId } from '../../changes/table-name.ts';
import { targetOf } from '../../destinations/target-naming.ts';
import { catalogOf, loadContext } from '../contexts.ts';
import { stoppedTables } from '../replication/delta.ts';
import { droppingStaging } from '../replication/drop-staging.ts';
import { neverCopied } from '../replication/follow-and-load.ts';
import { holdFiles } from '../retention/hold-files.ts';
import type { OperationContext } from '../operation-context.ts';
import { tableSettings } from '../pipeline-tables.ts';
import { lookBack, remakeFiles, type FromLog } from './remake.ts';
import { filesGone, measure, type Measured } from './rollback-measure.ts';
import { planRollback, type LeftTable, type RollbackPlan } from './rollback-plan.ts';

export interface RollbackOptions {
  /** The first extract that is applied again. */
  readonly to: number;
  /** Table ids; null: all chosen tables. */
  readonly tables: readonly string[] | null;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /** False: a step of an operation, which only begins it: a loader at work is asked to hand over, and whoever loads next does the work. */
  readonly load: boolean;
}

/** A step of an operation that many short processes do. */
export interface RollbackStep {
  /** Its name; it holds the reader's lease. */
  readonly operation: string;
  /** Whether to end between two extracts that are made again from the log, to go on with the next call. */
  readonly isEnough: () => boolean;
}

export interface RollbackResult extends Measured {
  /** Extracts that the source's log has to give, or gave; null: all files are there. */
  readonly fromLog: FromLog | null;
  /** Not all of them were made again, for lack of time: nothing was rolled back yet, call again. */
  readonly more: boolean;
  readonly left: readonly LeftTable[];
  /** Tables that were stopped and load again. */
  readonly resumed: readonly string[];
  /** Tables that are stopped in the end; of a dry run or a rollback that was only begun: now. */
  readonly stopped: readonly string[];
}

/**
 * Applies everything from an extract on again, from the stored extracts; files that have expired are made again from the source's log,
 * where it still reaches back to them. What a table's extracts did is collected beside it and put into it in one transaction, so that
 * its readers never see an older state. Interrupted, it is gone on with by whoever loads next.
 * `step`: of an operation; null: one process does it all.
 * @throws PenstockError PS1010 no such point, PS3001 expired files (named) that cannot be made again, PS1005, PS1004, PS1007 when the
 * pipeline is at work elsewhere, PS4011 when ledger and catalog contradict each other; nothing has changed then
 */
export async function rollback(
  context: OperationContext,
  options: RollbackOptions,
  step: RollbackStep | null = null,
): Promise<RollbackResult> {
  const { host, settings, signal } = context;
  const chosen = options.tables ?? settings.tables.map(({ table }) => tableId(table));
  for (const id of chosen) tableSettings(settings, id);
  await refuseUnknownPoint(context, options.to);
  const first = await plan(context, options.to, chosen);
  const { fromLog } = first.result;
  if (options.dryRun) return first.result;
  if (fromLog !== null) {
    if (!fromLog.reaches) throw filesGone(context, first.gone, `and ${fromLog.reason}`);
    const isEnough = step?.isEnough ?? (() => false);
    const { gone } = first;
    await remakeFiles(context, { gone, replays: first.planned.replays, operation: step?.operation ?? null, isEnough });
    if (isEnough()) return { ...first.result, more: true };
  }
  const take = options.load ? withLease : withLeaseInTurn;
  return take(host, settings.pipeline, 'loader', signal, async (lease, leaseSignal) => {
    const bound = { ...context, signal: leaseSignal };
    const result = { ...(await begin(bound, lease, options.to, chosen)), fromLog };
    if (!options.load) return result;
    await droppingStaging(bound, loadContext(bound, lease, leaseSignal), (load) =>
      loadForever(load, Promise.resolve()),
    );
    return { ...result, stopped: await stoppedTables(bound) };
  });
}

async function refuseUnknownPoint(context: OperationContext, to: number): Promise<void> {
  const catalog = catalogOf(context);
  const { lastExtract, position } = await catalog.head();
  if (position === null) throw neverCopied(context);
  const first = (await catalog.retention()).record.listed;
  if (Number.isInteger(to) && to >= first && to <= lastExtract) return;
  const there = lastExtract === 0 ? 'none yet' : `${first} to ${lastExtract}`;
  const why =
    to >= 1 && to < first ? `extracts before ${first} are not listed any more, see extracts.retentionDays; ` : '';
  throw new PenstockError(
    'PS1010',
    `pipeline ${context.settings.pipeline} has no extract ${to}; ${why}it has ${there}`,
  );
}

async function begin(
  context: OperationContext,
  lease: Lease,
  to: number,
  chosen: readonly string[],
): Promise<RollbackResult> {
  const { destination, host, settings, signal } = context;
  const { pipeline } = settings;
  return keepTrying(host, pipeline, 'rollback', signal, async () => {
    await destination.takeLedger(pipeline, lease.epoch, signal);
    const { planned, result, gone } = await plan(context, to, chosen);
    if (gone.length > 0) throw filesGone(context, gone, 'they went while the rollback began');
    // The ledger first: a table that follows again without its replay would be loaded as it is.
    const tables = planned.replays;
    if (tables.length > 0) await catalogOf(context).replays.begin(lease);
    if (tables.length > 0) await destination.beginReplays({ pipeline, epoch: lease.epoch, tables }, signal);
    await host.failpoint('replay.after-begin');
    if (tables.length > 0 && !(await holdFiles(context, result.from, result.to))) {
      for (const { table } of tables) await giveUp(context, lease, table);
      throw new PenstockError('PS4010', `files of old extracts of ${pipeline} were removed meanwhile`);
    }
    for (const table of planned.resumed) await resume(context, lease, table);
    host.log.info('rolled back', { to, extracts: result.extracts, rows: result.rows, tables: tables.length });
    return result;
  });
}

async function giveUp(context: OperationContext, lease: Lease, table: string): Promise<void> {
  const { destination, settings, signal } = context;
  const schema = (await catalogOf(context).table(table))?.record.schema ?? null;
  if (schema === null) throw new PenstockError('PS9001', `${table} is rolled back but not in the catalog`);
  const target = targetOf(settings, tableSettings(settings, table), schema);
  await destination.dropReplay({ pipeline: settings.pipeline, epoch: lease.epoch, target }, signal);
}

async function resume(context: OperationContext, lease: Lease, table: string): Promise<void> {
  await catalogOf(context).updateTable(table, lease, (before) => {
    if (before === null) throw new PenstockError('PS9001', `${table} is resumed but not in the catalog`);
    return { ...before, state: { tag: 'following' } };
  });
}

async function plan(
  context: OperationContext,
  to: number,
  chosen: readonly string[],
): Promise<{
  readonly planned: RollbackPlan;
  readonly result: RollbackResult;
  readonly gone: readonly ExtractRecord[];
}> {
  const { destination, settings, signal } = context;
  const records = new Map(
    (await catalogOf(context).tables()).map((record): [string, TableRecord] => [record.table, record]),
  );
  // In this order, as the loader reads them: it may be at work meanwhile.
  const loaded = await catalogOf(context).loaded();
  const marks = await destination.ledger(settings.pipeline, signal);
  await refuseContradiction(context, marks, loaded);
  const planned = planRollback(to, chosen, marks, records);
  const { measured, gone } = await measure(context, planned.replays);
  const { left, resumed } = planned;
  const [fromLog, stopped] = [await lookBack(context, gone), await stoppedTables(context)];
  return { planned, gone, result: { ...measured, fromLog, more: false, left, resumed, stopped } };
}

/** As the loader does: a destination or a catalog that was restored is not mended by a rollback. */
async function refuseContradiction(context: OperationContext, { applied }: LedgerMarks, loaded: number): Promise<void> {
  const { lastExtract } = await catalogOf(context).head();
  if ((applied ?? 0) <= lastExtract && (applied ?? 0) >= loaded) return;
  throw new PenstockError(
    'PS4011',
    `the destination's ledger of ${context.settings.pipeline} stands at extract ${applied ?? 0}; the catalog has ${lastExtract} and saw ${loaded} loaded`,
  );
}

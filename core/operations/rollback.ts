import type { Lease } from '../catalog/lease.ts';
import { withLease, withLeaseInTurn } from '../catalog/lease.ts';
import type { TableRecord } from '../catalog/records.ts';
import type { LedgerMarks } from '../destinations/destination.ts';
import { keepTrying } from '../errors/keep-trying.ts';
import { hasCode, PenstockError } from '../errors/penstock-error.ts';
import { readManifests } from '../extracts/read-piece.ts';
import { loadForever } from '../loads/load-forever.ts';
import { tableId } from '../changes/table-name.ts';
import { catalogOf, loadContext } from './contexts.ts';
import { stoppedTables } from './delta.ts';
import { droppingStaging } from './drop-staging.ts';
import { neverCopied } from './follow-and-load.ts';
import type { OperationContext } from './operation-context.ts';
import { tableSettings } from './pipeline-tables.ts';
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

export interface RollbackResult {
  /** The first and the last extract that is applied again; both 0 where there is none. */
  readonly from: number;
  readonly to: number;
  readonly extracts: number;
  /** Lines of the parts that are applied again, and their compressed bytes. */
  readonly rows: number;
  readonly bytes: number;
  readonly tables: readonly RolledBackTable[];
  readonly left: readonly LeftTable[];
  /** Tables that were stopped and load again. */
  readonly resumed: readonly string[];
  /** Tables that are stopped in the end; of a dry run or a rollback that was only begun: now. */
  readonly stopped: readonly string[];
}

export interface RolledBackTable {
  readonly table: string;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/**
 * Applies everything from an extract on again, from the stored extracts, without the source's log. What a table's extracts did is
 * collected beside it and put into it in one transaction, so that its readers never see an older state. Interrupted, it is gone on
 * with by whoever loads next.
 * @throws PenstockError PS1010 no such point, PS3001 expired files (named), PS1005, PS1004, PS1007 when the pipeline is loaded elsewhere,
 * PS4011 when ledger and catalog contradict each other; nothing has changed then
 */
export async function rollback(context: OperationContext, options: RollbackOptions): Promise<RollbackResult> {
  const { host, settings, signal } = context;
  const chosen = options.tables ?? settings.tables.map(({ table }) => tableId(table));
  for (const id of chosen) tableSettings(settings, id);
  await refuseUnknownPoint(context, options.to);
  if (options.dryRun) return (await plan(context, options.to, chosen)).result;
  const take = options.load ? withLease : withLeaseInTurn;
  return take(host, settings.pipeline, 'loader', signal, async (lease, leaseSignal) => {
    const bound = { ...context, signal: leaseSignal };
    const result = await begin(bound, lease, options.to, chosen);
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
    const { planned, result } = await plan(context, to, chosen);
    // The ledger first: a table that follows again without its replay would be loaded as it is.
    const tables = planned.replays;
    if (tables.length > 0) await destination.beginReplays({ pipeline, epoch: lease.epoch, tables }, signal);
    await host.failpoint('replay.after-begin');
    for (const table of planned.resumed) await resume(context, lease, table);
    host.log.info('rolled back', { to, extracts: result.extracts, rows: result.rows, tables: tables.length });
    return result;
  });
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
): Promise<{ readonly planned: RollbackPlan; readonly result: RollbackResult }> {
  const { destination, settings, signal } = context;
  const records = new Map(
    (await catalogOf(context).tables()).map((record): [string, TableRecord] => [record.table, record]),
  );
  const marks = await destination.ledger(settings.pipeline, signal);
  await refuseContradiction(context, marks);
  const planned = planRollback(to, chosen, marks, records);
  const measured = await measure(context, planned);
  const { left, resumed } = planned;
  return { planned, result: { ...measured, left, resumed, stopped: await stoppedTables(context) } };
}

/** As the loader does: a destination or a catalog that was restored is not mended by a rollback. */
async function refuseContradiction(context: OperationContext, { applied }: LedgerMarks): Promise<void> {
  const catalog = catalogOf(context);
  const [loaded, { lastExtract }] = [await catalog.loaded(), await catalog.head()];
  if ((applied ?? 0) <= lastExtract && (applied ?? 0) >= loaded) return;
  throw new PenstockError(
    'PS4011',
    `the destination's ledger of ${context.settings.pipeline} stands at extract ${applied ?? 0}; the catalog has ${lastExtract} and saw ${loaded} loaded`,
  );
}

/** Extracts whose manifests are read side by side. */
const READERS = 8;
/** Expired extracts that a message names. */
const NAMED = 5;

type Measured = Pick<RollbackResult, 'from' | 'to' | 'extracts' | 'rows' | 'bytes' | 'tables'>;

/** Reads the manifests of all extracts that are needed: they say how much there is to do, and that it can be done. */
async function measure(context: OperationContext, { replays }: RollbackPlan): Promise<Measured> {
  if (replays.length === 0) return { from: 0, to: 0, extracts: 0, rows: 0, bytes: 0, tables: [] };
  const first = Math.min(...replays.map(({ from }) => from));
  const last = Math.max(...replays.map(({ upTo }) => upTo));
  const rows = new Map<string, number>(replays.map(({ table }) => [table, 0]));
  const gone: number[] = [];
  let bytes = 0;
  for (let after = first - 1; after < last; after += READERS) {
    const records = await catalogOf(context).extractsAfter(after, Math.min(READERS, last - after));
    await Promise.all(
      records.map(async (record) => {
        try {
          for (const { manifest } of await readManifests(context.host, record, context.signal)) {
            for (const { table, lines, rows: lineCount } of manifest.parts) {
              const replay = replays.find((candidate) => candidate.table === table);
              if (replay === undefined || replay.from > record.number || replay.upTo < record.number) continue;
              rows.set(table, (rows.get(table) ?? 0) + lineCount);
              bytes += lines?.length ?? 0;
            }
          }
        } catch (error) {
          if (!hasCode(error, 'PS3001')) throw error;
          gone.push(record.number);
        }
      }),
    );
  }
  if (gone.length > 0)
    throw expired(
      context,
      gone.sort((a, b) => a - b),
    );
  const tables = replays.map(({ table, from, upTo }) => ({ table, from, to: upTo, rows: rows.get(table) ?? 0 }));
  const total = tables.reduce((sum, table) => sum + table.rows, 0);
  return { from: first, to: last, extracts: last - first + 1, rows: total, bytes, tables };
}

function expired(context: OperationContext, numbers: readonly number[]): PenstockError {
  const names =
    numbers.slice(0, NAMED).join(', ') + (numbers.length > NAMED ? ` and ${numbers.length - NAMED} more` : '');
  const what = numbers.length === 1 ? 'extract' : 'extracts';
  return new PenstockError('PS3001', `the rollback needs ${what} ${names}, whose files are gone or damaged`, {
    remedy: `Choose a point after extract ${numbers.at(-1) ?? 0}, or run \`penstock full-extract\` for the tables of ${context.settings.pipeline}.`,
  });
}

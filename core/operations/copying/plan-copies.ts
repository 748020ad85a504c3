import { withLeaseInTurn } from '../../catalog/lease.ts';
import { workingForOperation } from '../../catalog/operation-lease.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { tableSettings } from '../pipeline-tables.ts';
import { CopyPlanner } from './copy-planner.ts';
import { concernsTable, type CopyTable } from './copy-table.ts';
import { openDescribedSnapshot } from './described-snapshot.ts';
import { currentRun, prepareLog } from './full-extract-run.ts';
import { forgetWhereGone, noteSnapshot, placeToReopen } from './run-snapshot.ts';
import { stopTable } from './stop-table.ts';

export interface PlanRequest {
  readonly operation: string;
  /** Table ids; null: all chosen tables. */
  readonly tables: readonly string[] | null;
  /** 1 for the first; more where copy workers ended before all was copied. */
  readonly attempt: number;
  /** When to leave the rest for the next call, in milliseconds since 1970. */
  readonly deadline: number;
}

export interface PlannedCopies {
  /** Tables are left to be planned: call again. */
  readonly more: boolean;
  /** Chunks that are not extracted yet. */
  readonly chunks: number;
}

/**
 * Begins a full extract that many processes share: prepares the source's log, cuts the tables into chunks and lists them.
 * Goes on with an interrupted one. Safe to repeat. A table that cannot be copied is stopped.
 * @throws PenstockError PS3002 where the operation does not hold the log; what concerns all tables
 */
export async function planCopies(context: OperationContext, request: PlanRequest): Promise<PlannedCopies> {
  const { host, settings, signal } = context;
  for (const id of request.tables ?? []) tableSettings(settings, id);
  return workingForOperation(host, settings.pipeline, request.operation, signal, (reader, readerSignal) =>
    withLeaseInTurn(host, settings.pipeline, 'loader', readerSignal, async (loader, loaderSignal) => {
      const bound: OperationContext = { ...context, signal: loaderSignal };
      const catalog = catalogOf(bound);
      await bound.destination.takeLedger(settings.pipeline, loader.epoch, loaderSignal);
      const run = await currentRun(bound, request.tables, request.attempt - 1);
      const head = await catalog.openHead(reader);
      const refused = await prepareLog(bound, head, run);
      const place = placeToReopen(run, head.head);
      const described = await openDescribedSnapshot(bound, run.tables, 1, place, refused);
      await using snapshot = described.snapshot;
      await noteSnapshot(bound, run.run, snapshot);
      const { structures } = described;
      const options = { context: bound, catalog, snapshot, structures, loader, run: run.run, head: head.head };
      const planner = new CopyPlanner(options, loaderSignal);
      const standing = new Map((await catalog.tables()).map((record) => [record.table, record]));
      let chunks = 0;
      for (const id of run.tables) {
        const record = standing.get(id);
        // What was stopped in this run stays so: another attempt is for what was interrupted.
        if (record?.run === run.run && record.state.tag === 'stopped') continue;
        if (host.clock.now() >= request.deadline) return { more: true, chunks };
        try {
          const plan = await planner.plan(id);
          if (plan.tag === 'copy') chunks += await release(catalog, plan.table);
        } catch (error) {
          await forgetWhereGone(bound, run.run, error);
          if (loaderSignal.aborted || !concernsTable(error) || error.retry === 'timed') throw error;
          await stopTable(bound, loader, id, error);
        }
      }
      return { more: false, chunks };
    }),
  );
}

/** Lets chunks be taken again that workers of an earlier attempt had taken: all of those have ended. @returns how many are to be extracted */
async function release(catalog: Catalog, { id, run, chunks }: CopyTable): Promise<number> {
  let waiting = 0;
  for (const { record, version } of chunks) {
    if (record.state.tag === 'extracted') continue;
    waiting++;
    if (record.state.tag === 'waiting') continue;
    try {
      await catalog.putChunk(id, run.generation, { ...record, state: { tag: 'waiting' } }, version);
    } catch (error) {
      // Its worker has listed it after all.
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
  return waiting;
}

import { withLeaseInTurn } from '../../catalog/lease.ts';
import { workingForOperation } from '../../catalog/operation-lease.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { isLoaded, loadable } from './chunk-rules.ts';
import { runUnderWay, tablesInProgress } from './copy-in-progress.ts';
import { concernsTable } from './copy-table.ts';
import { finishTable } from './finish-table.ts';
import { stopTable } from './stop-table.ts';

/** `copying`: chunks are still to come or to be loaded. `stalled`: none will come, because all workers of this attempt have ended. */
export interface CopyStanding {
  readonly state: 'copying' | 'done' | 'stalled';
  /** Tables whose copy is not finished. */
  readonly tables: number;
}

/**
 * Makes the copies that are loaded whole the tables, stops the tables of which a chunk failed, and says how the full extract stands.
 * Safe to repeat.
 */
export async function finishCopies(
  context: OperationContext,
  { operation, attempt, deadline }: { readonly operation: string; readonly attempt: number; readonly deadline: number },
): Promise<CopyStanding> {
  const { host, settings, signal } = context;
  return workingForOperation(host, settings.pipeline, operation, signal, (_, operationSignal) =>
    withLeaseInTurn(host, settings.pipeline, 'loader', operationSignal, async (loader, loaderSignal) => {
      const bound: OperationContext = { ...context, signal: loaderSignal };
      await bound.destination.takeLedger(settings.pipeline, loader.epoch, loaderSignal);
      // Before the chunks are looked at: whatever the workers extracted is listed when they have ended.
      const { record: run } = await runUnderWay(bound);
      const { lastExtract } = await catalogOf(bound).head();
      let tables = 0;
      let isMoreToLoad = false;
      for (const table of await tablesInProgress(bound, run, loader)) {
        const failure = table.chunks.map(({ record }) => record.state).find((state) => state.tag === 'failed');
        try {
          if (failure !== undefined) await stopTable(bound, loader, table.id, failure);
          else if (isLoaded(table.chunks) && host.clock.now() < deadline) {
            await finishTable(bound, loader, lastExtract, table);
          } else {
            tables++;
            isMoreToLoad ||= isLoaded(table.chunks) || loadable(table.chunks).length > 0;
          }
        } catch (error) {
          const isOwn = concernsTable(error) && error.retry !== 'timed' && !hasCode(error, 'PS4006');
          if (loaderSignal.aborted || !isOwn) throw error;
          await stopTable(bound, loader, table.id, error);
        }
      }
      if (tables === 0) return { state: 'done', tables };
      return { state: isMoreToLoad || run.workersEnded < attempt ? 'copying' : 'stalled', tables };
    }),
  );
}

/** Notes that every copy worker of this attempt has ended, well or not; safe to repeat. */
export async function noteWorkersEnded(context: OperationContext, attempt: number): Promise<void> {
  for (;;) {
    const { record, version } = await runUnderWay(context);
    if (record.workersEnded >= attempt) return;
    try {
      await catalogOf(context).putFullExtract({ ...record, workersEnded: attempt }, version);
      return;
    } catch (error) {
      if (!hasCode(error, 'PS3005')) throw error;
    }
  }
}

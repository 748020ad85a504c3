import type { Versioned } from '../../catalog/catalog.ts';
import { withLeaseInTurn } from '../../catalog/lease.ts';
import { workingForOperation } from '../../catalog/operation-lease.ts';
import type { ChunkRecord } from '../../catalog/records.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import { catalogOf } from '../contexts.ts';
import type { OperationContext } from '../operation-context.ts';
import { loadable } from './chunk-rules.ts';
import { runUnderWay, tablesInProgress } from './copy-in-progress.ts';
import { concernsTable, type CopyTable } from './copy-table.ts';
import { loadChunk } from './load-chunk.ts';

export interface LoadedChunks {
  readonly loaded: number;
  /** Chunks that can be loaded and were not, for want of time. */
  readonly remaining: number;
}

interface Work {
  readonly table: CopyTable;
  readonly chunk: Versioned<ChunkRecord>;
}

/**
 * Loads the chunks that copy workers have extracted so far, some at once, until none is left or `deadline` (milliseconds since 1970)
 * has come. A table whose rows cannot be loaded has a chunk marked as failed; the others go on.
 * @throws PenstockError PS3002 where the operation does not hold the log; what concerns all tables
 */
export async function loadChunks(
  context: OperationContext,
  { operation, deadline }: { readonly operation: string; readonly deadline: number },
): Promise<LoadedChunks> {
  const { host, settings, signal } = context;
  return workingForOperation(host, settings.pipeline, operation, signal, (_, operationSignal) =>
    withLeaseInTurn(host, settings.pipeline, 'loader', operationSignal, async (loader, loaderSignal) => {
      const failed = new AbortController();
      const bound: OperationContext = { ...context, signal: AbortSignal.any([loaderSignal, failed.signal]) };
      await bound.destination.takeLedger(settings.pipeline, loader.epoch, bound.signal);
      const { record: run } = await runUnderWay(bound);
      const tables = await tablesInProgress(bound, run, loader);
      const waiting: Work[] = tables.flatMap((table) => loadable(table.chunks).map((chunk) => ({ table, chunk })));
      const failures = new Set<string>();
      let loaded = 0;
      const thread = async (): Promise<void> => {
        for (let work = waiting.pop(); work !== undefined; work = waiting.pop()) {
          bound.signal.throwIfAborted();
          if (failures.has(work.table.id)) continue;
          if (host.clock.now() >= deadline) {
            waiting.push(work);
            return;
          }
          if (await loadOne(bound, work)) loaded++;
          else failures.add(work.table.id);
        }
      };
      const threads = Array.from({ length: settings.destination.loadThreads }, async () => {
        try {
          await thread();
        } catch (error) {
          failed.abort(error);
        }
      });
      await Promise.all(threads);
      loaderSignal.throwIfAborted();
      failed.signal.throwIfAborted();
      return { loaded, remaining: waiting.filter(({ table }) => !failures.has(table.id)).length };
    }),
  );
}

/** @returns false where the chunk, and with it its table, cannot be loaded */
async function loadOne(context: OperationContext, { table, chunk }: Work): Promise<boolean> {
  const { index, range, state } = chunk.record;
  if (state.tag !== 'extracted') return true;
  let next: ChunkRecord['state'] = { ...state, loaded: true };
  try {
    await loadChunk(context, table, { index, state });
  } catch (error) {
    if (context.signal.aborted || !concernsTable(error) || error.retry === 'timed' || hasCode(error, 'PS4006')) {
      throw error;
    }
    const { code, message, remedy } = error;
    next = { tag: 'failed', code, message, remedy };
  }
  await catalogOf(context).putChunk(table.id, table.run.generation, { index, range, state: next }, chunk.version);
  return next.tag !== 'failed';
}

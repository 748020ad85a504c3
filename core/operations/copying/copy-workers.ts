import type { ExtractMode } from '../../sources/source-connector.ts';

/** How the parallel reads of a full extract (Extract Threads) are spread over processes. Pure. */

export interface CopyWorkers {
  /** Chunks to be extracted. */
  readonly chunks: number;
  /** Processes that may run at once. */
  readonly copyTasks: number;
  readonly mode: ExtractMode;
  /** Extract Threads: parallel reads altogether. */
  readonly threads: number;
}

/** How many processes are of use. Without a log nothing would join chunks of several snapshots: then one process reads all. */
export function workersFor({ chunks, copyTasks, mode, threads }: CopyWorkers): number {
  return Math.min(chunks, mode === 'log' ? Math.min(copyTasks, threads) : 1);
}

/** Parallel reads of each process, so that together they are at least Extract Threads. */
export function threadsPerWorker(threads: number, workers: number): number {
  return Math.ceil(threads / workers);
}

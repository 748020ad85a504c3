import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Outcome } from './simulate.ts';

export interface RunSeeds {
  readonly first: number;
  readonly count: number;
  /** As in SimulateOptions. */
  readonly operators?: boolean;
  /** Called after every batch. */
  readonly onProgress?: (done: number, failed: number) => void;
}

export interface SeedSummary {
  readonly seeds: number;
  readonly events: number;
  readonly extracts: number;
  readonly crashes: number;
  /** Those that broke a rule, lowest seed first. */
  readonly failures: readonly Outcome[];
}

const BATCH = 50;
const MOST_WORKERS = 8;

/** Runs seeds `first` to `first + count - 1` on all cores. */
export async function runSeeds({ first, count, operators = false, onProgress }: RunSeeds): Promise<SeedSummary> {
  const total = { seeds: 0, events: 0, extracts: 0, crashes: 0 };
  const failures: Outcome[] = [];
  const end = first + count;
  let next = first;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), { execArgv: [] });
    try {
      while (next < end) {
        const batch = { first: next, count: Math.min(BATCH, end - next), operators };
        next += batch.count;
        for (const outcome of await runBatch(worker, batch)) {
          total.seeds += 1;
          total.events += outcome.events;
          total.extracts += outcome.extracts;
          total.crashes += outcome.crashes;
          if (outcome.violations.length > 0) failures.push(outcome);
        }
        onProgress?.(total.seeds, failures.length);
      }
    } finally {
      await worker.terminate();
    }
  };
  const workers = Math.min(MOST_WORKERS, availableParallelism(), Math.ceil(count / BATCH));
  await Promise.all(Array.from({ length: workers }, work));
  return { ...total, failures: failures.sort((a, b) => a.seed - b.seed) };
}

/** What a worker is sent. */
export interface SeedBatch {
  readonly first: number;
  readonly count: number;
  readonly operators: boolean;
}

function runBatch(worker: Worker, batch: SeedBatch): Promise<Outcome[]> {
  return new Promise((resolve, reject) => {
    const answer = (outcomes: Outcome[]): void => {
      worker.off('error', reject);
      resolve(outcomes);
    };
    worker.once('error', reject);
    worker.once('message', answer);
    worker.postMessage(batch);
  });
}

/** What a person needs to see a failing seed again. */
export function describeFailure({ seed, violations }: Outcome): string {
  return `seed ${seed}: ${violations[0] ?? ''}\n  replay: npm run simulate -- --seed ${seed} --trace`;
}

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** What is simulated: whole pipelines, or the reader of Oracle's logs alone. */
export type Simulated = 'pipeline' | 'oracle';

/** What every run of a seed tells; whatever else it counts is summed up by its name. */
export interface SeedOutcome {
  readonly seed: number;
  /** Rules that did not hold; empty when all is well. */
  readonly violations: readonly string[];
}

export interface RunSeeds {
  readonly simulated?: Simulated;
  readonly first: number;
  readonly count: number;
  /** As in SimulateOptions. */
  readonly operators?: boolean;
  /** Called after every batch. */
  readonly onProgress?: (done: number, failed: number) => void;
}

export interface SeedSummary {
  readonly seeds: number;
  /** What the runs have counted, by name. */
  readonly totals: Readonly<Record<string, number>>;
  /** Those that broke a rule, lowest seed first. */
  readonly failures: readonly SeedOutcome[];
}

const BATCH = 50;
const MOST_WORKERS = 8;

/** Runs seeds `first` to `first + count - 1` on all cores. */
export async function runSeeds(options: RunSeeds): Promise<SeedSummary> {
  const { simulated = 'pipeline', first, count, operators = false, onProgress } = options;
  let seeds = 0;
  const totals: Record<string, number> = {};
  const failures: SeedOutcome[] = [];
  const end = first + count;
  let next = first;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), { execArgv: [] });
    try {
      while (next < end) {
        const batch = { simulated, first: next, count: Math.min(BATCH, end - next), operators };
        next += batch.count;
        for (const outcome of await runBatch(worker, batch)) {
          seeds++;
          addTo(totals, outcome);
          if (outcome.violations.length > 0) failures.push(outcome);
        }
        onProgress?.(seeds, failures.length);
      }
    } finally {
      await worker.terminate();
    }
  };
  const workers = Math.min(MOST_WORKERS, availableParallelism(), Math.ceil(count / BATCH));
  await Promise.all(Array.from({ length: workers }, work));
  return { seeds, totals, failures: failures.sort((a, b) => a.seed - b.seed) };
}

function addTo(totals: Record<string, number>, outcome: SeedOutcome): void {
  for (const [name, value] of Object.entries(outcome)) {
    if (name !== 'seed' && typeof value === 'number') totals[name] = (totals[name] ?? 0) + value;
  }
}

/** What a worker is sent. */
export interface SeedBatch {
  readonly simulated: Simulated;
  readonly first: number;
  readonly count: number;
  readonly operators: boolean;
}

function runBatch(worker: Worker, batch: SeedBatch): Promise<SeedOutcome[]> {
  return new Promise((resolve, reject) => {
    const answer = (outcomes: SeedOutcome[]): void => {
      worker.off('error', reject);
      resolve(outcomes);
    };
    worker.once('error', reject);
    worker.once('message', answer);
    worker.postMessage(batch);
  });
}

/** `100 seeds, 5000 events, 3 failed`. */
export function summaryText({ seeds, totals, failures }: SeedSummary): string {
  const counted = Object.entries(totals).map(([name, count]) => `${count} ${name}`);
  return [`${seeds} seeds`, ...counted, `${failures.length} failed`].join(', ');
}

/** What a person needs to see a failing seed again. */
export function describeFailure({ seed, violations }: SeedOutcome, simulated: Simulated = 'pipeline'): string {
  const which = simulated === 'oracle' ? '--oracle ' : '';
  return `seed ${seed}: ${violations[0] ?? ''}\n  replay: npm run simulate -- ${which}--seed ${seed} --trace`;
}

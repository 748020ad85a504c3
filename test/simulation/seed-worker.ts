import { parentPort } from 'node:worker_threads';
import { simulateOracle } from './oracle/simulate.ts';
import type { SeedBatch, SeedOutcome } from './run-seeds.ts';
import { simulate } from './simulate.ts';

/** Runs the seeds that it is sent, one batch at a time, and answers with their outcomes. */
const port = parentPort;
if (port === null) throw new Error('seed-worker runs as a worker thread');

// Faults are errors, and there are many; whoever wants to see more replays the seed.
Error.stackTraceLimit = 3;

let unhandled: string[] = [];
process.on('unhandledRejection', (reason) => {
  unhandled.push(`unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
});

async function runBatch({ simulated, first, count, operators }: SeedBatch): Promise<SeedOutcome[]> {
  const outcomes: SeedOutcome[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const outcome = simulated === 'oracle' ? await simulateOracle(seed) : await simulate(seed, { operators });
    outcomes.push({ ...outcome, violations: [...outcome.violations, ...unhandled] });
    unhandled = [];
  }
  return outcomes;
}

port.on('message', (batch: SeedBatch) => {
  runBatch(batch).then(
    (outcomes) => port.postMessage(outcomes),
    (error: unknown) => {
      // Rethrown outside of the promise, so that it ends the worker and reaches whoever started it.
      setImmediate(() => {
        throw error;
      });
    },
  );
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceClient } from '../test/fixtures/test-source.ts';
import { BENCH_TABLE } from './bench-table.ts';

export interface SteadyWriterOptions {
  /** The keys that are changed; writers at once have keys of their own, so that they never wait for each other. */
  readonly keys: { readonly first: number; readonly last: number };
  readonly changesPerSecond: number;
  readonly changesPerTransaction: number;
}

/** Random updates at a steady rate, until `signal` aborts. @returns the changes that were made */
export async function writeSteadily(
  client: SourceClient,
  options: SteadyWriterOptions,
  signal: AbortSignal,
): Promise<number> {
  const { keys: range, changesPerSecond, changesPerTransaction } = options;
  const began = performance.now();
  let changes = 0;
  const drawKey = () => range.first + Math.floor(Math.random() * (range.last - range.first + 1));
  for (let transaction = 1; !signal.aborted; transaction++) {
    const keys = Array.from({ length: changesPerTransaction }, drawKey);
    changes += await client.run(
      `UPDATE ${BENCH_TABLE} SET amount = amount + 1, priority = ${transaction % 9} WHERE id IN (${keys.join(', ')})`,
    );
    // By rows that were really there: earlier deletes left gaps among the keys.
    const ahead = began + (changes / changesPerSecond) * 1000 - performance.now();
    if (ahead > 0) await sleep(ahead, undefined, { signal }).catch(() => undefined);
  }
  return changes;
}

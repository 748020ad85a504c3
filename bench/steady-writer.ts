import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { BENCH_TABLE } from './bench-table.ts';

export interface SteadyWriterOptions {
  /** The keys that are changed; writers at once have keys of their own, so that they never wait for each other. */
  readonly keys: { readonly first: number; readonly last: number };
  readonly changesPerSecond: number;
  readonly changesPerTransaction: number;
}

/** Random updates at a steady rate, until `signal` aborts. @returns the changes that were made */
export async function writeSteadily(
  client: Client,
  options: SteadyWriterOptions,
  signal: AbortSignal,
): Promise<number> {
  const { keys: range, changesPerSecond, changesPerTransaction } = options;
  // The source shares the machine: its disk is not what is measured.
  await client.query('SET synchronous_commit = off');
  const began = performance.now();
  let changes = 0;
  const drawKey = () => range.first + Math.floor(Math.random() * (range.last - range.first + 1));
  for (let transaction = 1; !signal.aborted; transaction++) {
    const keys = Array.from({ length: changesPerTransaction }, drawKey);
    const done = await client.query({
      name: 'steady',
      text: `UPDATE ${BENCH_TABLE} SET amount = amount + 1, priority = $2 WHERE id = ANY($1::bigint[])`,
      values: [keys, transaction % 9],
    });
    changes += done.rowCount ?? 0;
    // By rows that were really there: earlier deletes left gaps among the keys.
    const ahead = began + (changes / changesPerSecond) * 1000 - performance.now();
    if (ahead > 0) await sleep(ahead, undefined, { signal }).catch(() => undefined);
  }
  return changes;
}

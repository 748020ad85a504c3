import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { connectPostgres } from '../fixtures/postgres-server.ts';
import type { Random } from '../fixtures/random.ts';

/** Ends a pipeline's sessions in databases of PostgreSQL, one or all, every now and then, until so many were ended or it is stopped. */
export function endingSessions(
  databases: readonly string[],
  random: Random,
  atMost: number,
): { stop(): Promise<number> } {
  const ended = new AbortController();
  const work = async (): Promise<number> => {
    const client = await connectPostgres(inject('postgres'));
    let killed = 0;
    try {
      while (!ended.signal.aborted && killed < atMost) {
        await sleep(100 + random.below(600));
        const { rowCount } = await client.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY ($1) AND application_name = 'penstock' LIMIT $2`,
          [databases, random.chance(0.3) ? 100 : 1],
        );
        killed += rowCount ?? 0;
      }
    } finally {
      await client.end();
    }
    return killed;
  };
  const running = work();
  running.catch(() => undefined);
  return {
    stop: () => {
      ended.abort();
      return running;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { expect } from 'vitest';
import { Random } from '../fixtures/random.ts';
import type { SourceType } from '../fixtures/test-source.ts';
import { KillWorld, SEED } from './kill-world.ts';

/** Between two transactions: what matters is when the process is killed, not how much it has to catch up. */
const PAUSE_MILLISECONDS = 50;

/** kill -9 at any instant while it copies, and so many times while it runs and the source is written. */
export async function expectToSurviveRandomKills(type: SourceType, times: number): Promise<void> {
  await using world = await KillWorld.make(type);
  const copying = world.start('full-extract');
  const random = new Random(SEED);
  await sleep(300 + random.below(600));
  copying.kill('SIGKILL');
  await copying.ended;
  await world.work(0);
  await world.expectDone('full-extract');
  for (let round = 1; round <= times; round++) {
    const running = world.start('run');
    for (const until = Date.now() + 700 + random.below(900); Date.now() < until;) {
      await world.work(round);
      await sleep(PAUSE_MILLISECONDS);
    }
    running.kill('SIGKILL');
    await running.ended;
  }
  await world.expectEqual('random kills');
  const [rows] = await world.destination.query<RowDataPacket[]>('SELECT COUNT(*) AS n FROM visits');
  expect(Number(rows[0]?.['n'])).toBeGreaterThan(0);
}

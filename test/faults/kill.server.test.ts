import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../core/host/failpoint.ts';
import { Random } from '../fixtures/random.ts';
import { KillWorld, SEED } from './kill-world.ts';

/** kill -9 at every named place: after a restart nothing is lost and nothing is doubled. */

const inCopy = FAILPOINTS.filter((name) => name.startsWith('prepare.') || name.startsWith('copy.'));
const inDelta = FAILPOINTS.filter((name) => name.startsWith('extract.') || name.startsWith('load.'));

/** Between two transactions: what matters is when the process is killed, not how much it has to catch up. */
const PAUSE_MILLISECONDS = 50;

/** Which pass of a place is meant: the second of those that come for every chunk. */
const pass = (name: FailpointName) => `${name}@${name.includes('chunk') ? 2 : 1}`;

/** Makes one transaction larger than memory may hold, where the place is only passed by such. */
async function largeTransaction(world: KillWorld, name: FailpointName): Promise<void> {
  if (name === 'extract.after-piece') await world.source.run(`UPDATE items SET name = concat(repeat('x', 100), id)`);
}

describe('kill -9 in a full extract', () => {
  it.each(inCopy)('at %s', async (name: FailpointName) => {
    await using world = await KillWorld.make('postgres');
    await world.expectKilled('full-extract', pass(name));
    await world.work(1);
    await world.expectDone('full-extract');
    await world.work(2);
    await world.expectEqual(name);
  });
});

describe('kill -9 in a delta', () => {
  it.each(inDelta)('at %s', async (name: FailpointName) => {
    await using world = await KillWorld.make('postgres');
    await world.expectDone('full-extract');
    await world.work(1);
    await largeTransaction(world, name);
    await world.expectKilled('delta', pass(name));
    await world.work(2);
    const again = await world.penstock('delta', `${name}@3:kill`);
    expect([0, null], again.stderr).toContain(again.code);
    await world.work(3);
    await world.expectEqual(name);
  });
});

it('kill -9 at one place after another, from a MySQL source', async () => {
  await using world = await KillWorld.make('mysql');
  let round = 0;
  for (const name of inCopy) {
    await world.expectKilled('full-extract', `${name}@1`);
    await world.work(++round);
  }
  await world.expectDone('full-extract');
  for (const name of inDelta) {
    await world.work(++round);
    await largeTransaction(world, name);
    await world.expectKilled('delta', `${name}@1`);
  }
  await world.work(round + 1);
  await world.expectEqual('every place');
});

it.each([
  ['postgres', 5],
  ['mysql', 2],
] as const)('kill -9 at any instant while it runs and the source is written: %s, %i times', async (type, times) => {
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
});

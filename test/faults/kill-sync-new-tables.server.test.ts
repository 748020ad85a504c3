import { describe, expect, it } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../core/host/failpoint.ts';
import { KillWorld } from './kill-world.ts';

/** kill -9 while new tables are copied beside a reader at work: called again, it ends what was begun, and no step of a history is lost. */

const places = FAILPOINTS.filter((name) => name.startsWith('join.') || name.startsWith('copy.')).filter(
  // Chunks are listed by a full extract only.
  (name) => name !== 'copy.after-chunk-listed',
);

/** Which pass of a place is meant: the second of those that come for every chunk. */
const pass = (name: FailpointName) => `${name}@${name.includes('chunk') ? 2 : 1}`;

/** The pipeline is copied with items alone; counters, a history, and visits, without a key, are new. */
async function worldAtWork(type: 'postgres' | 'mysql'): Promise<KillWorld> {
  const world = await KillWorld.make(type);
  world.choose(['items']);
  await world.expectDone('full-extract');
  world.choose(['counters', 'items', 'visits']);
  return world;
}

describe('kill -9 in sync-new-tables', () => {
  it.each(places)('at %s', async (name: FailpointName) => {
    await using world = await worldAtWork('postgres');
    const running = await world.startReader();
    await world.work(1);
    await world.expectKilled('sync-new-tables', pass(name));
    await world.work(2);
    const again = await world.penstock('sync-new-tables');
    expect(again.code, `${again.stdout}\n${again.stderr}`).toBe(0);
    await world.work(3);
    running.kill('SIGTERM');
    const ended = await running.ended;
    expect(ended.code, ended.stderr).toBe(0);
    await world.expectEqual(name);
  });
});

it('kill -9 in sync-new-tables of MariaDB, and of the reader beside it', async () => {
  await using world = await worldAtWork('mysql');
  const first = await world.startReader();
  await world.work(1);
  await world.expectKilled('sync-new-tables', 'copy.after-chunk-load@2');
  first.kill('SIGKILL');
  await first.ended;
  const second = await world.startReader();
  await world.work(2);
  const again = await world.penstock('sync-new-tables');
  expect(again.code, `${again.stdout}\n${again.stderr}`).toBe(0);
  await world.work(3);
  second.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
  await world.expectEqual('sync-new-tables of MariaDB');
});

import { expect, it } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../core/host/failpoint.ts';
import { KillWorld } from './kill-world.ts';

/** kill -9 while structures are made the same: called again, it ends what was begun, and no row is lost. */

const places = FAILPOINTS.filter((name) => name.startsWith('sync.'));

it.each(places)('kill -9 in sync-structure at %s', async (name: FailpointName) => {
  await using world = await KillWorld.make('postgres');
  await world.expectDone('full-extract');
  await world.work(1);
  await world.expectDone('delta');
  await world.source.run('ALTER TABLE items RENAME COLUMN name TO label; ALTER TABLE items ADD COLUMN name text');
  await world.work(2);
  expect((await world.penstock('delta')).code, 'the table is stopped').toBe(1);
  await world.expectKilled('sync-structure', `${name}@1`, ['--apply']);
  await world.work(3);
  expect((await world.penstock('delta')).code, 'the table is stopped still').toBe(1);
  const again = await world.penstock('sync-structure', null, ['--apply']);
  expect(again.code, `${again.stdout}\n${again.stderr}`).toBe(0);
  await world.expectEqual(name);
});

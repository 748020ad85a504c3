import { expect, it } from 'vitest';
import type { FailpointName } from '../../core/host/failpoint.ts';
import { KillWorld } from './kill-world.ts';

/** kill -9 in a verification and in a repair: called again it goes on, and the rows are right in the end. */

const places: [FailpointName, number][] = [
  ['verify.after-checksums', 2],
  ['verify.after-chunk', 2],
  ['repair.before-commit', 1],
  ['repair.after-commit', 1],
];

it.each(places)('kill -9 in verify --repair at %s', async (name, pass) => {
  await using world = await KillWorld.make('postgres');
  await world.expectDone('full-extract');
  await world.work(1);
  await world.expectDone('delta');
  await world.destination.query('UPDATE items SET amount = -1 WHERE id BETWEEN 100 AND 120');
  await world.destination.query('DELETE FROM items WHERE id BETWEEN 200 AND 205');
  await world.work(2);
  await world.expectKilled('verify', `${name}@${pass}`, ['--repair']);
  await world.work(3);
  const again = await world.penstock('verify', null, ['--repair']);
  expect([0, 1], again.stderr).toContain(again.code);
  await world.expectEqual(name);
});

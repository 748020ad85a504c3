import { expect, it } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../core/host/failpoint.ts';
import { KillWorld } from './kill-world.ts';

/** kill -9 at every named place of a rollback: whoever loads next ends it, and what was spoiled is mended. */

const places = FAILPOINTS.filter((name) => name.startsWith('replay.'));

it.each(places)('kill -9 in a rollback at %s', async (name: FailpointName) => {
  await using world = await KillWorld.make('postgres');
  await world.expectDone('full-extract');
  await world.source.run('UPDATE items SET amount = amount + 1 WHERE id <= 20');
  for (let round = 1; round <= 3; round++) await world.work(round);
  await world.expectDone('delta');
  await world.destination.query('UPDATE items SET amount = -1 WHERE id <= 20');
  const words = ['--to', '1', '--yes'];
  // A place that is passed for every extract is meant in the middle.
  await world.expectKilled('rollback', `${name}@${name === 'replay.after-collect' ? 3 : 1}`, words);
  if (name === 'replay.after-finish') {
    await world.work(4);
    await world.expectEqual(name);
    return;
  }
  const [rows] = await world.destination.query('SELECT COUNT(*) AS n FROM items WHERE id <= 20 AND amount = -1');
  expect(rows, 'nothing is half done').not.toEqual([{ n: '0' }]);
  await world.work(4);
  await world.expectEqual(name);
  const again = await world.penstock('rollback', null, words);
  expect(again.code, again.stderr).toBe(0);
  await world.expectEqual(`${name}, and another rollback`);
});

it('a rollback of a MySQL pipeline, killed between two extracts', async () => {
  await using world = await KillWorld.make('mysql');
  await world.expectDone('full-extract');
  await world.source.run('UPDATE items SET amount = amount + 1 WHERE id <= 20');
  for (let round = 1; round <= 3; round++) await world.work(round);
  await world.expectDone('delta');
  await world.destination.query('UPDATE items SET amount = -1 WHERE id <= 20');
  await world.expectKilled('rollback', 'replay.after-collect@5', ['--to', '1', '--yes']);
  await world.work(4);
  await world.expectEqual('a rollback of MySQL');
});

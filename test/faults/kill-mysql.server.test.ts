import { it } from 'vitest';
import { FAILPOINTS } from '../../core/host/failpoint.ts';
import { KillWorld, largeTransaction } from './kill-world.ts';
import { expectToSurviveRandomKills } from './random-kills.ts';

/** kill -9 with a MySQL source: in one pipeline at one named place after another, because most of them are not the source's. */

it('kill -9 at one place after another', async () => {
  await using world = await KillWorld.make('mysql');
  let round = 0;
  for (const name of FAILPOINTS.filter((place) => /^(prepare|copy)\./.test(place))) {
    await world.expectKilled('full-extract', `${name}@1`);
    await world.work(++round);
  }
  await world.expectDone('full-extract');
  for (const name of FAILPOINTS.filter((place) => /^(extract|load)\./.test(place))) {
    await world.work(++round);
    await largeTransaction(world, name);
    await world.expectKilled('delta', `${name}@1`);
  }
  await world.work(round + 1);
  await world.expectEqual('every place');
});

it('kill -9 at any instant while it runs and the source is written', async () => {
  await expectToSurviveRandomKills('mysql', 2);
});

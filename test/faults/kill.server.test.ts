import { describe, expect, it } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../core/host/failpoint.ts';
import { KillWorld, largeTransaction } from './kill-world.ts';
import { expectToSurviveRandomKills } from './random-kills.ts';

/** kill -9 at every named place: after a restart nothing is lost and nothing is doubled. */

const inCopy = FAILPOINTS.filter((name) => name.startsWith('prepare.') || name.startsWith('copy.'));
const inDelta = FAILPOINTS.filter((name) => name.startsWith('extract.') || name.startsWith('load.'));

/** Which pass of a place is meant: the second of those that come for every chunk. */
const pass = (name: FailpointName) => `${name}@${name.includes('chunk') ? 2 : 1}`;

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

it('kill -9 at any instant while it runs and the source is written', async () => {
  await expectToSurviveRandomKills('postgres', 5);
});

import { expect, it } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../core/host/failpoint.ts';
import { KillWorld } from './kill-world.ts';

/** kill -9 while structures are made the same: called again, it ends what was begun, and no row is lost. */

const RENAMED = 'ALTER TABLE items RENAME COLUMN name TO label; ALTER TABLE items ADD COLUMN name text';
const DROPPED = 'ALTER TABLE items DROP COLUMN name; ALTER TABLE items ADD COLUMN name text';
const REKEYED = `ALTER TABLE items ADD COLUMN shop integer NOT NULL DEFAULT 1; ALTER TABLE items DROP CONSTRAINT items_pkey;
  ALTER TABLE items ADD PRIMARY KEY (id, shop)`;
const isOfRebuild = (name: string): boolean => name.startsWith('rebuild.') || name === 'sync.after-rebuild';
const places = FAILPOINTS.filter((name) => name.startsWith('sync.') || isOfRebuild(name)).map(
  (name): [FailpointName, string, string[]] =>
    isOfRebuild(name)
      ? [name, REKEYED, ['--apply']]
      : name === 'sync.after-drop'
        ? [name, DROPPED, ['--apply', '--drop-columns']]
        : [name, RENAMED, ['--apply']],
);

it.each([...places, ['sync.after-changes', REKEYED, ['--apply']] as const])(
  'kill -9 in sync-structure at %s (%s)',
  async (name, change, flags) => {
    await using world = await KillWorld.make('postgres');
    await world.expectDone('full-extract');
    await world.work(1);
    await world.expectDone('delta');
    await world.source.run(change);
    await world.work(2);
    expect((await world.penstock('delta')).code, 'the table is stopped').toBe(1);
    await world.expectKilled('sync-structure', `${name}@1`, [...flags]);
    await world.work(3);
    // Where the table was to be made anew, whoever loads next ends that, and it follows again.
    const isDecided = change === REKEYED && name !== 'rebuild.after-copy';
    expect((await world.penstock('delta')).code, 'the table is stopped still').toBe(isDecided ? 0 : 1);
    const again = await world.penstock('sync-structure', null, [...flags]);
    expect(again.code, `${again.stdout}\n${again.stderr}`).toBe(0);
    await world.expectEqual(name);
  },
);

import { expect, it } from 'vitest';
import { itemsInMemory } from '../../test/fixtures/items-in-memory.ts';
import { ManualClock } from '../../test/fixtures/manual-clock.ts';
import { PenstockError } from '../errors/penstock-error.ts';
import type { Host } from '../host/host.ts';
import { Catalog } from './catalog.ts';
import type { ItemTable } from './item-table.ts';
import { askFor } from './lease-request.ts';
import { withLease, withLeaseInTurn, type Lease } from './lease.ts';
import { newTableRecord, type LeaseRecord } from './records.ts';
import { ReusedLease } from './reused-lease.ts';

const forever = new AbortController().signal;
const KEY = { partition: 'p', sort: 'lease#loader' };

/** Items that count what is asked of them, and time that stands still. */
class World {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly asked: string[] = [];
  readonly items: ItemTable;

  constructor() {
    const items = itemsInMemory();
    this.items = {
      ...items,
      get: (key) => {
        this.asked.push(`get ${key.sort}`);
        return items.get(key);
      },
      put: (key, value, expected) => {
        this.asked.push(`put ${key.sort}`);
        return items.put(key, value, expected);
      },
    };
  }

  host(owner: string): Host {
    let tokens = 0;
    const host: Pick<Host, 'items' | 'clock' | 'randomness' | 'owner' | 'ownerIsGone' | 'log' | 'events'> = {
      items: this.items,
      owner,
      ownerIsGone: () => false,
      randomness: { identifier: () => `${owner} ${tokens++}`, fraction: () => 0 },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      events: { emit: () => undefined },
      clock: this.clock,
    };
    return host as Host;
  }

  async record(): Promise<LeaseRecord> {
    return (await this.items.get(KEY))?.value as LeaseRecord;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** One call that does `work`. @returns its epoch */
function call(
  lease: ReusedLease,
  host: Host,
  work: (lease: Lease, signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  return lease.use(host, 'p', 'loader', forever, async (held, signal) => {
    await work(held, signal);
    return held.epoch;
  });
}

it('takes a lease once, and uses it again for a read, under the same epoch', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  const epoch = await call(lease, host);
  world.asked.length = 0;
  expect([await call(lease, host), await call(lease, host)]).toEqual([epoch, epoch]);
  expect(world.asked).toEqual(['get lease#loader', 'get lease#loader']);
});

it('is free to everybody between two calls, and in a short one: who takes it gets a greater epoch', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  const epoch = await call(lease, host);
  expect(await withLease(world.host('b'), 'p', 'loader', forever, (held) => Promise.resolve(held.epoch))).toBe(
    epoch + 1,
  );
  expect(await call(lease, host)).toBe(epoch + 2);
  const during = await lease.use(host, 'p', 'loader', forever, async (held) => {
    const other = await withLease(world.host('b'), 'p', 'loader', forever, (one) => Promise.resolve(one.epoch));
    return { own: held.epoch, other };
  });
  expect(during).toEqual({ own: epoch + 2, other: epoch + 3 });
  expect(await call(lease, host)).toBe(epoch + 4);
});

it('is taken for all to see before what no epoch fences, and given back afterwards', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  const epoch = await call(lease, host);
  const catalog = new Catalog('p', host);
  await call(lease, host, async (held) => {
    expect((await world.record()).until).toBe(0);
    await catalog.updateTable('t', held, (before) => before ?? newTableRecord('t'));
    await catalog.updateTable('t', held, (before) => before ?? newTableRecord('t'));
    expect((await world.record()).until).toBeGreaterThan(world.clock.now());
    await expect(withLease(world.host('b'), 'p', 'loader', forever, () => Promise.resolve())).rejects.toMatchObject({
      code: 'PS1007',
    });
  });
  expect(world.asked.filter((what) => what === 'put lease#loader')).toHaveLength(4);
  expect(await call(lease, host)).toBe(epoch);
});

it('does its work anew when another process has taken it meanwhile, and not over it', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  const epoch = await call(lease, host);
  const catalog = new Catalog('p', host);
  const epochs: number[] = [];
  let isDone = Promise.resolve(0);
  await call(lease, host, async (held) => {
    epochs.push(held.epoch);
    if (epochs.length === 1)
      isDone = withLease(world.host('b'), 'p', 'loader', forever, (one) => Promise.resolve(one.epoch));
    await isDone;
    await catalog.updateTable('t', held, (before) => before ?? newTableRecord('t'));
  });
  expect(epochs).toEqual([epoch, epoch + 2]);
  expect((await catalog.table('t'))?.record.epoch).toBe(epoch + 2);
});

it('leaves it to a process that still has it when the work is to begin anew', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  await call(lease, host);
  const ends = Promise.withResolvers<undefined>();
  let other = Promise.resolve();
  const late = call(lease, host, async (held) => {
    other = withLease(world.host('b'), 'p', 'loader', forever, async () => {
      await ends.promise;
    });
    await settled();
    await held.hold?.();
  });
  await expect(late).rejects.toMatchObject({ code: 'PS1007' });
  ends.resolve(undefined);
  await other;
});

it('is handed over to who asks for it', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  await call(lease, host);
  await askFor(world.host('step'), 'p', 'loader', 'step/in-turn');
  await expect(call(lease, host)).rejects.toMatchObject({ code: 'PS1007' });
  const step = withLeaseInTurn(world.host('step'), 'p', 'loader', forever, ({ epoch }) => Promise.resolve(epoch));
  expect(await step).toBe((await call(lease, host)) - 1);
});

it('is taken for all to see when the work takes long, and renewed', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  await call(lease, host);
  const begun = world.clock.now();
  await call(lease, host, async () => {
    await settled();
    world.clock.advance(5000);
    await settled();
    expect((await world.record()).until).toBe(begun + 35_000);
    world.clock.advance(10_000);
    await settled();
    expect((await world.record()).until).toBe(begun + 45_000);
  });
  expect((await world.record()).until).toBe(0);
});

it('gets a new epoch after work that failed: it may still have something on its way', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  const epoch = await call(lease, host);
  const failing = call(lease, host, () => Promise.reject(new PenstockError('PS4009', 'lost')));
  await expect(failing).rejects.toMatchObject({ code: 'PS4009' });
  expect(await call(lease, host)).toBe(epoch + 1);
  const first = call(new ReusedLease(), world.host('c'), () => Promise.reject(new PenstockError('PS4009', 'lost')));
  await expect(first).rejects.toMatchObject({ code: 'PS4009' });
  expect((await world.record()).until).toBe(0);
});

it('does not mistake another lease of the same version for its own', async () => {
  const world = new World();
  const [lease, host] = [new ReusedLease(), world.host('a')];
  const epoch = await call(lease, host);
  await world.items.remove(KEY);
  const restored = { owner: 'x', epoch: epoch + 7, until: 0, wanted: null, placeWantedUntil: 0, token: 't' };
  for (const expected of [null, 1]) await world.items.put(KEY, restored, expected);
  expect(await call(lease, host)).toBe(epoch + 8);
});

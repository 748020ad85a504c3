import { expect, it } from 'vitest';
import { itemsInMemory } from '../../../test/fixtures/items-in-memory.ts';
import { ManualClock } from '../../../test/fixtures/manual-clock.ts';
import { withLease } from '../../catalog/lease.ts';
import { leaseKey } from '../../catalog/lease-request.ts';
import { leaseRecord, parseRecord } from '../../catalog/records.ts';
import type { Host } from '../../host/host.ts';
import type { OperationContext } from '../operation-context.ts';
import { untilExtracted } from './log-standing.ts';

const NEVER = new AbortController().signal;

/** A pipeline whose clock moves on with every sleep of the operation; what it reads of the reader's lease is counted. */
function world() {
  let now = Date.UTC(2026, 10, 22);
  const items = itemsInMemory();
  const seen = { leaseReads: 0, wasWanted: true };
  const counting = {
    ...items,
    get: async (key: Parameters<typeof items.get>[0]) => {
      if (key.sort === leaseKey('shop', 'reader').sort) seen.leaseReads++;
      return items.get(key);
    },
  };
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
      const item = await items.get(leaseKey('shop', 'reader'));
      if (item !== null && parseRecord(leaseRecord, item).placeWantedUntil <= now) seen.wasWanted = false;
    },
  };
  const host = {
    // Of who holds the lease, which stands still.
    ...{ items, clock: new ManualClock(now), owner: 'a', ownerIsGone: () => false },
    leaseLookMilliseconds: 1000,
    randomness: { identifier: () => 'id', fraction: () => 0 },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    failpoint: () => Promise.resolve(),
  } as unknown as Host;
  const context = { host: { ...host, clock, items: counting }, settings: { pipeline: 'shop' }, signal: NEVER };
  return { host, seen, context: context as unknown as OperationContext };
}

it('while it waits for the reader, its place is wanted all the time, and its lease is read every few seconds', async () => {
  const { host, seen, context } = world();
  await withLease(host, 'shop', 'reader', NEVER, async () => {
    expect(await untilExtracted(context, { lineage: 'l', order: '1', resume: '1' })).toBe(false);
  });
  expect(seen.wasWanted).toBe(true);
  expect(seen.leaseReads).toBe(30);
});

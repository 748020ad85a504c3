import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteItems } from '../../hosts/local/sqlite-items.ts';
import { Catalog } from '../catalog/catalog.ts';
import { withLease } from '../catalog/lease.ts';
import { askForPlace } from '../catalog/lease-request.ts';
import type { SourceEvent } from '../changes/change.ts';
import { timestampFromMicroseconds } from '../changes/timestamp.ts';
import type { Host } from '../host/host.ts';
import type { ChangeStream, SourceConnector } from '../sources/source-connector.ts';
import type { FollowContext } from './follow-context.ts';
import { followLog } from './follow-log.ts';

const ENDED = new Error('the test has ended');

let folder: string;
let items: SqliteItems;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-follow-log-'));
  items = new SqliteItems(join(folder, 'catalog.sqlite'));
});
afterEach(() => {
  items[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

/** An idle source that says each second how far its log is, in virtual time; `atSecond` happens before what it says. */
async function idleReader(atSecond: (second: number, host: Host) => Promise<void>): Promise<string[]> {
  let now = Date.UTC(2026, 10, 22);
  const sleepers = new Map<() => void, number>();
  const clock = {
    now: () => now,
    timestamp: () => timestampFromMicroseconds(BigInt(now) * 1000n),
    sleep: (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        sleepers.set(resolve, now + milliseconds);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
  };
  const host = {
    clock,
    items,
    owner: 'a',
    ownerIsGone: () => false,
    leaseLookMilliseconds: 1000,
    randomness: { identifier: () => `id${Math.random()}`, fraction: () => 0 },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    failpoint: () => Promise.resolve(),
  } as unknown as Host;
  const catalog = new Catalog('shop', host);
  const told: string[] = [];
  const say = async function* (): AsyncGenerator<readonly SourceEvent[]> {
    for (let second = 1; second <= 130; second++) {
      await atSecond(second, host);
      now += 1000;
      for (const [wake, due] of sleepers) {
        if (due > now) continue;
        sleepers.delete(wake);
        wake();
      }
      // What was woken looks at the catalog before the log says anything.
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      const order = String(second).padStart(4, '0');
      yield [{ tag: 'heartbeat', position: { lineage: 'l', order, resume: order }, at: clock.timestamp() }];
      const { position } = await catalog.head();
      if (position !== null && position.order !== (told.at(-1) ?? '0000')) told.push(position.order);
    }
    throw ENDED;
  };
  const stream: ChangeStream = {
    acknowledge: () => undefined,
    [Symbol.asyncIterator]: say,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const signal = new AbortController().signal;
  const source = { openStream: () => Promise.resolve(stream) } as unknown as SourceConnector;
  const settings = { milliseconds: 1000, rows: 100, bytes: 1e6, maxBehind: 10 };
  await withLease(host, 'shop', 'reader', signal, async (lease, leaseSignal) => {
    await (await catalog.openHead(lease)).setPosition({ lineage: 'l', order: '0000', resume: '0000' });
    const shared = { pipeline: 'shop', host, catalog, source, lease, settings, signal: leaseSignal };
    const following = { ...shared, tables: [], vanished: [], until: null, onExtract: () => undefined };
    await followLog(following as unknown as FollowContext);
  }).catch((error: unknown) => {
    if (error !== ENDED) throw error;
  });
  return told;
}

test('an idle reader says how far it has come once a minute', async () => {
  expect(await idleReader(() => Promise.resolve())).toEqual(['0060', '0120']);
});

test('an idle reader that is asked says it at once, until nobody waits any more', async () => {
  const told = await idleReader(async (second, host) => {
    if (second === 5) await askForPlace(host, 'shop');
  });
  // For 20 seconds, then each minute again.
  expect(told.slice(0, 3)).toEqual(['0005', '0006', '0007']);
  expect(told.length).toBeGreaterThan(18);
  expect(told.length).toBeLessThan(25);
  expect(Number(told.at(-1))).toBeGreaterThan(60);
});

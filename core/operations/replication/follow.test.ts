import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteItems } from '../../../hosts/local/sqlite-items.ts';
import { Catalog } from '../../catalog/catalog.ts';
import { withLease } from '../../catalog/lease.ts';
import { timestampFromMicroseconds } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { PenstockEvent } from '../../events/event.ts';
import type { Host } from '../../host/host.ts';
import type { SourceConnector } from '../../sources/source-connector.ts';
import { follow } from './follow.ts';
import type { OperationContext } from '../operation-context.ts';
import { readReaderStatus } from './reader-status.ts';
import { switchScheduler } from '../scheduling/scheduler.ts';

const POSITION = { lineage: 'l', order: '1', resume: '{}' };
const USE = { diskFreeBytes: 5e9, memoryUsedBytes: 1e8, memoryLimitBytes: 1e9 };
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;
let items: SqliteItems;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-follow-'));
  items = new SqliteItems(join(folder, 'catalog.sqlite'));
});
afterEach(() => {
  items[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

/** A reader in virtual time: every sleep passes at once, and stops the reader when it was the `most`-th of its length. */
function reader(
  owner: string,
  source: Partial<SourceConnector>,
  most: { readonly milliseconds: number; readonly times: number },
) {
  const stopping = new AbortController();
  const events: PenstockEvent[] = [];
  let now = Date.UTC(2026, 10, 21);
  let slept = 0;
  const clock = {
    now: () => now,
    timestamp: () => timestampFromMicroseconds(BigInt(now) * 1000n),
    sleep: async (milliseconds: number, signal: AbortSignal) => {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      // Renewals and status reports go on beside what is counted.
      if (milliseconds !== most.milliseconds) {
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        });
      }
      now += milliseconds;
      if (++slept === most.times) stopping.abort(new Error('the test has ended'));
      signal.throwIfAborted();
    },
  };
  const randomness = { identifier: () => `id${Math.random()}`, fraction: () => 0 };
  const host = {
    clock,
    randomness,
    items,
    log: SILENT,
    owner,
    ownerIsGone: () => false,
    failpoint: () => Promise.resolve(),
    wakeUps: { signal: () => undefined },
    events: { emit: (event: PenstockEvent) => events.push(event) },
  };
  const context = {
    settings: { pipeline: 'shop', tables: [] },
    host: host as unknown as Host,
    source: {
      mode: 'log',
      logHealth: () => Promise.reject(new Error('not asked')),
      ...source,
    } as unknown as SourceConnector,
    signal: stopping.signal,
    progress: () => undefined,
  } as unknown as OperationContext;
  const states = () =>
    events.flatMap((event) =>
      event.type === 'Status' && event.role === 'reader' ? [`${event.state} ${event.reason}`.trim()] : [],
    );
  return { context, events, states };
}

/** As if a full extract had been made. */
async function copied(context: OperationContext): Promise<void> {
  const catalog = new Catalog('shop', context.host);
  await (await catalog.openHead({ role: 'reader', epoch: 0, isPlaceWanted: () => false })).setPosition(POSITION);
}

const LOOKS = { milliseconds: 5000, times: 3 };
const HALTS = { milliseconds: 60_000, times: 3 };

test('before the first full extract, and without a log, it waits and takes no lease', async () => {
  const { context, states } = reader('a', {}, LOOKS);
  await follow(context, () => Promise.resolve(USE));
  expect(states()).toContain('waiting no full extract was made yet');
  expect(await items.get({ partition: 'shop', sort: 'lease#reader' })).toBeNull();
  const full = reader('a', { mode: 'full' }, LOOKS);
  await follow(full.context, () => Promise.resolve(USE));
  expect(full.states().at(-1)).toMatch(/^waiting this source has full extracts only/);
});

test('what somebody has to mend switches the scheduler off; when it is on again the reader goes on', async () => {
  let tries = 0;
  const prepare = () => {
    tries++;
    return Promise.reject(new PenstockError('PS2006', 'slot is gone'));
  };
  const { context, events, states } = reader('a', { prepare }, { milliseconds: 5000, times: 6 });
  await copied(context);
  await follow(context, () => Promise.resolve(USE));
  expect(tries).toBe(1);
  expect(events.filter(({ type }) => type === 'HaltError')).toHaveLength(1);
  const catalog = new Catalog('shop', context.host);
  expect((await catalog.scheduler())?.record).toMatchObject({ on: false, by: 'error' });
  expect(await readReaderStatus(context.host, 'shop')).toMatchObject({
    owner: 'a',
    state: 'halted',
    reason: expect.stringContaining('PS2006') as string,
    remedy: expect.stringMatching(/full extract.*Switch the scheduler on again/) as string,
    ...USE,
  });
  // A task that is started anew does not try again either.
  const again = reader('b', { prepare }, { milliseconds: 5000, times: 6 });
  await follow(again.context, () => Promise.resolve(USE));
  expect(tries).toBe(1);
  expect(again.states().at(-1)).toMatch(/^halted the scheduler was switched off by an error: PS2006/);
  await switchScheduler(context.host, catalog, { on: true, by: 'operator', reason: '' });
  await follow(reader('c', { prepare }, { milliseconds: 5000, times: 6 }).context, () => Promise.resolve(USE));
  expect(tries).toBe(2);
  expect(states()).not.toEqual([]);
});

test('an error of no known kind is tried again each minute', async () => {
  let tries = 0;
  const prepare = () => Promise.reject(new Error(`a mistake, ${++tries}`));
  const { context, events } = reader('a', { prepare }, HALTS);
  await copied(context);
  await follow(context, () => Promise.resolve(USE));
  expect(tries).toBeGreaterThanOrEqual(2);
  expect(events.filter(({ type }) => type === 'HaltError')).toHaveLength(tries);
  expect((await new Catalog('shop', context.host).scheduler())?.record).toBeUndefined();
});

test('switched off by an operator it waits, reads nothing, and says how the log stands and that nothing lags', async () => {
  const log = { retainedBytes: 7, headroomBytes: 8, expiresAt: null };
  const prepare = () => Promise.reject(new Error('nobody may ask'));
  const { context, states } = reader('a', { prepare, logHealth: () => Promise.resolve(log) }, LOOKS);
  await copied(context);
  const catalog = new Catalog('shop', context.host);
  await switchScheduler(context.host, catalog, { on: false, by: 'operator', reason: 'the source moves' });
  await follow(context, () => Promise.resolve(USE));
  expect(states().at(-1)).toBe('waiting the scheduler was switched off by an operator: the source moves');
  expect(await readReaderStatus(context.host, 'shop')).toMatchObject({ state: 'waiting', lagMilliseconds: 0 });
  expect(await items.get({ partition: 'shop', sort: 'lease#reader' })).toBeNull();
});

test('what never passes ends it', async () => {
  const prepare = () => Promise.reject(new PenstockError('PS1003', 'two tables'));
  const { context, events } = reader('a', { prepare }, HALTS);
  await copied(context);
  await expect(follow(context, () => Promise.resolve(USE))).rejects.toMatchObject({ code: 'PS1003' });
  expect(events.map(({ type }) => type)).toContain('HaltError');
});

test('while another reader has the lease it stands by', async () => {
  const other = reader('other', {}, { milliseconds: 1, times: 1 });
  const { context, states } = reader('standby', {}, LOOKS);
  await copied(context);
  await withLease(other.context.host, 'shop', 'reader', new AbortController().signal, async () => {
    await follow(context, () => Promise.resolve(USE));
  });
  expect(states().at(-1)).toBe('waiting another reader or an operation has the log');
});

import { expect, it } from 'vitest';
import type { Host } from '../host/host.ts';
import { itemsInMemory } from '../../test/fixtures/items-in-memory.ts';
import { withLease, withLeaseInTurn } from './lease.ts';
import { endForOperation, takeForOperation, workingForOperation } from './operation-lease.ts';

/** Items and time in memory; sleepers wake when time is moved. */
class World {
  now = 1_800_000_000_000;
  readonly items = itemsInMemory();
  /** Owners that have ended. */
  readonly gone = new Set<string>();
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  /** The ports of one process. */
  host(owner: string): Host {
    const tokens = { next: 0 };
    const host: Pick<Host, 'items' | 'clock' | 'randomness' | 'owner' | 'ownerIsGone' | 'log' | 'events'> = {
      items: this.items,
      owner,
      ownerIsGone: (name) => this.gone.has(name),
      randomness: { identifier: () => `${owner} ${tokens.next++}`, fraction: () => 0 },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      events: { emit: () => undefined },
      clock: {
        now: () => this.now,
        timestamp: () => '',
        sleep: (milliseconds, signal) => this.#sleep(milliseconds, signal),
      },
    };
    return host as Host;
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    for (;;) {
      await settled();
      const next = [...this.#sleepers].sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.now = next.at;
      this.#sleepers.delete(next);
      next.wake();
    }
    this.now = end;
    await settled();
  }

  async #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const sleeper = { at: this.now + milliseconds, wake: () => resolve(undefined) };
    this.#sleepers.add(sleeper);
    signal.addEventListener('abort', () => {
      this.#sleepers.delete(sleeper);
      reject(signal.reason as Error);
    });
    await promise;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

const forever = new AbortController().signal;

/** Holds the lease until it is told to end, or its signal aborts. */
function holding(take: typeof withLease, host: Host, role: 'reader' | 'loader') {
  const done = Promise.withResolvers<undefined>();
  const state = { epoch: 0, ended: null as unknown };
  const ended = take(host, 'p', role, forever, async (lease, signal) => {
    state.epoch = lease.epoch;
    signal.addEventListener('abort', () => done.reject(signal.reason as Error));
    await done.promise;
  }).then(
    () => (state.ended = 'in order'),
    (error: unknown) => (state.ended = error),
  );
  return { state, end: () => done.resolve(undefined), ended };
}

it('gives an operation the log that a reader hands over, and the reader its turn afterwards', async () => {
  const world = new World();
  const reader = holding(withLease, world.host('reader'), 'reader');
  await settled();
  const asked = takeForOperation(world.host('step 1'), 'p', 'full-1');
  await expect(asked).rejects.toMatchObject({ code: 'PS1007', retry: 'timed' });
  await world.pass(10_000);
  expect(reader.state.ended).toMatchObject({ code: 'PS1009', retry: 'timed' });
  // It is kept for who has asked.
  await expect(withLease(world.host('standby'), 'p', 'reader', forever, () => Promise.resolve())).rejects.toMatchObject(
    {
      code: 'PS1007',
    },
  );
  const { epoch } = await takeForOperation(world.host('step 1'), 'p', 'full-1');
  expect(epoch).toBeGreaterThan(reader.state.epoch);
  await endForOperation(world.host('step 2'), 'p', 'full-1');
  const after = await withLease(world.host('reader'), 'p', 'reader', forever, (lease) => Promise.resolve(lease.epoch));
  expect(after).toBe(epoch + 1);
});

it('does not keep the log for an operation that never came for it', async () => {
  const world = new World();
  const reader = holding(withLease, world.host('reader'), 'reader');
  await settled();
  await expect(takeForOperation(world.host('step'), 'p', 'full-1')).rejects.toMatchObject({ code: 'PS1007' });
  await world.pass(70_000);
  await reader.ended;
  await expect(withLease(world.host('reader'), 'p', 'reader', forever, () => Promise.resolve(1))).resolves.toBe(1);
});

it('lets one operation in at a time, and is the same operation when it begins twice', async () => {
  const world = new World();
  const first = await takeForOperation(world.host('a'), 'p', 'full-1');
  await expect(takeForOperation(world.host('b'), 'p', 'rollback-1')).rejects.toMatchObject({
    code: 'PS1008',
    message: expect.stringContaining('full-1') as string,
  });
  expect(await takeForOperation(world.host('b'), 'p', 'full-1')).toEqual(first);
});

it('stays with the operation as long as somebody works for it, and no longer', async () => {
  const world = new World();
  await takeForOperation(world.host('a'), 'p', 'full-1');
  const done = Promise.withResolvers<undefined>();
  const worker = workingForOperation(world.host('worker'), 'p', 'full-1', forever, () => done.promise);
  await world.pass(30 * 60_000);
  await expect(takeForOperation(world.host('b'), 'p', 'full-2')).rejects.toMatchObject({ code: 'PS1008' });
  done.resolve(undefined);
  await worker;
  await world.pass(11 * 60_000);
  await expect(takeForOperation(world.host('b'), 'p', 'full-2')).resolves.toBeDefined();
});

it('ends who works for an operation that has ended or was overtaken', async () => {
  const world = new World();
  await takeForOperation(world.host('a'), 'p', 'full-1');
  const aborted = Promise.withResolvers<unknown>();
  const worker = workingForOperation(world.host('worker'), 'p', 'full-1', forever, async (_, signal) => {
    signal.addEventListener('abort', () => aborted.resolve(signal.reason));
    await aborted.promise;
  });
  await endForOperation(world.host('a'), 'p', 'full-1');
  await world.pass(31_000);
  await expect(aborted.promise).resolves.toMatchObject({ code: 'PS3002' });
  await worker;
  await expect(
    workingForOperation(world.host('late'), 'p', 'full-1', forever, () => Promise.resolve()),
  ).rejects.toMatchObject({ code: 'PS3002' });
});

it('waits in turn for a lease whose holder is asked to hand it over', async () => {
  const world = new World();
  const loader = holding(withLease, world.host('loader'), 'loader');
  await settled();
  const next = holding(withLeaseInTurn, world.host('step'), 'loader');
  await world.pass(15_000);
  expect(loader.state.ended).toMatchObject({ code: 'PS1009' });
  expect(next.state.epoch).toBe(loader.state.epoch + 1);
  next.end();
  await next.ended;
  expect(next.state.ended).toBe('in order');
});

it('gives up waiting for a holder that does not answer', async () => {
  const world = new World();
  const items = world.items;
  const until = world.now + 3_600_000;
  await items.put(
    { partition: 'p', sort: 'lease#loader' },
    { owner: 'stuck', epoch: 5, until, token: 't', wanted: null },
    null,
  );
  const next = holding(withLeaseInTurn, world.host('step'), 'loader');
  await world.pass(65_000);
  expect(next.state.ended).toMatchObject({ code: 'PS1007' });
});

it('is handed the lease also by a holder of the same process, which has it again afterwards', async () => {
  const world = new World();
  const process = world.host('process');
  const run = holding(withLease, process, 'loader');
  await settled();
  const step = holding(withLeaseInTurn, process, 'loader');
  await world.pass(15_000);
  expect(run.state.ended).toMatchObject({ code: 'PS1009' });
  expect(step.state.epoch).toBe(run.state.epoch + 1);
  step.end();
  await step.ended;
  await expect(withLease(process, 'p', 'loader', forever, ({ epoch }) => Promise.resolve(epoch))).resolves.toBe(
    step.state.epoch + 1,
  );
});

it('does not wait for what it asked for itself before it was cut short, and keeps nobody else waiting for that', async () => {
  const world = new World();
  const process = world.host('process');
  const run = holding(withLease, process, 'loader');
  await settled();
  const ends = new AbortController();
  const cutShort = withLeaseInTurn(process, 'p', 'loader', ends.signal, () => Promise.resolve());
  await world.pass(2000);
  ends.abort(new Error('cut short'));
  await expect(cutShort).rejects.toThrow('cut short');
  await world.pass(15_000);
  expect(run.state.ended).toBeNull();
  run.end();
  await run.ended;
  await expect(withLease(process, 'p', 'loader', forever, () => Promise.resolve('taken'))).resolves.toBe('taken');
  await expect(withLeaseInTurn(process, 'p', 'loader', forever, () => Promise.resolve('again'))).resolves.toBe('again');
});

it('is not kept for a process that asked for it and was killed', async () => {
  const world = new World();
  const run = holding(withLease, world.host('run'), 'loader');
  await settled();
  holding(withLeaseInTurn, world.host('killed'), 'loader');
  await settled();
  world.gone.add('killed').add('killed/in-turn');
  await world.pass(500);
  run.end();
  await run.ended;
  await expect(withLease(world.host('run'), 'p', 'loader', forever, () => Promise.resolve('taken'))).resolves.toBe(
    'taken',
  );
});

it('is handed over sooner where a look costs nothing, and renewed no more often', async () => {
  const world = new World();
  const host = { ...world.host('run'), leaseLookMilliseconds: 1000 };
  const run = holding(withLease, host, 'loader');
  await world.pass(35_000);
  expect(run.state.ended).toBeNull();
  const key = { partition: 'p', sort: 'lease#loader' };
  // Taken, and renewed three times.
  expect((await world.items.get(key))?.version).toBe(await versionAfter(4));
  const step = holding(withLeaseInTurn, world.host('step'), 'loader');
  await world.pass(3000);
  expect(run.state.ended).toMatchObject({ code: 'PS1009' });
  expect(step.state.epoch).toBe(run.state.epoch + 1);
});

/** The version of an item that was written so many times. */
async function versionAfter(writes: number): Promise<number | undefined> {
  const items = itemsInMemory();
  const key = { partition: 'p', sort: 'x' };
  for (let write = 0; write < writes; write++) {
    await items.put(key, { write }, (await items.get(key))?.version ?? null);
  }
  return (await items.get(key))?.version;
}

import { expect, it } from 'vitest';
import { itemsInMemory } from '../../../test/fixtures/items-in-memory.ts';
import { ManualClock } from '../../../test/fixtures/manual-clock.ts';
import { Catalog } from '../../catalog/catalog.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { PenstockEvent } from '../../events/event.ts';
import type { OperationContext } from '../operation-context.ts';
import { haltScheduler, schedulerStanding, switchScheduler } from './scheduler.ts';
import { SWITCH_MILLISECONDS, whileSwitchedOn } from './while-switched-on.ts';

const NEVER = new AbortController().signal;

function world() {
  const clock = new ManualClock(Date.parse('2026-11-21T10:00:00Z'));
  const items = itemsInMemory();
  const events: PenstockEvent[] = [];
  const warnings: string[] = [];
  const wakes: string[] = [];
  const host = {
    clock,
    items,
    randomness: { identifier: () => 'token', fraction: () => 0 },
    log: { info: () => undefined, warn: (message: string) => warnings.push(message), error: () => undefined },
    events: { emit: (event: PenstockEvent) => events.push(event) },
    wakeUps: { signal: (pipeline: string) => wakes.push(pipeline) },
    failpoint: () => Promise.resolve(),
  } as unknown as OperationContext['host'];
  const catalog = new Catalog('shop', host);
  const stopping = new AbortController();
  const context = { settings: { pipeline: 'shop' }, host, signal: stopping.signal } as unknown as OperationContext;
  const turn = (on: boolean, reason = '') => switchScheduler(host, catalog, { on, by: 'operator', reason });
  /** Time moves on by the pause between two looks. */
  const look = async () => {
    clock.advance(SWITCH_MILLISECONDS);
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { host, catalog, context, stopping, events, warnings, wakes, turn, look };
}

it('is on where nobody has ever turned it', async () => {
  const { catalog } = world();
  expect(await schedulerStanding(catalog)).toMatchObject({ on: true, since: null });
});

it('is turned once, with its reason; who wakes loaders is told when it is on again', async () => {
  const { catalog, events, wakes, turn } = world();
  expect(await turn(true)).toMatchObject({ on: true, since: null });
  const off = await turn(false, 'the source moves');
  expect(off).toMatchObject({ on: false, since: '2026-11-21T10:00:00.000000Z', reason: 'the source moves' });
  expect(await turn(false, 'another reason')).toEqual(off);
  expect(wakes).toEqual([]);
  await turn(true);
  expect(wakes).toEqual(['shop']);
  expect((await schedulerStanding(catalog)).on).toBe(true);
  const switched = events.flatMap((event) => (event.type === 'SchedulerSwitched' ? [[event.on, event.reason]] : []));
  expect(switched).toEqual([
    [false, 'the source moves'],
    [true, ''],
  ]);
});

it('two that turn it at once leave it as one of them wanted, and both know it', async () => {
  const { catalog, turn } = world();
  const [a, b] = await Promise.all([turn(false, 'a'), turn(false, 'b')]);
  expect(a).toEqual(b);
  expect(await schedulerStanding(catalog)).toEqual(a);
});

it.each([
  [new PenstockError('PS2003', 'refused'), true],
  [new PenstockError('PS1008', 'an operation is at work'), false],
  [new PenstockError('PS3002', 'lease lost'), false],
  [new PenstockError('PS9001', 'a mistake'), false],
  [new Error('a mistake'), false],
])('%s is reported; whether it switches off: %s', async (error, switches) => {
  const { host, catalog, events } = world();
  expect(await haltScheduler(host, catalog, error, NEVER)).toBe(switches);
  expect(events.filter(({ type }) => type === 'HaltError')).toHaveLength(1);
  const standing = await schedulerStanding(catalog);
  expect(standing.on).toBe(!switches);
  if (switches && error instanceof PenstockError) {
    expect(standing).toMatchObject({ by: 'error', reason: error.message, remedy: error.remedy });
  }
});

it('an error does not hide that an operator switched it off before', async () => {
  const { host, catalog, turn } = world();
  await turn(false, 'on purpose');
  await haltScheduler(host, catalog, new PenstockError('PS2003', 'refused'), NEVER);
  expect(await schedulerStanding(catalog)).toMatchObject({ by: 'operator', reason: 'on purpose' });
});

it('work is ended when it is switched off, waits, and begins anew', async () => {
  const { context, stopping, turn, look, warnings } = world();
  let [begun, ended] = [0, 0];
  const working = whileSwitchedOn(context, async ({ signal }) => {
    begun++;
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }).finally(() => ended++);
  });
  working.catch(() => undefined);
  await look();
  await look();
  expect([begun, ended]).toEqual([1, 0]);
  await turn(false, 'the source moves');
  await look();
  expect([begun, ended]).toEqual([1, 1]);
  await look();
  await look();
  expect(begun).toBe(1);
  expect(warnings).toEqual(['the scheduler was switched off by an operator: the source moves']);
  await turn(true);
  await look();
  expect([begun, ended]).toEqual([2, 1]);
  stopping.abort(new Error('stopped by the test'));
  await expect(working).rejects.toThrow('stopped by the test');
});

it('what fails by itself fails', async () => {
  const { context } = world();
  await expect(whileSwitchedOn(context, () => Promise.reject(new Error('its own')))).rejects.toThrow('its own');
  expect(await whileSwitchedOn(context, () => Promise.resolve(7))).toBe(7);
});

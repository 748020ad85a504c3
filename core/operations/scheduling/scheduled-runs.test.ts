import { expect, it } from 'vitest';
import { itemsInMemory } from '../../../test/fixtures/items-in-memory.ts';
import { ManualClock } from '../../../test/fixtures/manual-clock.ts';
import { Catalog } from '../../catalog/catalog.ts';
import { endForOperation, takeForOperation } from '../../catalog/operation-lease.ts';
import type { PenstockEvent } from '../../events/event.ts';
import type { Host } from '../../host/host.ts';
import type { Recurring } from '../../schedule/schedule.ts';
import { lookAtSchedule, type RunOutcome, type ScheduleLook } from './scheduled-runs.ts';
import { schedulerStanding, switchScheduler } from './scheduler.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAILY = { tag: 'daily', at: 150, zone: 'Europe/Berlin' } as const;
const HOURLY = { tag: 'periodic', every: HOUR, offset: 0 } as const;
const NEVER = new AbortController().signal;

/** A pipeline whose schedule is looked at once a minute, by a clock that only the test moves, and a machine that ends runs when it is told to. */
async function world(start: string, schedule: Recurring, needsCopy = true) {
  const clock = new ManualClock(Date.parse(start));
  const events: PenstockEvent[] = [];
  const runs = new Map<string, RunOutcome>();
  const starts: string[] = [];
  const failing = { at: '' };
  const host = {
    clock,
    items: itemsInMemory(),
    owner: 'tick',
    ownerIsGone: () => false,
    randomness: { identifier: () => `${Math.random()}`, fraction: () => 0 },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    events: { emit: (event: PenstockEvent) => events.push(event) },
    wakeUps: { signal: () => undefined },
    failpoint: (name: string) => (name === failing.at ? Promise.reject(new Error('killed')) : Promise.resolve()),
  } as unknown as Host;
  const catalog = new Catalog('shop', host);
  if (needsCopy) {
    const head = await catalog.openHead({ role: 'reader', epoch: 0, isPlaceWanted: () => false });
    await head.setPosition({ lineage: 'l', order: '1', resume: '{}' });
  }
  const machine = {
    start: (name: string) => {
      if (!runs.has(name)) {
        starts.push(`${name} at ${new Date(clock.now()).toISOString().slice(11, 16)}`);
        runs.set(name, { tag: 'running' });
      }
      return Promise.resolve();
    },
    outcome: (name: string) => Promise.resolve(runs.get(name) ?? ({ tag: 'unknown' } as const)),
  };
  const look = () => lookAtSchedule(host, catalog, { schedule, machine, needsCopy: true }, NEVER);
  const pass = async (milliseconds: number): Promise<ScheduleLook[]> => {
    const seen: ScheduleLook[] = [];
    for (let passed = 0; passed < milliseconds; passed += MINUTE) {
      clock.advance(MINUTE);
      seen.push(await look());
    }
    return seen;
  };
  const end = (outcome: RunOutcome = { tag: 'succeeded' }) => runs.set([...runs.keys()].at(-1)!, outcome);
  expect(await look()).toBe('idle');
  return { clock, host, catalog, events, starts, look, pass, end, failing };
}

it('starts each due run once, over a change of clocks', async () => {
  const { starts, pass, end } = await world('2026-03-27T12:00:00Z', DAILY);
  for (let day = 0; day < 4; day++) {
    await pass(24 * HOUR);
    end();
  }
  // The night of the 29th has no 02:30.
  expect(starts).toEqual([
    'run-20260328T013000Z at 01:30',
    'run-20260329T010000Z at 01:00',
    'run-20260330T003000Z at 00:30',
    'run-20260331T003000Z at 00:30',
  ]);
});

it('a run that takes longer than the period is overlapped by none, and followed by one', async () => {
  const { starts, pass, end } = await world('2026-11-21T00:30:00Z', HOURLY);
  const seen = await pass(160 * MINUTE);
  expect(starts).toEqual(['run-20261121T010000Z at 01:00']);
  expect(new Set(seen)).toEqual(new Set(['idle', 'started', 'running']));
  end();
  expect(await pass(2 * MINUTE)).toEqual(['ended', 'started']);
  expect(starts.slice(1)).toEqual(['run-20261121T030000Z at 03:12']);
});

it('what was missed while nobody looked is made once', async () => {
  const { clock, starts, pass } = await world('2026-11-21T12:00:00Z', DAILY);
  clock.advance(5 * 24 * HOUR);
  await pass(3 * MINUTE);
  expect(starts).toEqual(['run-20261126T013000Z at 12:01']);
});

it('switched off it starts nothing; on again it makes what was due once', async () => {
  const { host, catalog, starts, pass } = await world('2026-11-21T00:30:00Z', HOURLY);
  await switchScheduler(host, catalog, { on: false, by: 'operator', reason: '' });
  expect((await pass(3 * HOUR)).at(-1)).toBe('switched-off');
  expect(starts).toEqual([]);
  await switchScheduler(host, catalog, { on: true, by: 'operator', reason: '' });
  await pass(MINUTE);
  expect(starts).toEqual(['run-20261121T030000Z at 03:31']);
});

it('waits while an operation is at work, and before the first full extract', async () => {
  const { host, starts, pass } = await world('2026-11-21T00:30:00Z', HOURLY);
  await takeForOperation(host, 'shop', 'full-1');
  await pass(29 * MINUTE);
  await takeForOperation(host, 'shop', 'full-1');
  expect((await pass(5 * MINUTE)).at(-1)).toBe('busy');
  await endForOperation(host, 'shop', 'full-1');
  await pass(MINUTE);
  expect(starts).toEqual(['run-20261121T010000Z at 01:05']);
  const uncopied = await world('2026-11-21T00:30:00Z', HOURLY, false);
  expect((await uncopied.pass(2 * HOUR)).at(-1)).toBe('never-copied');
  expect(uncopied.starts).toEqual([]);
});

it('a run that failed with what passes is made again under another name; one that was aborted by hand is not', async () => {
  const { starts, pass, end } = await world('2026-11-21T00:30:00Z', HOURLY);
  await pass(30 * MINUTE);
  end({ tag: 'failed', passes: true, message: 'PS2002 not reached' });
  expect(await pass(MINUTE)).toEqual(['started']);
  expect(starts).toEqual(['run-20261121T010000Z at 01:00', 'run-20261121T010000Z-2 at 01:01']);
  end({ tag: 'aborted' });
  expect((await pass(50 * MINUTE)).slice(0, 2)).toEqual(['ended', 'idle']);
  expect(starts).toHaveLength(2);
});

it('one that somebody has to mend switches the scheduler off, once; switched on it is made again', async () => {
  const { host, catalog, events, starts, pass, end } = await world('2026-11-21T00:30:00Z', HOURLY);
  await pass(30 * MINUTE);
  end({ tag: 'failed', passes: false, message: 'PS2006 the log is gone' });
  expect((await pass(30 * MINUTE)).slice(0, 3)).toEqual(['halted', 'switched-off', 'switched-off']);
  expect(await schedulerStanding(catalog)).toMatchObject({
    on: false,
    by: 'error',
    reason: expect.stringMatching(/^PS1015 .*run-20261121T010000Z: PS2006/) as string,
  });
  expect(events.filter(({ type }) => type === 'HaltError')).toHaveLength(1);
  await switchScheduler(host, catalog, { on: true, by: 'operator', reason: 'mended' });
  await pass(MINUTE);
  expect(starts.at(-1)).toBe('run-20261121T010000Z-2 at 01:31');
});

it('two looks at once, and one that was killed in between, start one run', async () => {
  const { look, clock, starts, catalog, failing, end } = await world('2026-11-21T00:30:00Z', HOURLY);
  clock.advance(HOUR);
  expect((await Promise.all([look(), look()])).sort()).toEqual(['busy', 'started']);
  expect(starts).toHaveLength(1);
  end();
  failing.at = 'schedule.before-served';
  await expect(look()).rejects.toThrow('killed');
  failing.at = '';
  expect(await look()).toBe('ended');
  clock.advance(HOUR);
  failing.at = 'schedule.after-start';
  await expect(look()).rejects.toThrow('killed');
  expect((await catalog.schedule())?.record.run).toBeUndefined();
  failing.at = '';
  expect(await look()).toBe('started');
  expect(await look()).toBe('running');
  expect(starts).toHaveLength(2);
});

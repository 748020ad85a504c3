import { expect, it } from 'vitest';
import { itemsInMemory } from '../../../test/fixtures/items-in-memory.ts';
import { ManualClock } from '../../../test/fixtures/manual-clock.ts';
import { Catalog } from '../../catalog/catalog.ts';
import type { ItemTable } from '../../catalog/item-table.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { PenstockEvent } from '../../events/event.ts';
import type { Schedule } from '../../schedule/schedule.ts';
import type { DeltaResult } from '../replication/delta.ts';
import { nextRun } from './next-run.ts';
import type { OperationContext } from '../operation-context.ts';
import { runBySchedule } from './run-schedule.ts';
import { run } from '../replication/run.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAILY = { tag: 'daily', at: 150, zone: 'Europe/Berlin' } as const;
const HOURLY = { tag: 'periodic', every: HOUR, offset: 0 } as const;
const NOTHING: DeltaResult = { from: 0, to: 0, rows: 0, position: null, stopped: [] };
const POSITION = { lineage: 'l', order: '1', resume: '{}' };

const at = (text: string): number => Date.parse(text);

/** A pipeline in a catalog of its own, with a clock that only the test moves. */
async function world(start: string, schedule: Schedule, mode: 'log' | 'full' = 'log') {
  const clock = new ManualClock(at(start));
  const items: ItemTable = itemsInMemory();
  const warnings: string[] = [];
  const events: PenstockEvent[] = [];
  const randomness = { identifier: () => 'token', fraction: () => 0 };
  const log = { info: () => undefined, warn: (message: string) => warnings.push(message), error: () => undefined };
  const failpoint = () => Promise.resolve();
  const emit = (event: PenstockEvent) => events.push(event);
  const host = { clock, items, randomness, log, failpoint, events: { emit } };
  const catalog = new Catalog('shop', host);
  await (await catalog.openHead({ role: 'reader', epoch: 0, isPlaceWanted: () => false })).setPosition(POSITION);
  const stopping = new AbortController();
  const context = {
    settings: { pipeline: 'shop', schedule },
    host,
    source: { mode },
    signal: stopping.signal,
    progress: () => undefined,
  } as unknown as OperationContext;
  /** Until nothing happens any more but by the clock. */
  const settled = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Moves time on in steps, as a machine does that is never asleep. */
  const pass = async (milliseconds: number, step = MINUTE) => {
    for (let passed = 0; passed < milliseconds; passed += step) {
      clock.advance(Math.min(step, milliseconds - passed));
      await settled();
    }
  };
  return { clock, catalog, context, stopping, warnings, events, settled, pass };
}

type World = Awaited<ReturnType<typeof world>>;

/** The schedule at work; `made`: when each run began. */
function started({ context, clock, stopping }: World, duration = 0, fail: (run: number) => Error | null = () => null) {
  const made: string[] = [];
  let atWork = 0;
  const make = async (): Promise<DeltaResult> => {
    expect(++atWork).toBe(1);
    made.push(new Date(clock.now()).toISOString());
    const error = fail(made.length);
    if (duration > 0) await clock.sleep(duration, context.signal);
    atWork--;
    if (error !== null) throw error;
    return NOTHING;
  };
  const { schedule } = context.settings;
  if (schedule.tag !== 'periodic' && schedule.tag !== 'daily') throw new Error('not made for this schedule');
  const ended = runBySchedule(context, schedule, make).then(
    () => new Error('it never resolves'),
    (error: unknown) => error as Error,
  );
  const stop = async () => {
    stopping.abort(new Error('stopped by the test'));
    expect((await ended).message).toBe('stopped by the test');
  };
  return { made, ended, stop };
}

it('runs at each due time, and not before', async () => {
  const pipeline = await world('2026-03-27T12:00:00Z', DAILY);
  const { made, stop } = started(pipeline);
  await pipeline.pass(13 * HOUR + 29 * MINUTE);
  expect(made).toEqual([]);
  await pipeline.pass(60 * HOUR);
  // The night of the 29th has no 02:30.
  expect(made).toEqual(['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']);
  await stop();
});

it('remembers what it served: a start anew runs nothing twice, and what was missed once', async () => {
  const pipeline = await world('2026-11-21T12:00:00Z', DAILY);
  const first = started(pipeline);
  await pipeline.pass(14 * HOUR);
  expect(first.made).toHaveLength(1);
  await first.stop();
  const again = started({ ...pipeline, ...stoppable(pipeline) });
  await pipeline.settled();
  expect(again.made).toEqual([]);
  await again.stop();
  pipeline.clock.advance(5 * 24 * HOUR);
  const late = started({ ...pipeline, ...stoppable(pipeline) });
  await pipeline.settled();
  expect(late.made).toEqual(['2026-11-27T02:00:00.000Z']);
  await pipeline.pass(24 * HOUR);
  expect(late.made.slice(1)).toEqual(['2026-11-28T01:30:00.000Z']);
  await late.stop();
});

/** The same pipeline as a process that has not been stopped. */
function stoppable({ context }: World): Pick<World, 'context' | 'stopping'> {
  const stopping = new AbortController();
  return { stopping, context: { ...context, signal: stopping.signal } };
}

it('a run that takes longer than the period is followed by one, not by all that were missed', async () => {
  const pipeline = await world('2026-11-21T00:30:00Z', HOURLY);
  const { made, stop } = started(pipeline, 150 * MINUTE);
  await pipeline.pass(6 * HOUR);
  // Due at 1, 2 and 3 o'clock; the last of those that passed while it was busy is made good for at its end.
  expect(made).toEqual(['2026-11-21T01:00:00.000Z', '2026-11-21T03:30:00.000Z', '2026-11-21T06:00:00.000Z']);
  await stop();
});

it('a run that was killed is made again at the next start', async () => {
  const pipeline = await world('2026-11-21T00:30:00Z', HOURLY);
  const killed = started(pipeline, 10 * MINUTE);
  await pipeline.pass(35 * MINUTE);
  expect(killed.made).toHaveLength(1);
  await killed.stop();
  const again = started({ ...pipeline, ...stoppable(pipeline) });
  await pipeline.settled();
  expect(again.made).toEqual(['2026-11-21T01:05:00.000Z']);
  await again.stop();
});

it('waits while another process is at work, and ends with what somebody has to mend', async () => {
  const pipeline = await world('2026-11-21T00:30:00Z', HOURLY);
  const busy = new PenstockError('PS1007', 'another is at work');
  const gone = new PenstockError('PS2006', 'slot is gone');
  const { made, ended } = started(pipeline, 0, (run) => [null, busy, busy, null, gone][run] ?? null);
  await pipeline.pass(31 * MINUTE, 1000);
  expect(made).toEqual(['2026-11-21T01:00:00.000Z', '2026-11-21T01:00:05.000Z', '2026-11-21T01:00:10.000Z']);
  await pipeline.pass(HOUR);
  expect(await ended).toBe(gone);
  expect((await pipeline.catalog.schedule())?.record.served).toBe('2026-11-21T01:00:00.000000Z');
});

it('a run that another process has served meanwhile is not made', async () => {
  const pipeline = await world('2026-11-21T00:30:00Z', HOURLY);
  const { made, stop } = started(pipeline, 0, () => new PenstockError('PS1007', 'another is at work'));
  await pipeline.pass(30 * MINUTE);
  expect(made).toHaveLength(1);
  const { version } = (await pipeline.catalog.schedule())!;
  await pipeline.catalog.putSchedule({ served: '2026-11-21T01:00:00.000000Z' }, version);
  await pipeline.pass(30 * MINUTE, 1000);
  expect(made).toHaveLength(1);
  await stop();
});

it('is refused before the first full extract, but for a source that has full extracts only', async () => {
  const uncopied = await world('2026-11-21T00:30:00Z', HOURLY);
  await uncopied.context.host.items.remove({ partition: 'shop', sort: 'head' });
  expect(await started(uncopied).ended).toMatchObject({ code: 'PS1004' });
  const full = await world('2026-11-21T00:30:00Z', HOURLY, 'full');
  await full.context.host.items.remove({ partition: 'shop', sort: 'head' });
  const { made, stop } = started(full);
  await full.pass(HOUR);
  expect(made).toHaveLength(1);
  await stop();
});

it('a manual schedule is refused by `run`, which names the verb for it', async () => {
  const { context, events } = await world('2026-11-21T00:30:00Z', { tag: 'manual' });
  await expect(run(context)).rejects.toMatchObject({
    code: 'PS1001',
    message: expect.stringContaining('schedule.type of shop is manual') as string,
    remedy: expect.stringContaining('`penstock delta`') as string,
  });
  expect(events).toEqual([]);
});

it('says when the next run is, and since when one is due', () => {
  const now = at('2026-11-21T12:00:00Z');
  const berlin = { zone: 'Europe/Berlin' };
  expect(nextRun({ tag: 'automatic' }, null, now)).toBeNull();
  expect(nextRun({ tag: 'manual' }, null, now)).toBeNull();
  expect(nextRun(DAILY, null, now)).toEqual({ ...berlin, at: '2026-11-22T01:30:00.000000Z', isDue: false });
  const served = (time: string) => ({ served: `${time}.000000Z` });
  expect(nextRun(DAILY, served('2026-11-21T01:30:00'), now)).toMatchObject({ isDue: false });
  expect(nextRun(DAILY, served('2026-11-19T01:30:00'), now)).toEqual({
    ...{ ...berlin, at: '2026-11-21T01:30:00.000000Z', isDue: true },
  });
});

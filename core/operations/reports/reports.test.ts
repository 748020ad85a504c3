import { describe, expect, it } from 'vitest';
import { itemsInMemory } from '../../../test/fixtures/items-in-memory.ts';
import { Catalog } from '../../catalog/catalog.ts';
import type { ItemTable } from '../../catalog/item-table.ts';
import { packedCounts, type RunRecord, type TableCount } from '../../catalog/run-records.ts';
import { TableNumbers } from '../../catalog/table-numbers.ts';
import { timestampFromMilliseconds } from '../../changes/timestamp.ts';
import { PenstockError } from '../../errors/penstock-error.ts';
import type { PenstockEvent } from '../../events/event.ts';
import { daysOfMonth, recentRuns, runsOfDay, type RunCursor } from './reports.ts';
import { summariseRuns } from './summarise-runs.ts';

const ZONE = 'Europe/Berlin';
const ORDERS = 'public.orders';
const ITEMS = 'public.items';

/** A world whose sums can be worked out by hand. */
async function world(items: ItemTable = itemsInMemory()) {
  const events: PenstockEvent[] = [];
  const clock = { instant: Date.parse('2026-10-26T12:00:00Z') };
  const host = {
    items,
    clock: {
      now: () => clock.instant,
      timestamp: () => timestampFromMilliseconds(clock.instant),
      sleep: () => Promise.resolve(),
    },
    randomness: { identifier: () => 'token', fraction: () => 0 },
    events: { emit: (event: PenstockEvent) => void events.push(event) },
  };
  const catalog = new Catalog('shop', host);
  const numberOf = await new TableNumbers().of(host, 'shop', [ORDERS, ITEMS]);
  let extract = 0;
  /** Loaded at `at`: 1 s from the commit to the reader, 2 s of extraction, 3 s of waiting, 4 s of loading. */
  const run = async (
    at: string,
    counts: readonly (readonly [string, ...number[]])[],
    more: Partial<RunRecord> = {},
  ) => {
    const end = Date.parse(at);
    const time = (secondsBefore: number): string => timestampFromMilliseconds(end - secondsBefore * 1000);
    const tables = counts.map(([table, inserts = 0, updates = 0, deletes = 0]): TableCount => {
      return { number: numberOf(table), inserts, updates, deletes };
    });
    const sum = (of: 'inserts' | 'updates' | 'deletes'): number => tables.reduce((total, one) => total + one[of], 0);
    const record: RunRecord = {
      ...{ extract: ++extract, status: 'loaded', sourceDate: time(10), startedAt: time(9), dbDelay: 1000 },
      ...{ extractedAt: time(7), loadStartedAt: time(4), loadedAt: time(0), bytes: 100 },
      ...{ tables: tables.length, loaded: tables.length, errors: 0, counts: packedCounts(tables) },
      ...{ inserts: sum('inserts'), updates: sum('updates'), deletes: sum('deletes') },
      ...more,
    };
    await catalog.runs.record(record, end);
  };
  return { host, catalog, run, events, clock, numberOf };
}

type World = Awaited<ReturnType<typeof world>>;

/** The 25th of October has 25 hours in Berlin: it begins at 22:00 and ends at 23:00 UTC. */
async function weekend({ run }: World): Promise<void> {
  await run('2026-10-24T21:59:59Z', [[ORDERS, 1]]);
  await run('2026-10-24T22:00:00Z', [[ORDERS, 10, 1]]);
  await run('2026-10-25T00:30:00Z', [
    [ORDERS, 20],
    [ITEMS, 0, 2, 3],
  ]);
  await run('2026-10-25T01:30:00Z', [[ITEMS, 0, 0, 4]]);
  await run('2026-10-25T22:59:59Z', [[ORDERS, 30]]);
  await run('2026-10-25T23:00:00Z', [[ORDERS, 40]]);
}

const month = (of: World, table: string | null = null) => daysOfMonth(of, { month: '2026-10', zone: ZONE, table });
const day = (of: World, on: string, more: { table?: string; after?: RunCursor | null; limit?: number } = {}) =>
  runsOfDay(of, { day: on, zone: ZONE, table: null, after: null, limit: 100, ...more });

describe('reports of a month', () => {
  const expected = [
    { date: '2026-10-24', runs: 1, records: 1, inserts: 1, extract: 2000, load: 4000, total: 10_000 },
    { date: '2026-10-25', runs: 4, records: 70, inserts: 60, updates: 3, deletes: 7, dbDelay: 4000, loadWait: 12_000 },
    { date: '2026-10-26', runs: 1, records: 40 },
  ];

  it('count each run on the day on which the clocks of the zone showed its end', async () => {
    const tested = await world();
    await weekend(tested);
    expect(await month(tested)).toMatchObject(expected);
    await summariseRuns(tested.host, tested.catalog);
    expect(await month(tested)).toMatchObject(expected);
    const utc = await daysOfMonth(tested, { month: '2026-10', zone: 'UTC', table: null });
    expect(utc.map(({ date, runs }) => [date, runs])).toEqual([
      ['2026-10-24', 2],
      ['2026-10-25', 4],
    ]);
  });

  it('are the same for one table, whose runs are those that touched it', async () => {
    const tested = await world();
    await weekend(tested);
    for (let time = 0; time < 2; time++) {
      expect(await month(tested, ITEMS)).toMatchObject([
        { date: '2026-10-25', runs: 2, records: 9, updates: 2, deletes: 7 },
      ]);
      await summariseRuns(tested.host, tested.catalog);
    }
    await expect(month(tested, 'public.unknown')).rejects.toMatchObject({ code: 'PS1005' });
  });

  it('add what ended since the sums were written', async () => {
    const tested = await world();
    await weekend(tested);
    await summariseRuns(tested.host, tested.catalog);
    await tested.run('2026-10-25T23:05:00Z', [[ITEMS, 5]]);
    expect((await month(tested)).at(-1)).toMatchObject({ date: '2026-10-26', runs: 2, records: 45 });
    await summariseRuns(tested.host, tested.catalog);
    expect((await month(tested)).at(-1)).toMatchObject({ date: '2026-10-26', runs: 2, records: 45 });
  });

  it('have full extracts as initial rows, and leave out what was never loaded by itself', async () => {
    const tested = await world();
    await weekend(tested);
    await tested.run('2026-10-26T08:00:00Z', [], { status: 'covered' });
    const copy = {
      kind: 'FULL',
      startedAt: '2026-10-26T07:00:00.000000Z',
      endedAt: '2026-10-26T07:10:00.000000Z',
    } as const;
    const counts = packedCounts([{ number: tested.numberOf(ORDERS), inserts: 500, updates: 0, deletes: 0 }]);
    const record = { run: 'abc', ...copy, extract: 7, tables: 2, loaded: 1, errors: 1, rows: 500, counts };
    await tested.catalog.runs.recordCopy(record, tested.clock.instant);
    for (let time = 0; time < 2; time++) {
      const last = (await month(tested)).at(-1);
      expect(last).toMatchObject({ date: '2026-10-26', runs: 2, initial: 500, records: 540, extract: 602_000 });
      const { rows } = await day(tested, '2026-10-26');
      expect(rows.map(({ runId, kind, initial, status }) => [runId, kind, initial, status])).toEqual([
        ['6', 'DELTA', 0, 'loaded'],
        ['abc', 'FULL', 500, 'errors'],
      ]);
      await summariseRuns(tested.host, tested.catalog);
    }
  });
});

describe('reports of a day', () => {
  it('have the runs with their times, durations and counts', async () => {
    const tested = await world();
    await weekend(tested);
    const { rows, next } = await day(tested, '2026-10-25');
    expect(next).toBeNull();
    expect(rows.map(({ runId }) => runId)).toEqual(['2', '3', '4', '5']);
    expect(rows[1]).toEqual({
      ...{ runId: '3', fileId: 3, kind: 'DELTA', status: 'loaded' },
      ...{ extractStart: '2026-10-25T00:29:51.000000Z', extractEnd: '2026-10-25T00:29:53.000000Z' },
      ...{ loadStart: '2026-10-25T00:29:56.000000Z', loadEnd: '2026-10-25T00:30:00.000000Z' },
      ...{ totalTables: 2, loadedTables: 2, errorTables: 0, initial: 0, inserts: 20, updates: 2, deletes: 3 },
      ...{ dbDelay: 1000, extract: 2000, loadWait: 3000, load: 4000, total: 10_000 },
    });
    expect((await day(tested, '2026-10-23')).rows).toEqual([]);
  });

  it('come in pages', async () => {
    const tested = await world();
    await weekend(tested);
    await summariseRuns(tested.host, tested.catalog);
    const found: string[] = [];
    let after: RunCursor | null = null;
    do {
      const page: Awaited<ReturnType<typeof day>> = await day(tested, '2026-10-25', { after, limit: 3 });
      found.push(...page.rows.map(({ runId }) => runId));
      after = page.next;
    } while (after !== null);
    expect(found).toEqual(['2', '3', '4', '5']);
    const { rows } = await day(tested, '2026-10-25', { table: ITEMS });
    expect(rows.map(({ runId, updates, deletes }) => [runId, updates, deletes])).toEqual([
      ['3', 2, 3],
      ['4', 0, 4],
    ]);
  });

  it.each([
    [{ day: '2026-02-30' }, /day 2026-02-30/],
    [{ day: 'today' }, /day today/],
    [{ day: '2026-10-25', zone: 'Mars/Olympus' }, /time zone Mars\/Olympus/],
  ])('refuse %j by name', async (wrong, message) => {
    const asked = { zone: ZONE, table: null, after: null, limit: 1, ...wrong };
    await expect(runsOfDay(await world(), asked)).rejects.toThrow(message);
  });
});

it('what happened of late, by hours and days', async () => {
  const tested = await world();
  await weekend(tested);
  tested.clock.instant = Date.parse('2026-10-25T23:20:00Z');
  const recent = await recentRuns(tested, { zone: ZONE, table: null });
  expect(recent.hours).toHaveLength(24);
  expect(recent.hours.at(-1)).toMatchObject({ from: Date.parse('2026-10-25T22:30:00Z'), runs: 2, inserts: 70 });
  // The last 24 hours begin at 23:30 of the day before.
  expect(recent.records).toBe(20 + 5 + 4 + 30 + 40);
  expect(recent.lastLoad).toEqual({ extract: 6, at: '2026-10-25T23:00:00.000000Z' });
  expect(recent.days.map(({ date }) => date)).toEqual(['2026-10-24', '2026-10-25', '2026-10-26']);
});

describe('sums of runs', () => {
  it('hold each run once, wherever adding them up is interrupted', async () => {
    const inner = itemsInMemory();
    for (let failing = 0; failing < 12; failing++) {
      let puts = 0;
      const items: ItemTable = {
        ...inner,
        put: async (key, value, expected, expiresAt) => {
          if (key.sort.startsWith('runs#') && puts++ === failing % 4) {
            // Half of the times the write has happened, and only its reply is lost.
            if (failing % 2 === 0) await inner.put(key, value, expected, expiresAt);
            throw new PenstockError('PS3004', 'lost');
          }
          return inner.put(key, value, expected, expiresAt);
        },
      };
      const tested = await world(items);
      if (failing === 0) await weekend(tested);
      await summariseRuns(tested.host, tested.catalog).catch(() => undefined);
    }
    const tested = await world(inner);
    await summariseRuns(tested.host, tested.catalog);
    const days = await month(tested);
    expect(days.map(({ runs, records }) => [runs, records])).toEqual([
      [1, 1],
      [4, 70],
      [1, 40],
    ]);
    expect((await tested.catalog.runs.lastSummary())?.record.lastRun).toBe(6);
  });

  it('tell of the loads since the last time as a status, with the worst lag', async () => {
    const tested = await world();
    await weekend(tested);
    await summariseRuns(tested.host, tested.catalog);
    await summariseRuns(tested.host, tested.catalog);
    expect(tested.events).toMatchObject([
      {
        type: 'Status',
        role: 'loader',
        loaded: 6,
        loads: 6,
        loadedRows: 111,
        tableErrors: 0,
        worstLagMilliseconds: 10_000,
      },
    ]);
  });

  it('stand in for the last run when that has expired', async () => {
    const tested = await world();
    await weekend(tested);
    await summariseRuns(tested.host, tested.catalog);
    for (let extract = 1; extract <= 6; extract++) {
      await tested.host.items.remove({ partition: 'shop', sort: `run#${String(extract).padStart(12, '0')}` });
    }
    expect(await tested.catalog.loaded()).toBe(6);
    expect(await month(tested)).toHaveLength(3);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PenstockEvent } from '../../core/events/event.ts';
import { follow } from '../../core/operations/replication/follow.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import type { FunctionHandler } from '../../functions/frame/function-frame.ts';
import { handler as health } from '../../functions/health.ts';
import { handler as load } from '../../functions/load.ts';
import { handler as scheduleTick } from '../../functions/schedule-tick.ts';
import {
  EXTRACT,
  EXTRACT_ITEM_BYTES,
  idleMove,
  NO_REQUESTS,
  readerMinute,
  REMOVAL,
  standbyMinute,
  sumOf,
  loadedUnits,
  runBytes,
  sumsMinute,
  tablesUnits,
  times,
  watchMinute,
  type Requests,
} from '../../infra/cost/requests.ts';
import { EVENT_BYTES, manifestBytes } from '../../infra/cost/usage.ts';
import { AwsUsage, type BilledCall } from '../fixtures/aws-usage.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { eventually } from '../fixtures/eventually.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';
import { makeOld } from '../fixtures/old-extracts.ts';
import { sharedServers } from '../fixtures/pipeline.ts';

/**
 * What a pipeline costs is a count of its calls of AWS times prices. Here the calls of an idle minute and of a busy one are counted: real
 * databases, the deployed code, time that is moved by hand. They have to be those of infra/cost/requests.ts, which docs/cost.md is made
 * from: to the unit, but for the records of tables, whose size depends on names.
 */

const COLUMNS = 6;
const EXTRACT_SECONDS = 3;
const STEP_SECONDS = 5;
const STEPS = 60 / STEP_SECONDS;
const IDLE_MINUTES = 5;
/** How far bytes may be from the formula, either way: names of tables, columns and pipelines are not known to it. */
const TOLERANCE = 0.2;
/** What sleeps in a reader at work: the lease's renewal, the next status, the next look at the log and at the switch. */
const READER = 4;
/** In a reader that stands by: the next look, the next status. */
const STANDBY = 2;
const PLENTY = { diskFreeBytes: 1e12, memoryUsedBytes: 1, memoryLimitBytes: 1e12 };
const WATCHES: Readonly<Record<string, FunctionHandler<unknown>>> = { 'schedule-tick': scheduleTick, health };

/** A minute of a pipeline, or several. */
interface Counted {
  readonly calls: readonly BilledCall[];
  /** How often the head moved: each is a call of `load`, as the catalog's stream makes it. */
  readonly headMoves: number;
  readonly watches: number;
}

/** A pipeline whose reader runs on a clock that the test moves. */
class CostedPipeline implements AsyncDisposable {
  readonly deployed: DeployedPipeline;
  readonly tables: readonly string[];
  readonly #usage = new AwsUsage();
  readonly #clock = new ManualClock(Date.now());
  readonly #ended = new AbortController();
  readonly #running: Promise<void>[] = [];
  #headMoves = 0;
  #notDelivered = 0;
  #watches = 0;
  #sleepers = READER;
  #round = 0;

  private constructor(deployed: DeployedPipeline, tables: readonly string[]) {
    this.deployed = deployed;
    this.tables = tables;
    this.#usage.headMoved = () => {
      this.#headMoves++;
      this.#notDelivered++;
    };
  }

  static async open(source: 'postgres' | 'mysql', count: number): Promise<CostedPipeline> {
    const tables = Array.from({ length: count }, (_, index) => `orders_${index}`);
    const more = { extracts: { seconds: EXTRACT_SECONDS } };
    const deployed = await DeployedPipeline.open({ ...sharedServers(source), tables, more });
    const columns =
      'id int PRIMARY KEY, note varchar(40), status varchar(20), amount numeric(12,2), placed date, seen int';
    for (const table of [...tables, 'elsewhere']) {
      await deployed.databases.write(`CREATE TABLE ${table} (${columns}); INSERT INTO ${table} (id) VALUES (1);`);
    }
    await deployed.operate((context) => fullExtract(context, { tables: null }));
    const pipeline = new CostedPipeline(deployed, tables);
    pipeline.#follow('reader');
    await pipeline.#started();
    return pipeline;
  }

  #follow(workload: string): void {
    const { deployed } = this;
    const clock = this.#clock;
    const running = this.#usage.as(workload, () =>
      deployed.operate(
        (context) => follow({ ...context, host: { ...context.host, clock } }, () => Promise.resolve(PLENTY)),
        this.#ended.signal,
      ),
    );
    this.#running.push(running);
  }

  /** Until it reads. What fails at first is tried again after a pause on a clock that nobody else moves. */
  #started(): Promise<unknown> {
    return eventually(() => {
      const isStill = this.#clock.sleepers === this.#sleepers && this.#usage.underWay === 0;
      if (this.#headMoves > 0 && isStill) return Promise.resolve(true);
      this.#clock.advance(20);
      return Promise.resolve(false);
    });
  }

  /** A second reader, which waits for the lease. */
  async standBy(): Promise<void> {
    this.#follow('standby');
    this.#sleepers += STANDBY;
    await this.still();
  }

  /** Waits until nothing is under way; `more`: who sleeps besides, such as an extract that waits for its time. */
  still(more = 0): Promise<unknown> {
    return eventually(() =>
      Promise.resolve(this.#clock.sleepers === this.#sleepers + more && this.#usage.underWay === 0),
    );
  }

  async pass(seconds: number): Promise<void> {
    this.#clock.advance(seconds * 1000);
    await this.still();
  }

  /** A change in each of these tables, in one transaction, becomes an extract and is loaded. */
  async change(tables: readonly string[], seconds = EXTRACT_SECONDS): Promise<void> {
    const before = this.#headMoves;
    const updates = tables.map((table) => `UPDATE ${table} SET note = 'round ${this.#round}' WHERE id = 1;`);
    this.#round++;
    await this.deployed.databases.write(`BEGIN; ${updates.join(' ')} COMMIT;`);
    await this.still(1);
    this.#clock.advance(seconds * 1000);
    await eventually(() => Promise.resolve(this.#headMoves > before));
    await this.still();
    await this.deliver();
  }

  /** What the catalog's stream does: a call of the loader for each time that the head moved. */
  async deliver(): Promise<void> {
    for (; this.#notDelivered > 0; this.#notDelivered--) {
      await this.#usage.as('load', () => load({ Records: [{ eventName: 'MODIFY' }] }, lambdaContext('load')));
    }
  }

  async watch(): Promise<void> {
    for (const [name, handler] of Object.entries(WATCHES)) {
      await this.#usage.as(name, () => handler({}, lambdaContext(name)));
      this.#watches++;
    }
  }

  /**
   * Moves the log of the source, with nothing for this pipeline in it, and time, until the reader has told the catalog. The server is
   * shared: its log may move at any time without this, too.
   */
  async moveElsewhere(): Promise<void> {
    const before = this.#headMoves;
    await eventually(async () => {
      await this.deployed.databases.write(`UPDATE elsewhere SET seen = ${Date.now() % 1_000_000} WHERE id = 1`);
      if (this.#headMoves === before) await this.pass(5);
      return this.#headMoves > before;
    });
  }

  /** All extracts but the last become old, and the loader looks for such, as in a new environment. */
  async growOld(): Promise<void> {
    await this.deployed.catalog(async (catalog, { items }) =>
      makeOld(items, this.deployed.name, (await catalog.head()).lastExtract, 'unlisted'),
    );
    await load[Symbol.asyncDispose]();
  }

  async count(work: () => Promise<void>): Promise<Counted> {
    const { calls } = this.#usage;
    // What came before is not delivered within.
    await this.#delivered();
    calls.length = this.#headMoves = this.#watches = 0;
    await work();
    // The shared server's log moves when it likes: what that brought is delivered within.
    await this.#delivered();
    return { calls: [...calls], headMoves: this.#headMoves, watches: this.#watches };
  }

  /** Until nothing is under way and nothing waits to be delivered. */
  async #delivered(): Promise<void> {
    do {
      await this.still();
      await this.deliver();
    } while (this.#notDelivered > 0 || this.#usage.underWay > 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new Error('the test has ended'));
    await Promise.all(this.#running);
    this.#usage[Symbol.dispose]();
    for (const handler of [load, ...Object.values(WATCHES)]) await handler[Symbol.asyncDispose]();
    await this.deployed[Symbol.asyncDispose]();
  }
}

const TABLES = 'table#';

/** Functions run in real time: how often they look at the switch is not a matter of the clock that is moved. */
function isLookOfLoader({ workload, what }: BilledCall): boolean {
  return workload === 'load' && what === 'scheduler';
}

/** What adds up the runs of a minute; with it goes the last run, which health asks for as everybody does. */
function isSummingUp({ workload, what, command }: BilledCall): boolean {
  return workload === 'health' && (/^(runs|copied)#/.test(what) || (what === 'run#' && command === 'Query'));
}

/** As they are billed; the records of tables and the sums of runs are left out and looked at by themselves. */
function billed({ calls, headMoves, watches }: Counted, workload?: string): Requests {
  const own = calls
    .filter((call) => call.what !== TABLES && !isSummingUp(call) && !isLookOfLoader(call))
    .filter((call) => workload === undefined || call.workload === workload);
  const counted = (command: string): number => own.filter((call) => call.command === command).length;
  const summed = (unit: 'readUnits' | 'writeUnits'): number => own.reduce((sum, call) => sum + call[unit], 0);
  expect([...new Set(own.map(({ command }) => command))].filter((command) => !KNOWN.has(command))).toEqual([]);
  return {
    puts: counted('PutObject'),
    gets: counted('GetObject'),
    lists: counted('ListObjectsV2'),
    readUnits: summed('readUnits'),
    writeUnits: summed('writeUnits'),
    secretReads: counted('GetSecretValue'),
    messages: counted('Publish'),
    loads: headMoves,
    watches,
  };
}
const KNOWN = new Set(['PutObject', 'GetObject', 'ListObjectsV2', 'Get', 'Put', 'Query', 'GetSecretValue', 'Publish']);

function withoutTables(
  requests: Requests,
  shape: { tables: number; columnsPerTable: number },
  hasExtracts: boolean,
): Requests {
  return { ...requests, readUnits: requests.readUnits - tablesUnits(shape) - loadedUnits(hasExtracts) };
}

function expectNear(found: number, formula: number): void {
  expect(found).toBeGreaterThan(formula * (1 - TOLERANCE));
  expect(found).toBeLessThan(formula * (1 + TOLERANCE));
}

describe.each([
  ['postgres', 100],
  ['postgres', 1],
  ['mysql', 100],
] as const)('a pipeline from %s with %i tables', (source, count) => {
  const shape = { tables: count, columnsPerTable: COLUMNS };
  let pipeline: CostedPipeline;
  let idle: Counted;
  let moved: Counted;
  let busy: Counted;
  let busyWithOne: Counted;
  let standby: Counted;
  let removing: Counted;

  beforeAll(async () => {
    pipeline = await CostedPipeline.open(source, count);
    await pipeline.deliver();
    await pipeline.watch();
    idle = await pipeline.count(async () => {
      for (let step = 0; step < IDLE_MINUTES * STEPS; step++) await pipeline.pass(STEP_SECONDS);
      await pipeline.deliver();
      for (let minute = 0; minute < IDLE_MINUTES; minute++) await pipeline.watch();
    });
    // Connections, and what the log's reader asks of tables when they first change.
    await pipeline.change(pipeline.tables, 60);
    await pipeline.change(pipeline.tables, 60);
    // So that a status is told while nothing waits to be loaded.
    await pipeline.pass(4);
    busy = await pipeline.count(() => busyMinute(pipeline, pipeline.tables));
    busyWithOne = await pipeline.count(() => busyMinute(pipeline, pipeline.tables.slice(0, 1)));
    await pipeline.pass(56);
    moved = await pipeline.count(async () => {
      await pipeline.moveElsewhere();
      await pipeline.deliver();
    });
    await pipeline.standBy();
    standby = await pipeline.count(async () => {
      for (let step = 0; step < 12; step++) await pipeline.pass(5);
    });
    await pipeline.growOld();
    removing = await pipeline.count(() => pipeline.change(pipeline.tables.slice(0, 1)));
  });

  afterAll(() => pipeline[Symbol.asyncDispose]());

  it('costs what the formula says while it is idle: no object, no load', () => {
    expect(idle.headMoves).toBeLessThanOrEqual(IDLE_MINUTES);
    const perMinute = sumOf(readerMinute(false), withoutTables(watchMinute(shape, false), shape, false));
    expect(billed(idle)).toEqual(sumOf(times(perMinute, IDLE_MINUTES), times(idleMove(false), idle.headMoves)));
    expect(billed(idle)).toMatchObject({ puts: 0, gets: 0, lists: 0 });
  });

  it('costs what the formula says while it is busy, however many tables change', () => {
    const perMinute = sumOf(
      readerMinute(true),
      withoutTables(watchMinute(shape, true), shape, true),
      times(EXTRACT, STEPS),
    );
    expect(billed(busy)).toEqual(perMinute);
    expect(billed(busyWithOne)).toEqual(perMinute);
    const changed = pipeline.deployed.events.filter((event) => event.type === 'ExtractCompleted');
    expect(changed.flatMap((event) => (event.jobSubType === 'DELTA' ? [event.tableTotals] : []))).toEqual([
      ...Array<number>(2 + STEPS).fill(count),
      // The last one is that with which old extracts go.
      ...Array<number>(STEPS + 1).fill(1),
    ]);
  });

  it('makes one object, one load and three small writes of an extract', () => {
    expect(EXTRACT).toMatchObject({ puts: 1, gets: 1, loads: 1, writeUnits: 3, lists: 0, secretReads: 0 });
    const puts = busy.calls
      .filter((call) => call.command === 'Put' && !isSummingUp(call))
      .map(({ workload, what }) => `${workload} ${what}`);
    const perItem = Map.groupBy(puts, (put) => put.replace(/#\d+$/, ''));
    expect(Object.fromEntries([...perItem].map(([item, all]) => [item, all.length]))).toEqual({
      'reader extract': STEPS,
      'reader head': STEPS,
      'reader lease#reader': 6,
      'reader status#reader': 1,
      'load run': STEPS,
    });
  });

  it('adds up the runs once a minute, in a few units however many there are', () => {
    const summing = (counted: Counted): BilledCall[] => counted.calls.filter(isSummingUp);
    const read = (calls: readonly BilledCall[]): number => calls.reduce((sum, { readUnits }) => sum + readUnits, 0);
    const written = summing(busy).filter(({ command }) => command === 'Put');
    // Two, where a quarter of an hour ends within the minute.
    expect([1, 2]).toContain(written.length);
    // The runs before the minute, which warmed up, are in it too.
    const formula = sumsMinute(STEPS + 2, count);
    expect(written[0]?.writeUnits).toBeLessThanOrEqual(formula.writeUnits);
    // Besides: the last run, which the look at loads asks for.
    expect(read(summing(busy))).toBeLessThanOrEqual(formula.readUnits + loadedUnits(true));
    expect(summing(idle).filter(({ command }) => command === 'Put')).toEqual([]);
    expect(read(summing(idle))).toBe(IDLE_MINUTES * (sumsMinute(0, 0).readUnits + loadedUnits(false)));
    const runs = busy.calls.filter(({ what }) => /^run#\d/.test(what));
    expect(runs.map(({ writeUnits }) => writeUnits)).toEqual(runs.map(() => Math.ceil(runBytes(count) / 1024)));
  });

  it('looks at the switch and reads the records of tables now and then, not with each load', () => {
    expect(busy.calls.filter(isLookOfLoader).length).toBeLessThan(STEPS / 2);
    const reads = (workload: string) =>
      busy.calls.filter((call) => call.workload === workload && call.what === TABLES).map(({ readUnits }) => readUnits);
    // Functions run in real time: the minute may end within the test.
    expect(reads('load').length).toBeLessThanOrEqual(2);
    expect(reads('health')).toHaveLength(1);
    if (count === 1) expect(reads('health')).toEqual([tablesUnits(shape)]);
    else expectNear(reads('health')[0] ?? 0, tablesUnits(shape));
  });

  it('moves the head of an idle pipeline for the sake of the source, which costs a look of the loader', () => {
    const own = moved.calls.filter(({ workload, what }) => workload === 'load' || what === 'head');
    const written = own.filter(({ command, workload }) => command === 'Put' || workload === 'load');
    expect(billed({ ...moved, calls: written })).toEqual(times(idleMove(true), moved.headMoves));
    expect(moved.headMoves).toBeGreaterThan(0);
  });

  it('pays for a reader that stands by only what it looks', () => {
    expect(billed({ ...standby, headMoves: 0 }, 'standby')).toEqual(standbyMinute(true));
    expect(billed({ ...standby, headMoves: 0 }, 'reader')).toEqual({
      ...NO_REQUESTS,
      ...readerMinute(true),
      writeUnits: readerMinute(true).writeUnits + standby.headMoves,
    });
  });

  it('removes old extracts for a write each, and reads them together', () => {
    const own = removing.calls.filter(({ workload }) => workload === 'load');
    const deleted = own.filter(({ command }) => command === 'Delete');
    expect(deleted).toHaveLength(2 + 2 * STEPS);
    expect(deleted.map(({ writeUnits }) => writeUnits)).toEqual(deleted.map(() => REMOVAL.writeUnits));
    expect(own.filter(({ command }) => command === 'DeleteObjects')).toHaveLength(1);
    const read = own.filter(({ command, what }) => command === 'Query' && what === 'extract#');
    const most = Math.max(...read.map(({ readUnits }) => readUnits));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(Math.ceil(((deleted.length + 1) * REMOVAL.readUnits) / 2));
  });

  it('writes objects, records and events of about the size of the formula', () => {
    const objects = (counted: Counted) => counted.calls.filter(({ bytes }) => bytes > 0).map(({ bytes }) => bytes);
    const work = {
      ...shape,
      busyHours: 0,
      rowsPerSecond: 0,
      bytesPerRow: 0,
      extractSeconds: 1,
      tableLoadedEvents: true,
    };
    for (const bytes of objects(busy)) expectNear(bytes, manifestBytes({ ...work, changingTables: count }));
    for (const bytes of objects(busyWithOne)) expectNear(bytes, manifestBytes({ ...work, changingTables: 1 }));
    const items = busy.calls.filter(({ what }) => what.startsWith('extract#') && what.length > 8);
    expect(items.every(({ writeUnits }) => writeUnits === Math.ceil(EXTRACT_ITEM_BYTES / 1024))).toBe(true);
    const lines = (type: PenstockEvent['type']) =>
      pipeline.deployed.events.filter((event) => event.type === type).map((event) => JSON.stringify(event).length + 27);
    for (const bytes of lines('ExtractCompleted')) expectNear(bytes, EVENT_BYTES.extract);
    for (const bytes of lines('LoadCompleted')) expectNear(bytes, EVENT_BYTES.load);
    for (const bytes of lines('TableLoaded')) expectNear(bytes, EVENT_BYTES.tableLoaded);
    const statuses = pipeline.deployed.events.filter((event) => event.type === 'Status');
    for (const status of statuses) {
      const bytes = JSON.stringify(status).length + 27;
      expectNear(bytes, status.role === 'reader' ? EVENT_BYTES.readerStatus : EVENT_BYTES.loaderStatus);
    }
    expect(new Set(statuses.map(({ role }) => role))).toEqual(new Set(['reader', 'loader']));
  });
});

/** An extract every five seconds; the status and the looks at the log fall between two extracts. */
async function busyMinute(pipeline: CostedPipeline, tables: readonly string[]): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    await pipeline.pass(STEP_SECONDS - EXTRACT_SECONDS);
    await pipeline.change(tables);
  }
  await pipeline.watch();
}

import { describe, expect, it } from 'vitest';
import type { PenstockEvent } from '../../core/events/event.ts';
import { flowEventSchema, isFlowEvent, type FlowEventType } from '../../core/events/flow-events.ts';
import { readLog } from '../../core/operations/replication/follow-and-load.ts';
import { fullExtract } from '../../core/operations/copying/full-extract.ts';
import { run } from '../../core/operations/replication/run.ts';
import { daysOfMonth, runsOfDay } from '../../core/operations/reports/reports.ts';
import { handler as load } from '../../functions/load.ts';
import { DeployedPipeline, lambdaContext } from '../fixtures/deployed-pipeline.ts';
import { refuseFlowEventProblems } from '../fixtures/flow-event-problems.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** Events and runs of real databases. */

const SETUP = `CREATE TABLE orders (id integer PRIMARY KEY, note varchar(20)); INSERT INTO orders VALUES (1, 'a'), (2, 'b'), (3, 'c');
  CREATE TABLE items (id integer PRIMARY KEY); INSERT INTO items VALUES (1)`;
const never = new AbortController().signal;

function ofType(events: readonly PenstockEvent[], type: FlowEventType): PenstockEvent[] {
  return events.filter((event) => event.type === type);
}

describe.each(['postgres', 'mysql'] as const)('events of a pipeline from %s', (source) => {
  it('are of their schemas, with the counts of what was done; its runs are in the reports', async () => {
    await using pipeline = await TestPipeline.open({
      ...sharedServers(source),
      setup: SETUP,
      tables: ['orders', 'items'],
    });
    const { events } = pipeline;
    const name = pipeline.name.replaceAll('_', '-');
    await expect(pipeline.operate((context) => run(context))).rejects.toMatchObject({ code: 'PS1004' });
    expect(ofType(events, 'HaltError')).toMatchObject([
      { source: name, errorId: 'PS1004', message: expect.stringMatching(/PS1004 .* What to do: ./) as unknown },
    ]);
    await pipeline.fullExtract();
    // Tables are copied side by side: either may be first.
    expect(ofType(events, 'TableExtracted')).toContainEqual(
      expect.objectContaining({ subType: pipeline.idOf('orders'), success: true, sourceInserts: 3 }),
    );
    expect(ofType(events, 'ExtractCompleted')).toMatchObject([{ jobSubType: 'FULL', success: 'Y', tableTotals: 2 }]);
    expect(ofType(events, 'LoadCompleted')).toMatchObject([{ jobSubType: 'FULL', fromSeq: 0, toSeq: 0 }]);
    events.length = 0;
    await pipeline.write(
      `BEGIN; INSERT INTO orders VALUES (4, 'd'), (5, 'e'); UPDATE orders SET note = 'x' WHERE id <= 2; DELETE FROM orders WHERE id = 3; COMMIT`,
    );
    await pipeline.delta();
    expect(ofType(events, 'ExtractCompleted')).toMatchObject([
      { jobSubType: 'DELTA', runId: '1', extractId: '1', fromSeq: 1, toSeq: 1, tableErrors: 0, tableTotals: 1 },
    ]);
    expect(ofType(events, 'TableLoaded')).toMatchObject([
      {
        ...{ tabName: pipeline.idOf('orders'), sourceInserts: 2, sourceUpdates: 2, sourceDeletes: 1 },
        ...{ destInserts: 2, destUpdates: 2, destDeletes: 1 },
      },
    ]);
    expect(events.filter(({ type }) => type === 'Status')).toMatchObject([{ role: 'loader', loads: 1, loadedRows: 5 }]);
    refuseFlowEventProblems(events);
    await expectReports(pipeline);
  });
});

/** A full extract of four rows, and a delta with five changes of one table. */
async function expectReports(pipeline: TestPipeline): Promise<void> {
  await pipeline.operate(async (context) => {
    const { host } = context;
    const zone = 'UTC';
    await pipeline.catalog(async (catalog) => {
      const now = host.clock.timestamp();
      const request = { zone, day: now.slice(0, 10), after: null, limit: 10 };
      const { rows } = await runsOfDay({ host, catalog }, { ...request, table: null });
      expect(rows).toMatchObject([
        { kind: 'FULL', initial: 4, totalTables: 2, loadedTables: 2, errorTables: 0 },
        { kind: 'DELTA', runId: '1', inserts: 2, updates: 2, deletes: 1, status: 'loaded', loadedTables: 1 },
      ]);
      const [, delta] = rows;
      const order = [delta?.extractStart, delta?.extractEnd, delta?.loadStart, delta?.loadEnd];
      expect(order).toEqual(order.toSorted());
      const items = await runsOfDay({ host, catalog }, { ...request, table: pipeline.idOf('items') });
      expect(items.rows).toMatchObject([{ kind: 'FULL', initial: 1 }]);
      const days = await daysOfMonth({ host, catalog }, { zone, month: now.slice(0, 7), table: null });
      expect(days).toMatchObject([{ date: now.slice(0, 10), runs: 2, records: 9 }]);
    });
  });
}

it('a table that cannot be loaded is an error of its batch, and of later ones', async () => {
  await using pipeline = await TestPipeline.open({
    ...sharedServers('postgres'),
    setup: 'CREATE TABLE orders (id integer PRIMARY KEY); CREATE TABLE items (id integer PRIMARY KEY, n numeric(6, 2))',
    tables: ['orders', 'items'],
  });
  await pipeline.fullExtract();
  pipeline.events.length = 0;
  const failed = { success: 'N', tableErrors: 1, tableTotals: 2, message: '1 of 2 tables are stopped' };
  for (const id of [1, 2]) {
    await pipeline.write(`BEGIN; INSERT INTO orders VALUES (${id}); INSERT INTO items VALUES (${id}, 'NaN'); COMMIT`);
    await pipeline.delta();
    expect(ofType(pipeline.events, 'LoadCompleted').at(-1)).toMatchObject({ ...failed, runId: `${id}` });
  }
  const told = ofType(pipeline.events, 'TableLoaded').map((event) =>
    'tabName' in event ? [event.tabName, event.success] : [],
  );
  expect(told).toEqual([
    ['public.items', false],
    ['public.orders', true],
    ['public.orders', true],
  ]);
});

it('events.tableLoaded: false leaves out those of single tables', async () => {
  const more = { events: { tableLoaded: false } };
  await using pipeline = await TestPipeline.open({
    ...sharedServers('postgres'),
    setup: SETUP,
    tables: ['orders'],
    more,
  });
  await pipeline.fullExtract();
  pipeline.events.length = 0;
  await pipeline.write('UPDATE orders SET note = id');
  await pipeline.delta();
  expect(ofType(pipeline.events, 'TableLoaded')).toEqual([]);
  expect(ofType(pipeline.events, 'LoadCompleted')).toHaveLength(1);
});

it('on AWS they are lines of the log group, and those that people must know are messages that programs can read', async () => {
  await using pipeline = await DeployedPipeline.open({
    ...sharedServers('postgres'),
    setup: SETUP,
    tables: ['orders'],
  });
  await pipeline.operate((context) => fullExtract(context, { tables: null }));
  await pipeline.databases.write(`INSERT INTO orders VALUES (4, 'd')`);
  await pipeline.operate(async (context) => {
    await readLog(context, await context.source.currentPosition(never), never);
  });
  expect(await load({}, lambdaContext('load'))).toEqual({ more: false });
  pipeline.services.secrets.delete('penstock/destination');
  await load[Symbol.asyncDispose]();
  await pipeline.databases.write(`INSERT INTO orders VALUES (5, 'e')`);
  await pipeline.operate(async (context) => {
    await readLog(context, await context.source.currentPosition(never), never);
  });
  await expect(load({}, lambdaContext('load'))).rejects.toThrow('PS1002');
  const types = new Set(pipeline.events.filter(isFlowEvent).map(({ type }) => type));
  expect(types).toEqual(new Set(['TableExtracted', 'TableLoaded', 'ExtractCompleted', 'LoadCompleted', 'HaltError']));
  refuseFlowEventProblems(pipeline.events);
  const [message] = pipeline.services.published;
  expect(flowEventSchema('HaltError').safeParse(message?.event).error).toBeUndefined();
  expect(message).toMatchObject({ attributes: { pipeline: pipeline.name, type: 'HaltError' } });
  expect(message?.message).toContain('What to do:');
  await load[Symbol.asyncDispose]();
});

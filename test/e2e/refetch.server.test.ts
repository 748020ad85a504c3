import { describe, expect, it } from 'vitest';
import { refetch, type RefetchResult } from '../../core/operations/verification/refetch.ts';
import { Random } from '../fixtures/random.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { eventually } from '../fixtures/eventually.ts';
import { SOURCE_TYPES, testSource } from '../fixtures/test-source.ts';

const SEED = Number(process.env['SEED'] ?? 7);
const ROWS = 2500;

function fetchAgain(pipeline: TestPipeline, table: string, keys: readonly string[]): Promise<RefetchResult> {
  return pipeline.operate((context) =>
    refetch(
      // As another process would: one does not ask itself to hand over.
      { ...context, host: { ...context.host, owner: 'another process' } },
      pipeline.idOf(table),
      keys.map((key) => [key]),
    ),
  );
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe.each(SOURCE_TYPES)('rows fetched again from %s', (type) => {
  const kind = testSource(type);
  const setup = [
    `CREATE TABLE items (id integer PRIMARY KEY, name varchar(40), n integer)`,
    `CREATE TABLE prices (id integer PRIMARY KEY, amount numeric(10,2), n integer)`,
    `CREATE TABLE loose (n integer)`,
    ...kind.identifyByWholeRows('loose'),
    `INSERT INTO items SELECT n, concat('item ', n), 0 FROM ${kind.series(1, ROWS)}`,
    `INSERT INTO prices SELECT n, n * 1.5, 0 FROM ${kind.series(1, 50)}`,
  ].join(';');
  const open = async (): Promise<TestPipeline> => {
    const pipeline = await TestPipeline.open({ ...sharedServers(type), setup });
    pipeline.configuration.tables = ['items', { name: 'prices', transfer: 'history' }, 'loose'];
    await pipeline.copied();
    return pipeline;
  };

  it('puts right what is wrong, missing and too much, more than one batch, behind changes that nobody has read yet', async () => {
    await using pipeline = await open();
    await pipeline.write(`UPDATE items SET n = 1 WHERE id <= 10; INSERT INTO items VALUES (9001, 'new', 1)`);
    await pipeline.destination.query(`UPDATE items SET name = 'damaged' WHERE id <= 1200`);
    await pipeline.destination.query(`DELETE FROM items WHERE id BETWEEN 1300 AND 1400`);
    await pipeline.destination.query(`INSERT INTO items VALUES (7777, 'extra', 0)`);
    const { counts, unsettled, misfits } = await fetchAgain(pipeline, 'items', [
      ...numbers(1, 1500),
      ...['7777', '8888', '9001'],
    ]);
    expect({ unsettled, misfits }).toEqual({ unsettled: [], misfits: [] });
    // The log had the others.
    expect(counts).toEqual({ inserts: 101, updates: 1190, deletes: 1 });
    expect(await pipeline.differences()).toEqual([]);
    // The log was read up to the rows: nothing of it is left to be loaded twice.
    await pipeline.write('UPDATE items SET n = n + 1 WHERE id <= 5');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('corrects a history where it stands', async () => {
    await using pipeline = await open();
    await pipeline.write('UPDATE prices SET n = 1 WHERE id = 1');
    await pipeline.followed();
    await pipeline.destination.query(
      `UPDATE prices SET amount = -1 WHERE id <= 2 AND __END_DATE = '9999-12-31'`.replace(
        '__END_DATE',
        await endColumn(pipeline),
      ),
    );
    await pipeline.destination.query('DELETE FROM prices WHERE id = 3');
    const before = await pipeline.rows('SELECT COUNT(*) FROM prices');
    const { counts } = await fetchAgain(pipeline, 'prices', ['1', '2', '3', '4']);
    expect(counts).toEqual({ inserts: 1, updates: 2, deletes: 0 });
    expect(await pipeline.rows('SELECT COUNT(*) FROM prices')).toEqual([[String(Number(before[0]?.[0]) + 1)]]);
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.write('UPDATE prices SET n = 2 WHERE id <= 3; DELETE FROM prices WHERE id = 4');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('names what cannot be fetched', async () => {
    await using pipeline = await open();
    const failed = (table: string) => pipeline.failure(fetchAgain(pipeline, table, ['1']));
    expect(await failed('nowhere')).toMatchObject({ code: 'PS1005' });
    expect(await failed('loose')).toMatchObject({ code: 'PS5002', table: pipeline.idOf('loose') });
  });

  it('is waited for by run that starts meanwhile', async () => {
    await using pipeline = await open();
    await pipeline.write('UPDATE items SET n = 5 WHERE id <= 3');
    await pipeline.destination.query(`UPDATE items SET name = 'damaged'`);
    let isFetching = true as boolean;
    const fetched = fetchAgain(pipeline, 'items', numbers(1, ROWS)).finally(() => {
      isFetching = false;
    });
    // Who looks too late finds it done.
    await eventually(() =>
      pipeline.operate(async ({ host, settings }) => {
        const lease = await host.items.get({ partition: settings.pipeline, sort: 'lease#loader' });
        return Number(lease?.value['until']) > 0 || !isFetching;
      }),
    );
    await using following = pipeline.follow();
    // A reader of PostgreSQL says where it is with each extract; where nothing is written, once a minute.
    while (isFetching) await pipeline.write('UPDATE items SET n = n + 1 WHERE id = 2000');
    await fetched;
    await pipeline.write('UPDATE items SET n = -1 WHERE id = 100');
    await eventually(async () => {
      const [row] = await pipeline.rows('SELECT n FROM items WHERE id = 100');
      return row?.[0] === '-1';
    });
    await following.stop();
    expect(await pipeline.differences()).toEqual([]);
  });

  it(`is exact beside run and a writer at full speed, whatever was damaged, and gives the loader back (seed ${SEED})`, async () => {
    await using pipeline = await open();
    await using following = pipeline.follow();
    const random = new Random(SEED);
    const writing = new AbortController();
    await using writer = { client: await pipeline.connectSource(), [Symbol.asyncDispose]: () => writer.client.end() };
    const work = (async () => {
      while (!writing.signal.aborted) {
        const id = 1 + random.below(30);
        const other = 1 + random.below(30);
        await writer.client.run(`UPDATE items SET n = n + 1, name = 'at ${id}' WHERE id IN (${id}, ${other})`);
        if (random.below(10) === 0) {
          await writer.client.run(`DELETE FROM items WHERE id = ${id}`);
          await writer.client.run(`INSERT INTO items VALUES (${id}, 'back', 0)`);
        }
        await writer.client.run(`UPDATE prices SET n = n + 1 WHERE id = ${id}`);
      }
    })();
    work.catch(() => undefined);
    let settled = 0;
    for (let time = 0; time < 3; time++) {
      await pipeline.destination.query('UPDATE items SET name = NULL WHERE id BETWEEN 20 AND 60');
      const { unsettled } = await fetchAgain(pipeline, 'items', numbers(1, 60));
      settled += 60 - unsettled.length;
    }
    await fetchAgain(pipeline, 'prices', numbers(1, 50));
    writing.abort();
    await work;
    expect(settled).toBe(180);
    // Rows that were damaged and never at rest are at rest now.
    await fetchAgain(pipeline, 'items', numbers(1, 60));
    await pipeline.write('UPDATE items SET n = -1 WHERE id = 100');
    await eventually(async () => {
      const [row] = await pipeline.rows('SELECT n FROM items WHERE id = 100');
      return row?.[0] === '-1';
    });
    await following.stop();
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});

async function endColumn(pipeline: TestPipeline): Promise<string> {
  return (await pipeline.settings()).history.endColumn;
}

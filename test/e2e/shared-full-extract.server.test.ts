import { describe, expect, it } from 'vitest';
import { follow } from '../../core/operations/replication/follow.ts';
import { eventuallyIs } from '../fixtures/eventually.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { sharedFullExtract } from '../fixtures/shared-full-extract.ts';
import { SOURCE_TYPES, testSource } from '../fixtures/test-source.ts';

const none = (): void => undefined;
const USE = { diskFreeBytes: null, memoryUsedBytes: null, memoryLimitBytes: null };

/** Small chunks, so that a few thousand rows make many. */
const CHUNKS = { extracts: { chunkBytes: 60_000 } };
const ROWS = 12_000;

async function shop(sourceType: (typeof SOURCE_TYPES)[number]): Promise<TestPipeline> {
  const kind = testSource(sourceType);
  const numbers = kind.series(1, ROWS);
  const pipeline = await TestPipeline.open({
    ...sharedServers(sourceType),
    tables: ['orders', 'words', 'lines'],
    more: CHUNKS,
  });
  await pipeline.write(`CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL, note varchar(200))`);
  await pipeline.write(`INSERT INTO orders SELECT n, n % 97, repeat('x', 60 + n % 40) FROM ${numbers}`);
  // A key whose order only the source knows: chunks of pages, or one of the whole.
  await pipeline.write(`CREATE TABLE words (word varchar(64) PRIMARY KEY, amount int NOT NULL, note varchar(200))`);
  await pipeline.write(`INSERT INTO words SELECT concat('w', n), n % 97, repeat('y', 80) FROM ${numbers}`);
  await pipeline.write(
    `CREATE TABLE \`lines\` (amount int, note varchar(200))`.replaceAll('`', sourceType === 'mysql' ? '`' : '"'),
  );
  for (const statement of kind.identifyByWholeRows(pipeline.idOf('lines'))) await pipeline.write(statement);
  const lines = sourceType === 'mysql' ? '`lines`' : 'lines';
  await pipeline.write(`INSERT INTO ${lines} SELECT n % 50, repeat('z', 80) FROM ${numbers}`);
  return pipeline;
}

/** Changes rows all over the tables until it is told to end. */
function writer(pipeline: TestPipeline, sourceType: string) {
  const state = { stopped: false, rounds: 0 };
  const lines = sourceType === 'mysql' ? '`lines`' : 'lines';
  const running = (async () => {
    const client = await pipeline.connectSource();
    try {
      for (let n = 1; !state.stopped; n++, state.rounds++) {
        await client.run(`UPDATE orders SET amount = amount + 1 WHERE id % 101 = ${n % 101}`);
        await client.run(`DELETE FROM orders WHERE id = ${(n * 37) % ROWS}`);
        await client.run(`UPDATE orders SET id = id + ${10 * ROWS} WHERE id = ${(n * 53) % ROWS}`);
        await client.run(`UPDATE words SET amount = amount + 1 WHERE word = 'w${(n * 41) % ROWS}'`);
        await client.run(`INSERT INTO words VALUES ('new${n}', ${n}, 'a')`);
        await client.run(`INSERT INTO ${lines} VALUES (${n % 50}, 'new')`);
      }
    } finally {
      await client.end();
    }
  })();
  return {
    state,
    stop: async () => {
      state.stopped = true;
      await running;
    },
  };
}

describe.each(SOURCE_TYPES)('a full extract of %s that several processes share', (sourceType) => {
  it('is the source, with the log behind it, although every worker reads at a place of its own', async () => {
    await using pipeline = await shop(sourceType);
    const writing = writer(pipeline, sourceType);
    const { standing, attempts } = await sharedFullExtract((step, controller) => pipeline.operate(step, controller), {
      operation: 'full-1',
      tables: null,
      workers: 3,
      onWorker: none,
    });
    await writing.stop();
    expect({ standing, attempts }).toEqual({ standing: { state: 'done', tables: 0 }, attempts: 1 });
    expect(writing.state.rounds).toBeGreaterThan(0);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    const kinds = pipeline.events.map((event) => event.type);
    expect(kinds.filter((type) => type === 'TableExtracted')).toHaveLength(3);
    expect(kinds).toContain('OperationEnded');
  });

  it('goes on with another attempt when workers die, and ends with the same rows, kept with history or not', async () => {
    await using pipeline = await shop(sourceType);
    const kept = (name: string) => ({ name, transfer: 'history' });
    pipeline.configuration.tables = [kept('orders'), kept('words'), 'lines'];
    const writing = writer(pipeline, sourceType);
    let killed = 0;
    const { standing, attempts } = await sharedFullExtract((step, controller) => pipeline.operate(step, controller), {
      operation: 'full-1',
      tables: null,
      workers: 2,
      onWorker: (controller, attempt) => {
        if (attempt > 2) return;
        setTimeout(() => {
          killed++;
          controller.abort(new Error('killed by the test'));
        }, 120 * attempt);
      },
    });
    await writing.stop();
    expect(killed).toBeGreaterThan(0);
    expect(standing.state).toBe('done');
    expect(attempts).toBeLessThanOrEqual(3);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('of a source without a log is the work of one', async () => {
    await using pipeline = await shop(sourceType);
    pipeline.configuration.source = { extractType: 'fullExtracts' };
    const { standing, attempts } = await sharedFullExtract((step, controller) => pipeline.operate(step, controller), {
      operation: 'full-1',
      tables: null,
      workers: 1,
      onWorker: none,
    });
    expect({ standing, attempts }).toEqual({ standing: { state: 'done', tables: 0 }, attempts: 1 });
    expect(await pipeline.differences()).toEqual([]);
  });

  it('stops a table that cannot be loaded, and copies the others', async () => {
    await using pipeline = await shop(sourceType);
    // Longer than what the destination makes of it under a narrower type.
    pipeline.configuration.tables = ['orders', { name: 'words', typeChange: { note: '@I' } }];
    const { standing } = await sharedFullExtract((step, controller) => pipeline.operate(step, controller), {
      operation: 'full-1',
      tables: null,
      workers: 2,
      onWorker: none,
    });
    expect(standing.state).toBe('done');
    expect((await pipeline.stateOf('words')).tag).toBe('stopped');
    expect((await pipeline.stateOf('orders')).tag).toBe('following');
    expect(pipeline.events.filter((event) => event.type === 'TableStopped')).toHaveLength(1);
  });

  it('takes the log from a reader at work, which reads on afterwards', async () => {
    await using pipeline = await shop(sourceType);
    await pipeline.copied();
    // Reader and loader are processes of their own there, so nobody but the operation loads.
    const ended = new AbortController();
    const reading = pipeline.operate((context) => follow(context, () => Promise.resolve(USE)), ended);
    // A reader that fails says why, instead of being waited for.
    const failed = reading.then((): never => {
      throw new Error('the reader has ended');
    });
    failed.catch(none);
    const extracts = async (): Promise<number> => (await pipeline.catalog((catalog) => catalog.head())).lastExtract;
    const extracted = (wanted: number) => Promise.race([failed, eventuallyIs(extracts, wanted)]);
    await pipeline.write(`UPDATE orders SET amount = 1 WHERE id <= 10`);
    await extracted(1);
    await sharedFullExtract((step, controller) => pipeline.operate(step, controller), {
      operation: 'again-1',
      tables: [pipeline.idOf('orders')],
      workers: 1,
      onWorker: none,
    });
    await pipeline.write(`UPDATE orders SET amount = 2 WHERE id <= 5`);
    await extracted(2);
    ended.abort();
    await reading.catch(none);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });
});

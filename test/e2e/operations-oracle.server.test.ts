import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import type { Host } from '../../core/host/host.ts';
import { listQuarantine, retryQuarantine } from '../../core/operations/quarantine.ts';
import { rollback } from '../../core/operations/rollback/rollback.ts';
import { syncStructure } from '../../core/operations/structure/sync-structure.ts';
import { verify } from '../../core/operations/verification/verify.ts';
import { eventually } from '../fixtures/eventually.ts';
import { oracleTestSource, type OracleTestSource } from '../fixtures/oracle-source.ts';
import { databasesBeside, type OracleUnderTest } from '../fixtures/oracle-variants.ts';
import { CounterOracle } from '../faults/counter-oracle.ts';
import { endingSessions } from '../faults/ending-sessions.ts';
import { TestPipeline, type Following, type PipelineOptions } from '../fixtures/pipeline.ts';
import { Random } from '../fixtures/random.ts';
import { sharedFullExtract, type Operate } from '../fixtures/shared-full-extract.ts';
import { expectNewTablesJoin } from './new-tables-join.ts';

/** Whole pipelines from databases that behave as those of Oracle: every operation on Oracle 19c, and a pipeline of every other kind. */

const SETUP = `CREATE TABLE items (id INTEGER PRIMARY KEY, name VARCHAR2(40), price NUMBER(12,4), changed TIMESTAMP(3));
  INSERT INTO items SELECT LEVEL, 'item ' || LEVEL, LEVEL * 1.25, TIMESTAMP '2024-02-29 12:00:00.125' FROM DUAL CONNECT BY LEVEL <= 300;
  CREATE TABLE prices (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);
  INSERT INTO prices SELECT LEVEL, LEVEL FROM DUAL CONNECT BY LEVEL <= 40;
  CREATE TABLE pairs (a INTEGER, b VARCHAR2(20), n INTEGER, PRIMARY KEY (b, a));
  INSERT INTO pairs SELECT LEVEL, 'b' || MOD(LEVEL, 3), LEVEL FROM DUAL CONNECT BY LEVEL <= 20`;
const HISTORY = { name: 'prices', transfer: 'history' };

async function open(
  kind: OracleTestSource,
  tested: OracleUnderTest,
  options: Partial<PipelineOptions> = {},
): Promise<TestPipeline> {
  const { source, more, ...rest } = options;
  const { extractType } = tested;
  const pipeline = await TestPipeline.open({
    ...{ sourceType: kind, sourceServer: inject('postgres'), destinationServer: inject('mariadb') },
    ...{ setup: SETUP, tables: ['items', HISTORY, 'pairs'] },
    source: {
      ...{ extractType, ...databasesBeside(tested) },
      ...(extractType === 'fullExtracts' ? {} : { pollSeconds: 0.05 }),
      ...source,
    },
    more: { extracts: { seconds: 0.1, rows: 100, chunkBytes: 5000 }, ...more },
    ...rest,
  });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

/** Each text is a transaction of its own. */
async function expectMirrored(pipeline: TestPipeline, ...transactions: readonly string[]): Promise<void> {
  for (const sql of transactions) await pipeline.write(`BEGIN; ${sql}; COMMIT`);
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
}

const everything = (pipeline: TestPipeline) =>
  Promise.all(['items', 'prices', 'pairs'].map((table) => pipeline.rows(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)));

/** Changes of every kind, and what a history must show of them. */
async function expectFollowed(pipeline: TestPipeline): Promise<void> {
  expect((await pipeline.check()).filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(await pipeline.differences()).toEqual([]);
  await expectMirrored(
    pipeline,
    `INSERT INTO items VALUES (1001, 'new', 0.0001, NULL); UPDATE items SET price = -price WHERE id < 10; DELETE FROM items WHERE id = 20`,
    `UPDATE items SET id = -1 WHERE id = 1; UPDATE items SET id = 1 WHERE id = 2; UPDATE items SET id = 2 WHERE id = -1`,
    `DELETE FROM items WHERE id = 1001; INSERT INTO items VALUES (20, NULL, NULL, TIMESTAMP '2024-12-31 23:59:59.999')`,
    `UPDATE pairs SET b = 'b9', a = a + 1 WHERE a = 4; UPDATE pairs SET a = -a; DELETE FROM pairs WHERE n = 7`,
    `SAVEPOINT here; UPDATE items SET price = 0; ROLLBACK TO here; UPDATE items SET name = 'kept' WHERE id = 30`,
  );
  await expectMirrored(pipeline, `UPDATE prices SET amount = 100 WHERE id = 1; DELETE FROM prices WHERE id = 2`);
  await expectMirrored(pipeline, `UPDATE prices SET amount = 200 WHERE id = 1; INSERT INTO prices VALUES (2, 22)`);
  const versions = await pipeline.rows(
    `SELECT CONCAT_WS(' ', id, amount, history_end_date LIKE '9999%') FROM prices WHERE id < 3 ORDER BY id, __seq`,
  );
  expect(versions.flat()).toEqual(['1 1 0', '1 100 0', '1 200 1', '2 2 0', '2 22 1']);
  const broken = `SELECT id FROM (SELECT id, history_end_date, LEAD(history_start_date) OVER (PARTITION BY id ORDER BY __seq) AS following FROM prices) v WHERE following < history_end_date`;
  expect(await pipeline.rows(broken)).toEqual([]);
}

describe('Oracle 19c', () => {
  const tested = { type: 'oracle19c', extractType: 'continuousLogMiner' } as const;
  const kind = oracleTestSource(tested);
  const opened = (options: Partial<PipelineOptions> = {}) => open(kind, tested, options);

  it('finds nothing wrong; copies, follows every kind of change, and keeps a history', async () => {
    await using pipeline = await opened();
    await expectFollowed(pipeline);
  });

  it('a full extract whose workers die goes on at the same snapshot, with what is left of tables that no key cuts', async () => {
    await using pipeline = await opened();
    await pipeline.write('CREATE TABLE words (word VARCHAR2(40) PRIMARY KEY, note VARCHAR2(200))');
    await pipeline.write(
      `INSERT INTO words SELECT 'w' || LEVEL, RPAD('y', 150, 'y') FROM DUAL CONNECT BY LEVEL <= 4000`,
    );
    pipeline.configuration.tables = ['words'];
    const words = pipeline.idOf('words');
    const states = () =>
      pipeline.catalog(async (catalog) => {
        const { generation } = (await catalog.table(words))?.record ?? { generation: 0 };
        return (await catalog.chunks(words, generation)).map(({ record }) => record.state);
      });
    const endings: Promise<void>[] = [];
    const restarted: string[] = [];
    const dying = new Set<AbortController>();
    // Behind its first chunk who is to die waits for it: or it could be done before.
    const operate: Operate = (step, controller = new AbortController()) =>
      pipeline.operate((context) => {
        if (!dying.has(controller)) return step(context);
        const failpoint: Host['failpoint'] = async (place) => {
          await context.host.failpoint(place);
          if (place === 'copy.after-chunk-listed' && !controller.signal.aborted) await once(controller.signal, 'abort');
        };
        return step({ ...context, host: { ...context.host, failpoint } });
      }, controller);
    const { standing, attempts } = await sharedFullExtract(operate, {
      operation: 'full-1',
      tables: null,
      workers: 2,
      onWorker: (controller, attempt) => {
        if (attempt > 1) return;
        dying.add(controller);
        const ended = eventually(async () => (await states()).some(({ tag }) => tag === 'extracted'))
          .then(() => pipeline.write(`UPDATE words SET note = 'changed' WHERE word IN ('w1', 'w2000', 'w4000')`))
          .finally(() => controller.abort(new Error('ended by the test')));
        endings.push(ended);
      },
    });
    await Promise.all(endings);
    for (const event of pipeline.events) if (event.type === 'CopyRestarted') restarted.push(event.reason);
    expect({ standing: standing.state, attempts, restarted }).toEqual({
      standing: 'done',
      attempts: 2,
      restarted: [],
    });
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('new tables join while the others are replicated', async () => {
    await using pipeline = await opened({ tables: ['items'] });
    await expectNewTablesJoin(pipeline, ['items', HISTORY, 'pairs']);
  });

  it('an added column is applied, or waits for Sync Struct; a dropped one wants a copy', async () => {
    await using pipeline = await opened({ tables: ['items', HISTORY, { name: 'pairs', structure: { add: 'wait' } }] });
    await pipeline.write('ALTER TABLE items ADD (extra VARCHAR2(10))');
    await pipeline.write('ALTER TABLE pairs ADD (extra VARCHAR2(10))');
    await pipeline.write(
      `BEGIN; UPDATE items SET extra = 'x' WHERE id = 3; INSERT INTO items (id, extra) VALUES (500, 'y');
       INSERT INTO pairs VALUES (900, 'b9', 9, 'y'); COMMIT`,
    );
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('pairs')]);
    expect(await pipeline.stateOf('pairs')).toMatchObject({ code: 'PS4005' });
    expect(await pipeline.rows('SELECT id FROM items WHERE extra IS NOT NULL ORDER BY id')).toEqual([['3'], ['500']]);
    const synced = await pipeline.operate((context) =>
      syncStructure(context, { tables: null, apply: true, load: true, dropColumns: false }),
    );
    expect(synced.stopped).toEqual([]);
    await expectMirrored(pipeline, `UPDATE pairs SET extra = 'z' WHERE a < 5`);
    await pipeline.write('ALTER TABLE pairs DROP COLUMN n');
    await pipeline.write(`INSERT INTO pairs VALUES (901, 'b9', 'y')`);
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('pairs')]);
    await pipeline.fullExtract(['pairs']);
    await expectMirrored(pipeline, 'DELETE FROM pairs WHERE a = 900');
    expect(await pipeline.rows(`SHOW COLUMNS FROM pairs LIKE 'n'`)).toEqual([]);
  });

  it('a rollback leaves everything as it was', async () => {
    await using pipeline = await opened();
    for (let round = 1; round <= 3; round++) {
      await expectMirrored(
        pipeline,
        `UPDATE items SET price = ${round} WHERE id < 5; UPDATE prices SET amount = amount * 2; DELETE FROM pairs WHERE a = ${round}`,
      );
    }
    const before = await everything(pipeline);
    const { lastExtract } = await pipeline.status();
    await pipeline.destination.query('UPDATE items SET name = NULL WHERE id < 3');
    const result = await pipeline.operate((context) =>
      rollback(context, { tables: null, dryRun: false, load: true, to: 1 }),
    );
    expect(result).toMatchObject({ from: 1, to: lastExtract, stopped: [] });
    expect(result.left).toEqual([]);
    await pipeline.followed();
    expect(await everything(pipeline)).toEqual(before);
  });

  it('verification names what differs, and repairs it', async () => {
    await using pipeline = await opened();
    await pipeline.destination.query(`UPDATE items SET price = 7 WHERE id = 10`);
    await pipeline.destination.query(`DELETE FROM pairs WHERE n = 5`);
    await pipeline.destination.query(`INSERT INTO items (id, name) VALUES (99999, 'extra')`);
    const { tables } = await pipeline.verify();
    const found = tables.flatMap((one) =>
      one.tag === 'different'
        ? one.differences.map(({ kind: how, key, columns }) => [how, key.join(), columns.join()])
        : [],
    );
    expect(found).toEqual([
      ['different', '10', 'price'],
      ['extra at destination', '99999', ''],
      ['missing at destination', 'b2,5', ''],
    ]);
    const repaired = await pipeline.operate((context) => verify(context, { tables: null, repair: true }));
    expect(repaired.tables.every(({ tag }) => tag === 'equal')).toBe(true);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a truncated table is emptied', async () => {
    await using pipeline = await opened();
    await pipeline.write('TRUNCATE TABLE pairs');
    await expectMirrored(pipeline, `INSERT INTO pairs VALUES (2, 'b', 2)`);
    expect(await pipeline.rows('SELECT a FROM pairs')).toEqual([['2']]);
  });

  it('logs that were purged under a stopped pipeline end it with what to do, and a full extract mends it', async () => {
    await using pipeline = await opened();
    await pipeline.write('UPDATE items SET price = 1');
    kind.fakes(pipeline.name).oracle.loseLogs({ isKnown: true });
    await pipeline.write('UPDATE items SET price = 2 WHERE id = 1');
    expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS2006', retry: 'manual' });
    await pipeline.copied();
    await expectMirrored(pipeline, 'UPDATE items SET price = 3');
  });

  it('rows that do not fit are set aside, and fetched again when they do', async () => {
    await using pipeline = await opened({
      setup: `CREATE TABLE days (id INTEGER PRIMARY KEY, day DATE);
        INSERT INTO days VALUES (1, DATE '2024-01-01'); INSERT INTO days VALUES (2, DATE '0044-03-15')`,
      tables: ['days'],
      more: { misfits: 'quarantine' },
    });
    await pipeline.write(
      `BEGIN; INSERT INTO days VALUES (3, DATE '0044-03-15'); INSERT INTO days VALUES (4, DATE '2024-01-04'); COMMIT`,
    );
    await pipeline.followed();
    const list = () =>
      pipeline.operate((context) => listQuarantine(context, { tables: null, limit: 10, before: null }));
    expect((await list()).entries.map(({ key, column }) => [key?.join(), column])).toEqual([
      ['3', 'day'],
      ['2', 'day'],
    ]);
    await pipeline.write(`UPDATE days SET day = DATE '2024-02-02' WHERE id = 2`);
    const [days] = await pipeline.operate((context) => retryQuarantine(context, null));
    expect(days).toMatchObject({ rows: 2, unfit: 1 });
    await pipeline.followed();
    expect(await pipeline.rows('SELECT id, CAST(day AS CHAR) FROM days ORDER BY id')).toEqual([
      ['1', '2024-01-01 00:00:00'],
      ['2', '2024-02-02 00:00:00'],
      ['4', '2024-01-04 00:00:00'],
    ]);
  });
});

const OTHERS: readonly (readonly [string, OracleUnderTest])[] = [
  ['Log Miner', { type: 'oracle', extractType: 'logMiner' }],
  ['Fast Log Miner', { type: 'oracle', extractType: 'fastLogMiner' }],
  ['Remote Log Miner', { type: 'oracle', extractType: 'remoteLogMiner' }],
  ['Continuous Log Miner of 18c', { type: 'oracle', extractType: 'continuousLogMiner', release: '18.3.0.0.0' }],
  ['Pluggable Database, Fast Log Miner', { type: 'oraclePluggable', extractType: 'fastLogMiner' }],
  ['Pluggable Database, Continuous Log Miner', { type: 'oraclePluggable', extractType: 'continuousLogMiner' }],
  ['RAC, Log Miner', { type: 'oracleRac', extractType: 'logMiner' }],
  ['RAC, Continuous Log Miner', { type: 'oracleRac', extractType: 'continuousLogMiner' }],
  ['RAC (Pluggable Database), Log Miner', { type: 'oracleRacPluggable', extractType: 'logMiner' }],
  ['19c inside a pluggable database', { type: 'oracle19c', extractType: 'continuousLogMiner', hasContainers: true }],
  ['19c (Pluggable Database)', { type: 'oracle19cPluggable', extractType: 'continuousLogMiner' }],
];

describe.each(OTHERS)('Oracle, %s', (_, tested) => {
  it('finds nothing wrong; copies, follows every kind of change from all instances, and keeps a history', async () => {
    await using pipeline = await open(oracleTestSource(tested), tested);
    await expectFollowed(pipeline);
    // Of RAC it is at another instance.
    const other = await pipeline.connectSource();
    await pipeline.write('BEGIN; UPDATE items SET price = 1 WHERE id = 5');
    await other.run(
      `BEGIN; UPDATE items SET price = 2 WHERE id = 6; UPDATE prices SET amount = 7 WHERE id = 3; COMMIT`,
    );
    await pipeline.write(`UPDATE pairs SET n = 0; COMMIT`);
    await other.run(`UPDATE items SET price = 3 WHERE id = 5`);
    await other.end();
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await pipeline.rows('SELECT price FROM items WHERE id IN (5, 6) ORDER BY id')).toEqual([
      ['3.0000'],
      ['2.0000'],
    ]);
  });
});

const SEED = Number(process.env['SEED'] ?? 19);
const COUNTERS = 40;
const ROWS = 200;

it.each([
  { type: 'oracle19c', extractType: 'continuousLogMiner' },
  { type: 'oracle', extractType: 'fastLogMiner' },
] as const)(
  `$type, $extractType: sessions are ended at random while customers go on (SEED=${SEED})`,
  async (tested) => {
    const random = new Random(SEED);
    const kind = oracleTestSource(tested);
    await using pipeline = await open(kind, tested, {
      setup: `CREATE TABLE items (id INTEGER PRIMARY KEY, n INTEGER, name VARCHAR2(40));
      INSERT INTO items SELECT LEVEL, 0, 'item ' || LEVEL FROM DUAL CONNECT BY LEVEL <= ${ROWS};
      CREATE TABLE counters (id INTEGER PRIMARY KEY, step INTEGER NOT NULL)`,
      tables: ['items', { name: 'counters', transfer: 'history' }],
      more: { extracts: { seconds: 0.05, rows: 30, chunkBytes: 2000 } },
    });
    const oracle = new CounterOracle(pipeline.source, COUNTERS, SEED);
    const databases = kind.fakes(pipeline.name).oracle.containers.map(({ database }) => database);
    await oracle.walk(20);
    const whileCopying = endingSessions(databases, random, 4);
    await pipeline.copied();
    let killed = await whileCopying.stop();
    const whileFollowing = endingSessions(databases, random, 1000);
    let following: Following = pipeline.follow();
    for (let round = 0; !oracle.isDone; round++) {
      await oracle.walk(6);
      const id = 1 + random.below(ROWS);
      await pipeline.write(
        `BEGIN; UPDATE items SET n = n + 1 WHERE id BETWEEN ${id} AND ${id + 5}; DELETE FROM items WHERE id = ${id + 7}; INSERT INTO items VALUES (${ROWS + round + 1}, ${round}, 'new'); COMMIT`,
      );
      await sleep(random.below(100));
      if (random.chance(0.1)) {
        await following[Symbol.asyncDispose]();
        following = pipeline.follow();
      }
    }
    killed += await whileFollowing.stop();
    await following.stop();
    await pipeline.followed();
    expect(killed).toBeGreaterThan(3);
    expect(await oracle.complaints(pipeline.destination)).toEqual([]);
    expect(await pipeline.differences()).toEqual([]);
  },
);

describe('Oracle without its logs', () => {
  it.each([
    ['fullExtracts', {}, {}],
    ['timestamps', { timestampColumn: 'changed' }, { lagSeconds: 0, overlapSeconds: 1 }],
  ] as const)('by %s', async (extractType, choices, source) => {
    const tested = { type: 'oracle', extractType } as const;
    const options = { tables: [{ name: 'items', ...choices }], source };
    await using pipeline = await open(oracleTestSource(tested), tested, options);
    const now = `CLOCK_TIMESTAMP() AT TIME ZONE 'UTC'`;
    await pipeline.write(
      `BEGIN; UPDATE items SET price = 0, changed = ${now} WHERE id < 9; INSERT INTO items VALUES (900, 'new', 9, ${now}); COMMIT`,
    );
    await pipeline.followed();
    expect(await pipeline.rows('SELECT COUNT(*), SUM(price = 0), SUM(id = 900) FROM items')).toEqual([
      ['301', '8', '1'],
    ]);
    expect(await pipeline.differences()).toEqual([]);
  });
});

import { describe, expect, inject, it } from 'vitest';
import { removeExpired } from '../../core/operations/retention/retention.ts';
import { listQuarantine, retryQuarantine } from '../../core/operations/quarantine.ts';
import { rollback } from '../../core/operations/rollback/rollback.ts';
import { syncStructure } from '../../core/operations/structure/sync-structure.ts';
import { verify } from '../../core/operations/verification/verify.ts';
import { makeOld } from '../fixtures/old-extracts.ts';
import { TestPipeline, type PipelineOptions } from '../fixtures/pipeline.ts';
import { sqlserverTestSource } from '../fixtures/sqlserver-source.ts';
import { expectNewTablesJoin } from './new-tables-join.ts';

/** Whole pipelines from databases that behave as those of SQL Server: every operation, by both ways to read changes. */

const SETUP = `CREATE TABLE items (id integer PRIMARY KEY, name varchar(40), price numeric(12,4), changed timestamp(3));
  INSERT INTO items SELECT n, concat('item ', n), n * 1.25, '2024-02-29 12:00:00.125' FROM generate_series(1, 300) n;
  CREATE TABLE prices (id integer PRIMARY KEY, amount integer NOT NULL); INSERT INTO prices SELECT n, n FROM generate_series(1, 40) n;
  CREATE TABLE pairs (a integer, b varchar(20), n integer, PRIMARY KEY (b, a)); INSERT INTO pairs SELECT n, concat('b', n % 3), n FROM generate_series(1, 20) n`;
const HISTORY = { name: 'prices', transfer: 'history' };

describe.each(['changeTracking', 'cdc'] as const)('SQL Server by %s', (extractType) => {
  const kind = sqlserverTestSource(extractType);

  async function open(options: Partial<PipelineOptions> = {}): Promise<TestPipeline> {
    const { source, more, ...rest } = options;
    const pipeline = await TestPipeline.open({
      ...{ sourceType: kind, sourceServer: inject('postgres'), destinationServer: inject('mariadb') },
      ...{ setup: SETUP, tables: ['items', HISTORY, 'pairs'] },
      source: { extractType, pollSeconds: 0.05, ...source },
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

  it('finds nothing wrong; copies, follows every kind of change, and keeps a history', async () => {
    await using pipeline = await open();
    expect((await pipeline.check()).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await pipeline.differences()).toEqual([]);
    await expectMirrored(
      pipeline,
      `INSERT INTO items VALUES (1001, 'new', 0.0001, NULL); UPDATE items SET price = -price WHERE id < 10; DELETE FROM items WHERE id = 20`,
      `UPDATE items SET id = -1 WHERE id = 1; UPDATE items SET id = 1 WHERE id = 2; UPDATE items SET id = 2 WHERE id = -1`,
      `DELETE FROM items WHERE id = 1001; INSERT INTO items VALUES (20, NULL, NULL, '2024-12-31 23:59:59.999')`,
      `UPDATE pairs SET b = 'b9', a = a + 1 WHERE a = 4; UPDATE pairs SET a = -a; DELETE FROM pairs WHERE n = 7`,
    );
    await expectMirrored(pipeline, `UPDATE prices SET amount = 100 WHERE id = 1; DELETE FROM prices WHERE id = 2`);
    await expectMirrored(pipeline, `UPDATE prices SET amount = 200 WHERE id = 1; INSERT INTO prices VALUES (2, 22)`);
    const versions = await pipeline.rows(
      `SELECT id, amount, history_end_date LIKE '9999%' FROM prices WHERE id < 3 ORDER BY id, __seq`,
    );
    expect(versions).toEqual([
      ...[
        ['1', '1', '0'],
        ['1', '100', '0'],
        ['1', '200', '1'],
      ],
      ...[
        ['2', '2', '0'],
        ['2', '22', '1'],
      ],
    ]);
    const broken = `SELECT id FROM (SELECT id, history_end_date, LEAD(history_start_date) OVER (PARTITION BY id ORDER BY __seq) AS following FROM prices) v WHERE following < history_end_date`;
    expect(await pipeline.rows(broken)).toEqual([]);
  });

  it('new tables join while the others are replicated', async () => {
    await using pipeline = await open({ tables: ['items'] });
    await expectNewTablesJoin(pipeline, ['items', HISTORY, 'pairs']);
  });

  it('an added column is applied, by CDC as soon as it is captured; what older rows have in it is not guessed', async () => {
    await using pipeline = await open();
    const captureAgain = (table: string) =>
      extractType === 'cdc'
        ? `EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'${table}', @role_name = NULL, @capture_instance = N'${table}_2'`
        : '';
    await pipeline.write(`ALTER TABLE items ADD COLUMN extra varchar(10); ${captureAgain('items')}`);
    await expectMirrored(
      pipeline,
      `UPDATE items SET extra = 'x' WHERE id = 3; INSERT INTO items (id, extra) VALUES (500, 'y')`,
    );
    expect(await pipeline.rows('SELECT id FROM items WHERE extra IS NOT NULL ORDER BY id')).toEqual([['3'], ['500']]);
    await pipeline.write(`ALTER TABLE pairs DROP COLUMN n; ${captureAgain('pairs')}`);
    await pipeline.write('INSERT INTO pairs VALUES (900, 9)');
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('pairs')]);
    const synced = await pipeline.operate((context) =>
      syncStructure(context, { tables: null, apply: true, load: true, dropColumns: true }),
    );
    expect(synced.stopped).toEqual([]);
    await expectMirrored(pipeline, 'DELETE FROM pairs WHERE a = 900');
    expect(await pipeline.rows(`SHOW COLUMNS FROM pairs LIKE 'n'`)).toEqual([]);
  });

  it('a rollback leaves everything as it was', async () => {
    await using pipeline = await open();
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

  it('a rollback behind the retention reads what CDC still keeps; change tracking says that it cannot', async () => {
    await using pipeline = await open();
    for (let round = 1; round <= 3; round++) {
      await pipeline.write(
        `UPDATE prices SET amount = amount + ${round} WHERE id < 5; DELETE FROM pairs WHERE a = ${round}`,
      );
      await pipeline.followed();
    }
    const before = await everything(pipeline);
    const last = (await pipeline.status()).lastExtract - 1;
    await pipeline.operate(async (context) => {
      await makeOld(context.host.items, context.settings.pipeline, last);
      expect(await removeExpired(context)).toMatchObject({ expired: last });
    });
    const back = () =>
      pipeline.operate((context) => rollback(context, { tables: null, dryRun: false, load: true, to: 1 }));
    if (extractType === 'changeTracking') {
      expect((await pipeline.failure(back())).message).toMatch(/what rows have become by now/);
    } else {
      await pipeline.destination.query(`UPDATE prices SET amount = 0 WHERE id < 5 AND history_end_date LIKE '9999%'`);
      await back();
    }
    expect(await everything(pipeline)).toEqual(before);
  });

  it('verification names what differs, and repairs it', async () => {
    await using pipeline = await open();
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

  it('a truncated table stops where the log does not tell it, and is copied anew', async () => {
    await using pipeline = await open();
    const truncated = pipeline.write('TRUNCATE TABLE pairs');
    if (extractType === 'cdc') {
      await expect(truncated).rejects.toThrow(/enabled for Change Data Capture/);
      return;
    }
    await truncated;
    await pipeline.write('INSERT INTO pairs VALUES (1, 1, 1); UPDATE items SET price = 0 WHERE id = 1');
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('pairs')]);
    expect(await pipeline.rows('SELECT price FROM items WHERE id = 1')).toEqual([['0.0000']]);
    await pipeline.fullExtract(['pairs']);
    await expectMirrored(pipeline, 'INSERT INTO pairs VALUES (2, 2, 2)');
  });

  it('a log that was cleaned up under a stopped pipeline ends it with what to do, and a full extract mends it', async () => {
    await using pipeline = await open();
    await pipeline.write('UPDATE items SET price = 1');
    await pipeline.write('SELECT fake.clean_up()');
    await pipeline.write('UPDATE items SET price = 2 WHERE id = 1');
    expect(await pipeline.failure(pipeline.delta())).toMatchObject({ code: 'PS2006', retry: 'manual' });
    await pipeline.copied();
    await expectMirrored(pipeline, 'UPDATE items SET price = 3');
  });

  it('rows that do not fit are set aside, and fetched again when they do', async () => {
    await using pipeline = await open({
      setup: `CREATE TABLE days (id integer PRIMARY KEY, day date); INSERT INTO days VALUES (1, '2024-01-01'), (2, '0044-03-15')`,
      tables: ['days'],
      more: { misfits: 'quarantine' },
    });
    await pipeline.write(`INSERT INTO days VALUES (3, '0044-03-15'), (4, '2024-01-04')`);
    await pipeline.followed();
    const list = () =>
      pipeline.operate((context) => listQuarantine(context, { tables: null, limit: 10, before: null }));
    expect((await list()).entries.map(({ key, column }) => [key?.join(), column])).toEqual([
      ['3', 'day'],
      ['2', 'day'],
    ]);
    await pipeline.write(`UPDATE days SET day = '2024-02-02' WHERE id = 2`);
    const [days] = await pipeline.operate((context) => retryQuarantine(context, null));
    expect(days).toMatchObject({ rows: 2, unfit: 1 });
    await pipeline.followed();
    expect(await pipeline.rows('SELECT id, CAST(day AS CHAR) FROM days ORDER BY id')).toEqual([
      ['1', '2024-01-01'],
      ['2', '2024-02-02'],
      ['4', '2024-01-04'],
    ]);
  });
});

describe('SQL Server without its changes', () => {
  it.each([
    ['fullExtracts', {}],
    ['timestamps', { timestampColumn: 'changed' }],
  ])('by %s', async (extractType, choices) => {
    await using pipeline = await TestPipeline.open({
      ...{
        sourceType: sqlserverTestSource('nothing'),
        sourceServer: inject('postgres'),
        destinationServer: inject('mariadb'),
      },
      ...{ setup: SETUP, tables: [{ name: 'items', ...choices }] },
      source: { extractType, pollSeconds: 0.05, lagSeconds: 0, overlapSeconds: 1 },
    });
    await pipeline.copied();
    await pipeline.write(
      `UPDATE items SET price = 0, changed = clock_timestamp() WHERE id < 9; INSERT INTO items VALUES (900, 'new', 9, clock_timestamp())`,
    );
    await pipeline.followed();
    expect(await pipeline.rows('SELECT COUNT(*), SUM(price = 0), SUM(id = 900) FROM items')).toEqual([
      ['301', '8', '1'],
    ]);
    expect(await pipeline.differences()).toEqual([]);
  });
});

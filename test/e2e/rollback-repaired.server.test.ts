import { describe, expect, it } from 'vitest';
import { retryQuarantine } from '../../core/operations/quarantine.ts';
import { rollback } from '../../core/operations/rollback/rollback.ts';
import { refetch } from '../../core/operations/verification/refetch.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** Rows that came by a repair or a retry of the quarantine, which no extract holds, are there after a rollback as they were before. */

const TABLES = ['mirrored', 'versions'] as const;
const UNFIT = `'0044-03-15'`;
const SETUP = TABLES.map(
  (name) => `CREATE TABLE ${name} (id integer PRIMARY KEY, day date, n integer);
  INSERT INTO ${name} VALUES (1, '2024-01-01', 1), (2, '2024-01-02', 2), (3, '2024-01-03', 3)`,
).join(';');

async function open(): Promise<TestPipeline> {
  const pipeline = await TestPipeline.open({
    ...sharedServers('mysql'),
    setup: SETUP,
    more: { misfits: 'quarantine' },
  });
  pipeline.configuration.tables = ['mirrored', { name: 'versions', transfer: 'history' }];
  await pipeline.copied();
  return pipeline;
}

const onBoth = (pipeline: TestPipeline, sql: string): Promise<unknown> =>
  pipeline.write(TABLES.map((name) => sql.replaceAll('TABLE_NAME', name)).join(';'));

/** By a session that the log does not hear of, as a change of a column's type does not either. */
const unlogged = (pipeline: TestPipeline, sql: string): Promise<unknown> =>
  pipeline.write(
    `SET SESSION sql_log_bin = 0; ${TABLES.map((name) => sql.replaceAll('TABLE_NAME', name)).join(';')}; SET SESSION sql_log_bin = 1`,
  );

async function everything(pipeline: TestPipeline): Promise<unknown> {
  return {
    mirrored: await pipeline.rows('SELECT * FROM mirrored ORDER BY id'),
    versions: await pipeline.rows('SELECT * FROM versions ORDER BY id, __seq'),
  };
}

async function unchangedByRollbacks(pipeline: TestPipeline): Promise<void> {
  const before = await everything(pipeline);
  const { lastExtract } = await pipeline.status();
  expect(lastExtract).toBeGreaterThan(0);
  for (let to = lastExtract; to >= 1; to--) {
    await pipeline.operate((context) => rollback(context, { to, tables: null, dryRun: false, load: true }));
    expect(await everything(pipeline), `to ${to}`).toEqual(before);
  }
  expect(await pipeline.differences()).toEqual([]);
}

describe('a rollback to before', () => {
  it.each(['updated', 'inserted', 'inserted after a truncate'])(
    'a retry of the quarantine leaves its rows: %s',
    async (kind) => {
      await using pipeline = await open();
      const unfit = {
        updated: `UPDATE TABLE_NAME SET day = ${UNFIT} WHERE id = 2`,
        inserted: `INSERT INTO TABLE_NAME VALUES (2 + 2, ${UNFIT}, 4)`,
        'inserted after a truncate': `TRUNCATE TABLE_NAME; INSERT INTO TABLE_NAME VALUES (1, '2024-05-05', 5), (4, ${UNFIT}, 4)`,
      }[kind];
      await onBoth(pipeline, unfit ?? '');
      await pipeline.followed();
      await unlogged(pipeline, `UPDATE TABLE_NAME SET day = '2024-02-02' WHERE day = ${UNFIT}`);
      const retried = await pipeline.operate((context) => retryQuarantine(context, null));
      expect(retried.map(({ settled }) => settled)).toEqual([1, 1]);
      expect(await pipeline.differences()).toEqual([]);
      await unchangedByRollbacks(pipeline);
      await onBoth(pipeline, 'UPDATE TABLE_NAME SET n = n + 10');
      await pipeline.followed();
      await unchangedByRollbacks(pipeline);
      await onBoth(pipeline, 'DELETE FROM TABLE_NAME WHERE id IN (2, 4)');
      await pipeline.followed();
      await unchangedByRollbacks(pipeline);
    },
  );

  it('a repair leaves the versions and rows that it brought', async () => {
    await using pipeline = await open();
    await onBoth(pipeline, 'UPDATE TABLE_NAME SET n = 10 WHERE id = 1');
    await pipeline.followed();
    // Those of the copy: no extract holds them.
    for (const name of TABLES) await pipeline.rows(`DELETE FROM ${name} WHERE id IN (2, 3)`);
    for (const name of TABLES)
      await pipeline.operate((context) => refetch(context, pipeline.idOf(name), [['2'], ['3']]));
    expect(await pipeline.differences()).toEqual([]);
    await unchangedByRollbacks(pipeline);
    await onBoth(pipeline, 'UPDATE TABLE_NAME SET n = 30 WHERE id = 3');
    await pipeline.followed();
    await unchangedByRollbacks(pipeline);
    await onBoth(pipeline, 'TRUNCATE TABLE_NAME');
    await pipeline.followed();
    await unchangedByRollbacks(pipeline);
    // What the extracts say of them: the change of row 3 ended its version, and the truncate that of row 2.
    const before = await everything(pipeline);
    await pipeline.rows(
      `UPDATE versions SET history_end_date = '9999-12-31' WHERE id IN (2, 3) AND __seq % 10000000000 = 9999999999`,
    );
    expect(await everything(pipeline)).not.toEqual(before);
    await pipeline.operate((context) => rollback(context, { to: 1, tables: null, dryRun: false, load: true }));
    expect(await everything(pipeline)).toEqual(before);
  });

  it('a row that was set aside and fits again mends it where it was spoiled', async () => {
    await using pipeline = await open();
    await onBoth(
      pipeline,
      `UPDATE TABLE_NAME SET day = ${UNFIT} WHERE id = 2; UPDATE TABLE_NAME SET day = '2024-06-06' WHERE id = 2`,
    );
    await pipeline.followed();
    const before = await everything(pipeline);
    await pipeline.rows(`UPDATE mirrored SET day = '1999-01-01' WHERE id = 2`);
    await pipeline.operate((context) => rollback(context, { to: 1, tables: null, dryRun: false, load: true }));
    expect(await everything(pipeline)).toEqual(before);
  });

  it('a repair does not double a version that the extracts hold', async () => {
    await using pipeline = await open();
    await onBoth(pipeline, 'UPDATE TABLE_NAME SET n = 20 WHERE id = 2');
    await pipeline.followed();
    const before = await everything(pipeline);
    await pipeline.rows('DELETE FROM versions WHERE n = 20');
    await pipeline.operate((context) => refetch(context, pipeline.idOf('versions'), [['2']]));
    await pipeline.operate((context) => rollback(context, { to: 1, tables: null, dryRun: false, load: true }));
    expect(await everything(pipeline)).toEqual(before);
  });
});

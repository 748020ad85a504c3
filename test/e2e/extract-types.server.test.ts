import type { PenstockEvent } from '../../core/events/event.ts';
import { describe, expect, it } from 'vitest';
import { run } from '../../core/operations/replication/run.ts';
import { eventually } from '../fixtures/eventually.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES, testSource, type TestSource } from '../fixtures/test-source.ts';

/** Sources that are read without their log, and sources in which nothing happens. */

const postgres = sharedServers('postgres');

/** A table with a column that says when a row was changed, and one without. */
function items(kind: TestSource): string {
  const moment = kind.type === 'postgres' ? 'timestamptz' : 'TIMESTAMP(6)';
  return `CREATE TABLE items (id integer PRIMARY KEY, n integer, changed ${moment} NOT NULL);
    INSERT INTO items SELECT n, n, ${kind.now} FROM ${kind.series(1, 5)}; CREATE TABLE plain (id integer PRIMARY KEY, n integer); INSERT INTO plain VALUES (1, 1)`;
}

/** What a pipeline left at the source: slots and publications, or readers of the binlog. */
async function leftovers(pipeline: TestPipeline): Promise<number> {
  const statements =
    pipeline.kind.type === 'postgres'
      ? [
          'SELECT count(*) FROM pg_replication_slots WHERE database = current_database()',
          'SELECT count(*) FROM pg_publication',
        ]
      : [
          `SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()`,
          `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name NOT IN ('items', 'plain')`,
        ];
  let found = 0;
  for (const statement of statements) found += Number((await pipeline.sourceRows(statement))[0]?.[0]);
  return found;
}

describe.each(SOURCE_TYPES)('full extracts of %s', (type) => {
  const kind = testSource(type);

  it('copies again instead of following, and leaves nothing at the source', async () => {
    await using pipeline = await TestPipeline.open({
      ...sharedServers(type),
      setup: items(kind),
      source: { extractType: 'fullExtracts' },
      tables: ['items', 'plain'],
    });
    await pipeline.copied();
    await pipeline.write('UPDATE items SET n = 50; DELETE FROM items WHERE id = 1; INSERT INTO plain VALUES (2, 2)');
    expect(await pipeline.followed()).toMatchObject({ rows: 6 });
    expect(await pipeline.differences()).toEqual([]);
    expect(await leftovers(pipeline)).toBe(0);
    expect(await pipeline.failure(pipeline.operate(run))).toMatchObject({ code: 'PS1001' });
  });
});

describe.each(SOURCE_TYPES)('timestamps of %s', (type) => {
  const kind = testSource(type);
  const { now } = kind;
  const source = { extractType: 'timestamps', pollSeconds: 0.2, lagSeconds: 0 };

  it('takes what the column says was changed, once', async () => {
    await using pipeline = await TestPipeline.open({
      ...sharedServers(type),
      setup: items(kind),
      source,
      tables: [{ name: 'items', timestampColumn: 'changed' }],
      more: { extracts: { seconds: 0.1 } },
    });
    await pipeline.copied();
    await pipeline.write(
      `UPDATE items SET n = 50, changed = ${now} WHERE id < 3; INSERT INTO items VALUES (6, 6, ${now}); UPDATE items SET n = 99 WHERE id = 5`,
    );
    expect(await pipeline.followed()).toMatchObject({ rows: 3 });
    expect(await pipeline.rows('SELECT id, n FROM items ORDER BY id')).toEqual([
      ['1', '50'],
      ['2', '50'],
      ['3', '3'],
      ['4', '4'],
      ['5', '5'],
      ['6', '6'],
    ]);
    expect(await pipeline.followed()).toMatchObject({ rows: 0 });
    await pipeline.write(`UPDATE items SET changed = ${now} WHERE id = 5`);
    await using following = pipeline.follow();
    await eventually(async () => (await pipeline.rows('SELECT n FROM items WHERE id = 5'))[0]?.[0] === '99');
    await pipeline.write(`INSERT INTO items VALUES (7, 7, ${now})`);
    await eventually(async () => (await pipeline.rows('SELECT n FROM items WHERE id = 7')).length === 1);
    await following.stop();
    expect(await pipeline.differences()).toEqual([]);
    expect(await leftovers(pipeline)).toBe(0);
  });

  it('needs the column', async () => {
    await using pipeline = await TestPipeline.open({
      ...sharedServers(type),
      setup: items(kind),
      source,
      tables: ['plain'],
    });
    const error = await pipeline.failure(pipeline.copied().then(() => pipeline.followed()));
    expect(['PS1001', 'PS1006']).toContain(error.code);
    expect(error.message).toMatch(/timestampColumn/);
  });
});

const isDelta = (event: PenstockEvent): boolean => event.type === 'ExtractCompleted' && event.jobSubType === 'DELTA';

describe.each(SOURCE_TYPES)('a %s source in which nothing happens', (type) => {
  const kind = testSource(type);
  const position = async (pipeline: TestPipeline) =>
    (await pipeline.catalog((catalog) => catalog.head())).position?.order ?? '';

  it('makes no extract and no object, and a delta ends and moves on', async () => {
    await using pipeline = await TestPipeline.open({ ...sharedServers(type), setup: items(kind), tables: ['items'] });
    await pipeline.copied();
    for (let round = 0; round < 3; round++) {
      const before = await position(pipeline);
      await pipeline.write(`CREATE TABLE not_chosen_${round} AS SELECT n FROM ${kind.series(1, 1000)}`);
      expect(await pipeline.followed()).toMatchObject({ from: 0, to: 0, rows: 0 });
      expect((await position(pipeline)) > before).toBe(true);
    }
    expect(await pipeline.followed()).toMatchObject({ from: 0, to: 0, rows: 0 });
    expect(pipeline.events.filter(isDelta)).toEqual([]);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('moves on also while its neighbours are busy and it only runs', async () => {
    await using pipeline = await TestPipeline.open({ ...sharedServers(type), setup: items(kind), tables: ['items'] });
    await using neighbour = await TestPipeline.open({ ...sharedServers(type), setup: 'CREATE TABLE busy (t text)' });
    await pipeline.copied();
    await using following = pipeline.follow();
    await pipeline.write('UPDATE items SET n = 7 WHERE id = 1');
    await eventually(async () => (await pipeline.rows('SELECT id FROM items WHERE n = 7')).length === 1);
    for (let round = 0; round < 2; round++) {
      const target = await pipeline.operate(({ source, signal }) => source.currentPosition(signal));
      await neighbour.write(`INSERT INTO busy SELECT repeat('x', 500) FROM ${kind.series(1, 5000)}`);
      await eventually(async () => {
        // A minute at each look: what the reader is told at the first may still lie before the neighbour's log.
        pipeline.ahead += 61_000;
        await neighbour.write(`INSERT INTO busy VALUES ('x')`);
        return (await position(pipeline)) > target.order;
      });
    }
    await following.stop();
    expect(pipeline.events.filter(isDelta)).toHaveLength(1);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('is not held up by a transaction that another session keeps open', async () => {
    await using pipeline = await TestPipeline.open({ ...sharedServers(type), setup: items(kind), tables: ['plain'] });
    await pipeline.copied();
    const other = await pipeline.connectSource();
    try {
      await other.run('BEGIN; INSERT INTO plain VALUES (100, 100)');
      await pipeline.write('INSERT INTO plain VALUES (101, 101)');
      expect(await pipeline.followed()).toMatchObject({ rows: 1 });
      await other.run('COMMIT');
      expect(await pipeline.followed()).toMatchObject({ rows: 1 });
    } finally {
      await other.end();
    }
    expect(await pipeline.differences()).toEqual([]);
  });
});

describe('the log that PostgreSQL keeps', () => {
  const confirmed = async (pipeline: TestPipeline) => {
    const [row] = await pipeline.sourceRows(
      `SELECT pg_wal_lsn_diff(confirmed_flush_lsn, '0/0') FROM pg_replication_slots WHERE database = current_database()`,
    );
    return Number(row?.[0] ?? 0);
  };
  const setup = items(testSource('postgres'));

  it('is released by a delta that finds nothing', async () => {
    await using pipeline = await TestPipeline.open({ ...postgres, setup, tables: ['items'] });
    await pipeline.copied();
    for (let round = 0; round < 2; round++) {
      const before = await confirmed(pipeline);
      await pipeline.write(`CREATE TABLE not_chosen_${round} AS SELECT n FROM generate_series(1, 1000) n`);
      await pipeline.followed();
      expect(await confirmed(pipeline)).toBeGreaterThan(before);
    }
  });

  it('is released also while its neighbours are busy and it only runs', async () => {
    await using pipeline = await TestPipeline.open({ ...postgres, setup, tables: ['items'] });
    await using neighbour = await TestPipeline.open({ ...postgres, setup: 'CREATE TABLE busy (t text)' });
    await pipeline.copied();
    await using following = pipeline.follow();
    await pipeline.write('UPDATE items SET n = 7 WHERE id = 1');
    await eventually(async () => (await pipeline.rows('SELECT id FROM items WHERE n = 7')).length === 1);
    for (let round = 0; round < 2; round++) {
      await neighbour.write(`INSERT INTO busy SELECT repeat('x', 500) FROM generate_series(1, 5000)`);
      const [target] = await neighbour.sourceRows(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')`);
      await eventually(async () => {
        // A minute at each look: what the reader is told at the first may still lie before the neighbour's log.
        pipeline.ahead += 61_000;
        await neighbour.write(`INSERT INTO busy VALUES ('x')`);
        return (await confirmed(pipeline)) >= Number(target?.[0]);
      });
    }
    await following.stop();
  });
});

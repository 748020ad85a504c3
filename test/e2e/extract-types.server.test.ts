import { describe, expect, it } from 'vitest';
import { run } from '../../core/operations/run.ts';
import { eventually } from '../fixtures/eventually.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** Sources that are read without their log, and sources in which nothing happens. */

const servers = sharedServers('postgres');
const ITEMS = `CREATE TABLE items (id integer PRIMARY KEY, n integer, changed timestamptz NOT NULL DEFAULT clock_timestamp());
  INSERT INTO items (id, n) SELECT n, n FROM generate_series(1, 5) n; CREATE TABLE plain (id integer PRIMARY KEY, n integer); INSERT INTO plain VALUES (1, 1)`;

describe('full extracts', () => {
  it('copies again instead of following, and leaves nothing at the source', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: ITEMS,
      source: { extractType: 'fullExtracts' },
      tables: ['public.items', 'public.plain'],
    });
    await pipeline.copied();
    await pipeline.write('UPDATE items SET n = 50; DELETE FROM items WHERE id = 1; INSERT INTO plain VALUES (2, 2)');
    expect(await pipeline.followed()).toMatchObject({ rows: 6 });
    expect(await pipeline.differences()).toEqual([]);
    expect(
      await pipeline.sourceRows('SELECT count(*) FROM pg_replication_slots WHERE database = current_database()'),
    ).toEqual([['0']]);
    expect(await pipeline.sourceRows('SELECT count(*) FROM pg_publication')).toEqual([['0']]);
    expect(await pipeline.failure(pipeline.operate(run))).toMatchObject({ code: 'PS1001' });
  });
});

describe('timestamps', () => {
  const source = { extractType: 'timestamps', pollSeconds: 0.2, lagSeconds: 0 };

  it('takes what the column says was changed, once', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: ITEMS,
      source,
      tables: [{ name: 'public.items', timestampColumn: 'changed' }],
      more: { extracts: { seconds: 0.1 } },
    });
    await pipeline.copied();
    await pipeline.write(
      `UPDATE items SET n = 50, changed = clock_timestamp() WHERE id < 3; INSERT INTO items (id, n) VALUES (6, 6); UPDATE items SET n = 99 WHERE id = 5`,
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
    await pipeline.write(`UPDATE items SET changed = clock_timestamp() WHERE id = 5`);
    await using following = pipeline.follow();
    await eventually(async () => (await pipeline.rows('SELECT n FROM items WHERE id = 5'))[0]?.[0] === '99');
    await pipeline.write(`INSERT INTO items (id, n) VALUES (7, 7)`);
    await eventually(async () => (await pipeline.rows('SELECT n FROM items WHERE id = 7')).length === 1);
    await following.stop();
    expect(await pipeline.differences()).toEqual([]);
    expect(
      await pipeline.sourceRows('SELECT count(*) FROM pg_replication_slots WHERE database = current_database()'),
    ).toEqual([['0']]);
  });

  it('needs the column', async () => {
    await using pipeline = await TestPipeline.open({ ...servers, setup: ITEMS, source, tables: ['public.plain'] });
    const error = await pipeline.failure(pipeline.copied().then(() => pipeline.followed()));
    expect(['PS1001', 'PS1006']).toContain(error.code);
    expect(error.message).toMatch(/timestampColumn/);
  });
});

describe('a source in which nothing happens', () => {
  const confirmed = async (pipeline: TestPipeline) => {
    const [row] = await pipeline.sourceRows(
      `SELECT pg_wal_lsn_diff(confirmed_flush_lsn, '0/0') FROM pg_replication_slots WHERE database = current_database()`,
    );
    return Number(row?.[0] ?? 0);
  };

  it('makes no extract and no object, a delta ends, and the log is released', async () => {
    await using pipeline = await TestPipeline.open({ ...servers, setup: ITEMS, tables: ['public.items'] });
    await pipeline.copied();
    const position = async () => (await pipeline.catalog((catalog) => catalog.head())).position?.order ?? '';
    for (let round = 0; round < 3; round++) {
      const before = [await position(), await confirmed(pipeline)] as const;
      await pipeline.write(`CREATE TABLE not_chosen_${round} AS SELECT n FROM generate_series(1, 1000) n`);
      expect(await pipeline.followed()).toMatchObject({ from: 0, to: 0, rows: 0 });
      expect((await position()) > before[0]).toBe(true);
      expect(await confirmed(pipeline)).toBeGreaterThan(before[1]);
    }
    expect(await pipeline.followed()).toMatchObject({ from: 0, to: 0, rows: 0 });
    expect(pipeline.events.filter(({ type }) => type === 'ExtractCompleted')).toEqual([]);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('releases the log also while its neighbours are busy and it only runs', async () => {
    await using pipeline = await TestPipeline.open({ ...servers, setup: ITEMS, tables: ['public.items'] });
    await using neighbour = await TestPipeline.open({ ...servers, setup: 'CREATE TABLE busy (t text)' });
    await pipeline.copied();
    await using following = pipeline.follow();
    await pipeline.write('UPDATE items SET n = 7 WHERE id = 1');
    await eventually(async () => (await pipeline.rows('SELECT id FROM items WHERE n = 7')).length === 1);
    for (let round = 0; round < 2; round++) {
      const before = await confirmed(pipeline);
      await neighbour.write(`INSERT INTO busy SELECT repeat('x', 500) FROM generate_series(1, 5000)`);
      const [target] = await neighbour.sourceRows(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')`);
      pipeline.ahead += 61_000;
      await eventually(async () => {
        await neighbour.write(`INSERT INTO busy VALUES ('x')`);
        return (await confirmed(pipeline)) >= Number(target?.[0]);
      });
      expect(await confirmed(pipeline)).toBeGreaterThan(before);
    }
    await following.stop();
    expect(pipeline.events.filter(({ type }) => type === 'ExtractCompleted')).toHaveLength(1);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('is not held up by a transaction that another session keeps open', async () => {
    await using pipeline = await TestPipeline.open({ ...servers, setup: ITEMS, tables: ['public.items'] });
    await pipeline.copied();
    const other = await pipeline.connectSource();
    try {
      await other.run('BEGIN; INSERT INTO items (id, n) VALUES (100, 100)');
      await pipeline.write('INSERT INTO items (id, n) VALUES (101, 101)');
      expect(await pipeline.followed()).toMatchObject({ rows: 1 });
      await other.run('COMMIT');
      expect(await pipeline.followed()).toMatchObject({ rows: 1 });
    } finally {
      await other.end();
    }
    expect(await pipeline.differences()).toEqual([]);
  });
});

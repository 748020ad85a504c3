import { describe, expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** What the user can choose: for a table, for its history, for the destination. */

const servers = sharedServers('postgres');
const ITEMS = `CREATE TABLE items (id integer PRIMARY KEY, name text, secret text, made date);
  INSERT INTO items SELECT n, 'item ' || n, 'secret ' || n, DATE '2024-01-01' + n FROM generate_series(1, 10) n`;
const ids = (rows: (string | null)[][]) => rows.map(([id]) => Number(id)).sort((a, b) => a - b);

describe('table options', () => {
  it('masks a column, the same when copied and when logged', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: `${ITEMS}; ALTER TABLE items REPLICA IDENTITY FULL`,
      tables: [{ name: 'public.items', mask: ['secret', 'made'] }],
    });
    await pipeline.copied();
    await pipeline.write(
      `INSERT INTO items VALUES (11, 'x', 'secret 11', now()); UPDATE items SET secret = 'secret 12', name = 'y' WHERE id = 1`,
    );
    await pipeline.followed();
    expect(await pipeline.rows('SELECT COUNT(*), COUNT(secret), COUNT(made) FROM items')).toEqual([['11', '0', '0']]);
    const [type] = await pipeline.rows(
      `SELECT column_type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'items' AND column_name = 'secret'`,
    );
    expect(type).toEqual(['varchar(1)']);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('copies by a WHERE, and follows all changes', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: ITEMS,
      tables: [{ name: 'public.items', where: `made >= DATE '2024-01-08' -- from then on` }],
    });
    await pipeline.copied();
    expect(ids(await pipeline.rows('SELECT id FROM items'))).toEqual([7, 8, 9, 10]);
    await pipeline.write(
      `UPDATE items SET name = 'changed' WHERE id IN (1, 8); INSERT INTO items VALUES (11, 'new', '', '2000-01-01'); DELETE FROM items WHERE id = 9`,
    );
    await pipeline.followed();
    expect(ids(await pipeline.rows('SELECT id FROM items'))).toEqual([1, 7, 8, 10, 11]);
    expect((await pipeline.verify()).tables[0]).toMatchObject({ tag: 'notComparable' });
    pipeline.configuration.tables = [{ name: 'public.items', where: 'true; DROP TABLE items' }];
    expect((await pipeline.fullExtract()).tables[0]?.error?.code).toBe('PS1001');
  });

  it('skips the initial extract until it is to be redone', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: ITEMS,
      tables: [{ name: 'public.items', skipInitialExtract: true }],
    });
    expect((await pipeline.fullExtract()).tables).toMatchObject([{ state: 'skipped', rows: 0 }]);
    await pipeline.write(
      `INSERT INTO items VALUES (11, 'new', '', '2000-01-01'); UPDATE items SET name = 'changed' WHERE id = 2; DELETE FROM items WHERE id = 3`,
    );
    await pipeline.followed();
    expect(ids(await pipeline.rows('SELECT id FROM items'))).toEqual([2, 11]);
    pipeline.configuration.tables = [{ name: 'public.items', redoInitialExtract: true }];
    expect((await pipeline.fullExtract()).tables).toMatchObject([{ state: 'copied', rows: 10 }]);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('refuses two tables that would be one, and keeps them apart with a prefix', async () => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: `CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE one.orders (id integer PRIMARY KEY); CREATE TABLE two.orders (id integer PRIMARY KEY);
        INSERT INTO one.orders VALUES (1); INSERT INTO two.orders VALUES (2)`,
      tables: ['one.orders', 'two.orders'],
    });
    const error = await pipeline.failure(pipeline.fullExtract());
    expect(error.code).toBe('PS1003');
    expect(error.message).toMatch(/one\.orders.*two\.orders/);
    expect(await pipeline.rows('SHOW TABLES')).toEqual([]);
    pipeline.configuration.destination = { addDatabasePrefix: true };
    await pipeline.copied();
    await pipeline.write('INSERT INTO one.orders VALUES (3)');
    await pipeline.followed();
    expect(await pipeline.rows(`SELECT id FROM ${pipeline.name}_one_orders ORDER BY id`)).toEqual([['1'], ['3']]);
    expect(await pipeline.rows(`SELECT id FROM ${pipeline.name}_two_orders`)).toEqual([['2']]);
  });

  it.each([
    ['NOTHING', 'ALTER TABLE t REPLICA IDENTITY NOTHING', /REPLICA IDENTITY (FULL|DEFAULT)/],
    ['no key', 'ALTER TABLE t DROP CONSTRAINT t_pkey', /ALTER TABLE "public"\."t" REPLICA IDENTITY FULL/],
    [
      'a deferrable key',
      'ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (id) DEFERRABLE',
      /REPLICA IDENTITY FULL/,
    ],
  ])('refuses a table whose replica identity does not identify rows: %s', async (_, sql, remedy) => {
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: `CREATE TABLE t (id integer PRIMARY KEY, n integer); ${sql}`,
      tables: ['public.t'],
    });
    const error = await pipeline.failure(pipeline.copied());
    expect(error).toMatchObject({ code: 'PS2011', retry: 'manual', table: 'public.t' });
    expect(error.remedy).toMatch(remedy);
    expect(await pipeline.sourceRows('SELECT count(*) FROM pg_publication_tables')).toEqual([['0']]);
    await pipeline.write('ALTER TABLE t REPLICA IDENTITY FULL');
    await pipeline.copied();
    await pipeline.write('INSERT INTO t VALUES (1, 1), (2, 2); UPDATE t SET n = 5 WHERE id = 1');
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('keeps rows apart whose keys change places where the source looks at the key late', async () => {
    const places = (name: string) => `CREATE TABLE ${name} (id integer PRIMARY KEY DEFERRABLE, n integer);
      ALTER TABLE ${name} REPLICA IDENTITY FULL; INSERT INTO ${name} VALUES (1, 7), (2, 7), (3, 9), (9, 0);`;
    await using pipeline = await TestPipeline.open({
      ...servers,
      setup: `${places('mirrored')} ${places('kept')}
        CREATE TABLE included (tenant integer, id integer, n integer, PRIMARY KEY (tenant, id));
        CREATE UNIQUE INDEX ON included (id) INCLUDE (n);
        CREATE TABLE chosen (tenant integer, id integer, n integer, PRIMARY KEY (tenant, id));
        ALTER TABLE chosen REPLICA IDENTITY FULL; INSERT INTO chosen VALUES (1, 1, 1), (1, 2, 2)`,
      tables: [
        'public.mirrored',
        { name: 'public.kept', transfer: 'history' },
        { name: 'public.chosen', key: ['id'] },
        { name: 'public.included', key: ['id'] },
      ],
    });
    await pipeline.copied();
    const current = `SELECT id, n FROM kept WHERE history_end_date >= '9999-01-01' ORDER BY id`;
    const told = async (sql: (table: string) => string) => {
      await pipeline.write(`BEGIN; SET CONSTRAINTS ALL DEFERRED; ${sql('mirrored')}; ${sql('kept')}; COMMIT`);
      await pipeline.followed();
      expect(await pipeline.differences()).toEqual([]);
      expect(await pipeline.rows(current)).toEqual(await pipeline.sourceRows('SELECT id, n FROM kept ORDER BY id'));
    };
    await told((t) => `UPDATE ${t} SET id = id + 1 WHERE id < 9`);
    await told((t) => `UPDATE ${t} SET id = CASE id WHEN 3 THEN 4 ELSE 3 END WHERE id IN (3, 4)`);
    await told((t) => `INSERT INTO ${t} VALUES (9, 1); DELETE FROM ${t} WHERE n = 0`);
    await told(
      (t) => `UPDATE ${t} SET n = n + 1; UPDATE ${t} SET id = id - 1 WHERE id < 9; DELETE FROM ${t} WHERE id = 2`,
    );
    await pipeline.write(
      'BEGIN; INSERT INTO chosen VALUES (2, 1, 3); DELETE FROM chosen WHERE tenant = 1 AND id = 1; COMMIT',
    );
    await pipeline.followed();
    expect(await pipeline.rows('SELECT tenant, id, n FROM chosen ORDER BY id')).toEqual([
      ['2', '1', '3'],
      ['1', '2', '2'],
    ]);
  });
});

const HISTORY = `SELECT id, step, history_start_date, history_end_date FROM counters ORDER BY id, __seq`;
const OPEN = '9999-12-31 23:59:59.999999'.slice(0, 10);

/** Versions as `id step`, `…` where they are current; each must end where the next one of its key begins, unless it was deleted there. */
async function versions(pipeline: TestPipeline): Promise<string[]> {
  const rows = await pipeline.rows(HISTORY);
  return rows.map(([id, step, start, end]) => {
    expect((start ?? '') <= (end ?? '')).toBe(true);
    return `${id ?? ''} ${step ?? 'NULL'}${end?.startsWith(OPEN) === true ? ' …' : ''}`;
  });
}

describe('history', () => {
  const options = {
    ...servers,
    setup: `CREATE TABLE counters (id integer PRIMARY KEY, step integer, big text);
      ALTER TABLE counters ALTER COLUMN big SET STORAGE EXTERNAL;
      INSERT INTO counters SELECT n, 0, repeat('x', 8000) FROM generate_series(1, 3) n`,
    tables: [{ name: 'public.counters', transfer: 'history' }],
  };

  it('keeps every version of a transaction, across deletes, key changes and truncates', async () => {
    await using pipeline = await TestPipeline.open(options);
    await pipeline.copied();
    await pipeline.write(`BEGIN; UPDATE counters SET step = 1 WHERE id = 1; UPDATE counters SET step = 2 WHERE id = 1;
      DELETE FROM counters WHERE id = 2; INSERT INTO counters VALUES (2, 5, 'small'); UPDATE counters SET id = 4, step = 9 WHERE id = 3; COMMIT`);
    await pipeline.followed();
    expect(await versions(pipeline)).toEqual(['1 0', '1 1', '1 2 …', '2 0', '2 5 …', '3 0', '4 9 …']);
    expect(await pipeline.rows(`SELECT COUNT(*) FROM counters WHERE LENGTH(big) = 8000`)).toEqual([['6']]);
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.write('DELETE FROM counters WHERE id = 1');
    await pipeline.write('TRUNCATE counters');
    await pipeline.write(`INSERT INTO counters VALUES (1, 7, NULL)`);
    await pipeline.write('UPDATE counters SET step = 8');
    await pipeline.followed();
    expect(await versions(pipeline)).toEqual(['1 0', '1 1', '1 2', '1 7', '1 8 …', '2 0', '2 5', '3 0', '4 9']);
    expect(await pipeline.differences()).toEqual([]);
    const [times] = await pipeline.rows(`SELECT COUNT(DISTINCT history_start_date) FROM counters WHERE id = 1`);
    expect(Number(times?.[0])).toBe(4);
  });

  it('starts a version at its commit at the source, in UTC with microseconds', async () => {
    await using pipeline = await TestPipeline.open(options);
    await pipeline.write('DROP TABLE counters; CREATE TABLE counters (id integer PRIMARY KEY, step integer)');
    await pipeline.copied();
    const [before] = await pipeline.sourceRows(
      `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`,
    );
    await pipeline.write('INSERT INTO counters VALUES (1, 1)');
    await pipeline.write('DELETE FROM counters');
    const [after] = await pipeline.sourceRows(
      `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`,
    );
    await pipeline.followed();
    const [row] = await pipeline.rows(HISTORY);
    const [, , start, end] = row ?? [];
    expect([before?.[0], start, end, after?.[0]]).toEqual([before?.[0], start, end, after?.[0]].sort());
  });

  it('combines versions beyond maxUpdates', async () => {
    await using pipeline = await TestPipeline.open({ ...options, destination: { maxUpdates: 2 } });
    await pipeline.copied();
    for (let step = 1; step <= 6; step++) await pipeline.write(`UPDATE counters SET step = ${step} WHERE id = 1`);
    await pipeline.write(`UPDATE counters SET step = 1 WHERE id = 2`);
    await pipeline.followed();
    expect(await versions(pipeline)).toEqual(['1 0', '1 1', '1 6 …', '2 0', '2 1 …', '3 0 …']);
    expect(await pipeline.differences()).toEqual([]);
  });

  it('refuses a table without a key', async () => {
    await using pipeline = await TestPipeline.open({
      ...options,
      setup: 'CREATE TABLE counters (id integer); ALTER TABLE counters REPLICA IDENTITY FULL',
    });
    expect(await pipeline.failure(pipeline.copied())).toMatchObject({ code: 'PS1001', table: 'public.counters' });
  });
});

describe('destination options', () => {
  const two = {
    ...servers,
    setup: `CREATE TABLE a (id integer PRIMARY KEY, n numeric); CREATE TABLE b (id integer PRIMARY KEY, n integer); CREATE TABLE k (n integer);
      ALTER TABLE k REPLICA IDENTITY FULL; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1); INSERT INTO k VALUES (1), (1)`,
    tables: ['public.a', 'public.b', 'public.k'],
  };

  it('consistency: table loads each table by itself, and a bad row holds up only its own', async () => {
    await using pipeline = await TestPipeline.open({ ...two, more: { consistency: 'table' } });
    await pipeline.copied();
    await pipeline.write(`BEGIN; INSERT INTO a VALUES (2, 2); UPDATE b SET n = 5; INSERT INTO k VALUES (1); COMMIT`);
    await pipeline.followed();
    await pipeline.write(`UPDATE a SET n = 7; DELETE FROM b; INSERT INTO b VALUES (1, 6)`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.write(`BEGIN; INSERT INTO a VALUES (3, 'NaN'); UPDATE b SET n = 9; COMMIT`);
    expect((await pipeline.delta()).stopped).toEqual(['public.a']);
    expect(await pipeline.rows('SELECT n FROM b')).toEqual([['9']]);
    expect((await pipeline.verify()).tables.map(({ tag }) => tag)).toEqual(['notComparable', 'equal', 'equal']);
    await pipeline.write(`DELETE FROM a WHERE id = 3; UPDATE b SET n = 10`);
    await pipeline.delta();
    await pipeline.copied();
    await pipeline.write(`UPDATE a SET n = 11; UPDATE b SET n = 11; DELETE FROM k`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('truncateInsteadOfDrop fills the table that stands', async () => {
    await using pipeline = await TestPipeline.open({ ...two, destination: { truncateInsteadOfDrop: true } });
    await pipeline.copied();
    await pipeline.rows('CREATE INDEX by_n ON b (n)');
    await pipeline.write(`UPDATE b SET n = 5; INSERT INTO k VALUES (2)`);
    await pipeline.copied();
    expect(await pipeline.differences()).toEqual([]);
    expect(await pipeline.rows(`SHOW INDEX FROM b WHERE Key_name = 'by_n'`)).toHaveLength(1);
    await pipeline.write(`UPDATE b SET n = 6; DELETE FROM k WHERE n = 2`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('puts tables and staging tables into the databases that are asked for, and cleans up', async () => {
    await using pipeline = await TestPipeline.open(two);
    const [all, staging] = [`${pipeline.name}_all`, `${pipeline.name}_staging`];
    const tablesIn = async (database: string) =>
      (
        await pipeline.rows(
          `SELECT table_name FROM information_schema.tables WHERE table_schema = '${database}' ORDER BY 1`,
        )
      ).flat();
    try {
      pipeline.configuration.destination = {
        schemaForAllTables: all,
        schemaForStagingTables: staging,
        retainStagingTables: true,
      };
      await pipeline.copied();
      await pipeline.write('UPDATE a SET n = 2; UPDATE b SET n = 2; INSERT INTO k VALUES (3)');
      await pipeline.followed();
      expect(await pipeline.differences()).toEqual([]);
      expect(await tablesIn(all)).toEqual([
        'a',
        'b',
        'k',
        'penstock_copy_chunks',
        'penstock_ledger',
        'penstock_quarantine',
      ]);
      expect(await tablesIn(staging)).toEqual(['a__staging', 'b__staging', 'k__staging']);
      expect(await tablesIn(pipeline.name)).toEqual([]);
      pipeline.configuration.destination = { schemaForAllTables: all, schemaForStagingTables: staging };
      await pipeline.write('UPDATE a SET n = 3; UPDATE b SET n = 3; DELETE FROM k');
      await pipeline.followed();
      expect(await tablesIn(staging)).toEqual([]);
    } finally {
      await pipeline.rows(`DROP DATABASE IF EXISTS \`${all}\``);
      await pipeline.rows(`DROP DATABASE IF EXISTS \`${staging}\``);
    }
  });
});

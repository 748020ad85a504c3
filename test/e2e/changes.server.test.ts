import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** Every kind of change on every kind of table, compared by checksums after each. */

const servers = sharedServers('postgres');

const SETUP = `
  CREATE TABLE plain (id integer PRIMARY KEY, name text, n integer);
  INSERT INTO plain SELECT n, 'name ' || n, n FROM generate_series(1, 50) n;
  CREATE TABLE pairs (a integer, b text, n integer, PRIMARY KEY (b, a));
  INSERT INTO pairs SELECT n, 'b' || n % 3, n FROM generate_series(1, 20) n;
  CREATE TABLE onlykey (id integer PRIMARY KEY); INSERT INTO onlykey VALUES (1), (2);
  CREATE TABLE fully (id integer PRIMARY KEY, big text, n integer); ALTER TABLE fully REPLICA IDENTITY FULL;
  CREATE TABLE toasted (id integer PRIMARY KEY, big text, small text, n integer);
  ALTER TABLE toasted ALTER COLUMN big SET STORAGE EXTERNAL;
  INSERT INTO toasted SELECT n, repeat('big ' || n, 4000), 'small', n FROM generate_series(1, 9) n;
  INSERT INTO fully SELECT * FROM (SELECT id, big, n FROM toasted) t;
  CREATE TABLE loose (name text, n integer); ALTER TABLE loose REPLICA IDENTITY FULL;
  INSERT INTO loose SELECT 'x', n % 3 FROM generate_series(1, 12) n;
  CREATE TABLE by_index (id integer, code text NOT NULL, n integer); CREATE UNIQUE INDEX by_code ON by_index (code);
  ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_code; INSERT INTO by_index VALUES (1, 'a', 1), (2, 'b', 2);
  CREATE TABLE chosen (first text NOT NULL, last text NOT NULL, n integer); ALTER TABLE chosen REPLICA IDENTITY FULL;
  INSERT INTO chosen VALUES ('Ada', 'Lovelace', 1), ('Alan', 'Turing', 2);
  CREATE TABLE parts (id integer, kind text, n integer, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
  CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a'); CREATE TABLE parts_b PARTITION OF parts FOR VALUES IN ('b');
  INSERT INTO parts SELECT n, CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END, n FROM generate_series(1, 20) n;
  CREATE TABLE summed (id integer PRIMARY KEY, a integer, b integer, total integer GENERATED ALWAYS AS (a + b) STORED);
  INSERT INTO summed (id, a, b) VALUES (1, 1, 2);
  CREATE SCHEMA "Odd.Schema"; CREATE TABLE "Odd.Schema"."select "" from" ("Key" integer PRIMARY KEY, "a""b\`c" text, "select" text, "ünï" text);
  INSERT INTO "Odd.Schema"."select "" from" VALUES (1, 'a', 'b', 'c')`;
const TABLES = [
  ...['plain', 'pairs', 'onlykey', 'fully', 'toasted', 'loose', 'by_index', 'parts', 'summed'].map(
    (name) => `public.${name}`,
  ),
  { name: 'public.chosen', key: ['last', 'first'] },
  '"Odd.Schema"."select "" from"',
];

describe('a mirror', () => {
  let pipeline: TestPipeline;

  beforeAll(async () => {
    pipeline = await TestPipeline.open({ ...servers, setup: SETUP, tables: TABLES });
    await pipeline.copied();
    expect(await pipeline.differences()).toEqual([]);
  });
  afterAll(async () => {
    await pipeline[Symbol.asyncDispose]();
  });

  /** Each text is a transaction of its own. */
  async function expectMirrored(...transactions: string[]): Promise<void> {
    for (const sql of transactions) await pipeline.write(`BEGIN; ${sql}; COMMIT`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  }

  it('takes inserts, updates, deletes and a row that comes back, in one transaction and in many', async () => {
    const work = (id: number) =>
      `INSERT INTO plain VALUES (${id}, 'new', 0); UPDATE plain SET n = n + 1 WHERE id IN (${id}, ${id - 90}); UPDATE plain SET name = NULL WHERE id = ${id};
       DELETE FROM plain WHERE id = ${id - 90}; INSERT INTO plain VALUES (${id - 90}, 'back', 1); DELETE FROM plain WHERE id = ${id - 91}`;
    await expectMirrored([101, 104, 107].map(work).join(';'), work(110), work(113), work(116));
    expect(await pipeline.rows('SELECT name FROM plain WHERE id IN (11, 26)')).toEqual([['back'], ['back']]);
  });

  it('takes a delete and an insert of the same key in two transactions of one extract', async () => {
    await expectMirrored('DELETE FROM plain WHERE id = 30', `INSERT INTO plain VALUES (30, NULL, NULL)`);
    await expectMirrored(`INSERT INTO plain VALUES (999, 'short', 1)`, 'DELETE FROM plain WHERE id = 999');
  });

  it('takes changes of keys, swaps and chains of them', async () => {
    await expectMirrored(
      'UPDATE plain SET id = -1 WHERE id = 1; UPDATE plain SET id = 1 WHERE id = 2; UPDATE plain SET id = 2 WHERE id = -1',
      'UPDATE plain SET id = id + 10000 WHERE id BETWEEN 40 AND 45; UPDATE plain SET id = CASE WHEN id = 10045 THEN 40 ELSE id - 9999 END WHERE id > 10000',
      'DELETE FROM plain WHERE id = 5; UPDATE plain SET id = 5 WHERE id = 6; INSERT INTO plain VALUES (6, NULL, 6)',
      `UPDATE pairs SET b = 'b9', a = a + 1 WHERE a = 4; UPDATE pairs SET a = -a; UPDATE onlykey SET id = id + 100`,
    );
    await expectMirrored(
      'UPDATE onlykey SET id = 1 - id; DELETE FROM onlykey WHERE id = -100',
      'UPDATE plain SET id = -id',
    );
  });

  it('takes TRUNCATE, with rows before and after it in the same transaction', async () => {
    await expectMirrored(
      `INSERT INTO plain VALUES (5000, 'gone', 0); TRUNCATE plain; INSERT INTO plain VALUES (1, 'first', 1), (2, 'second', 2)`,
    );
    expect(await pipeline.rows('SELECT COUNT(*) FROM plain')).toEqual([['2']]);
    await expectMirrored(
      'TRUNCATE plain, onlykey',
      'INSERT INTO plain SELECT n, NULL, n FROM generate_series(1, 10) n',
      'DELETE FROM plain WHERE id = 3',
    );
    await expectMirrored('TRUNCATE plain', 'TRUNCATE loose');
    expect(await pipeline.rows('SELECT COUNT(*) FROM plain')).toEqual([['0']]);
    await expectMirrored(
      `INSERT INTO plain SELECT n, 'name', n FROM generate_series(1, 60) n; INSERT INTO loose SELECT 'x', n % 3 FROM generate_series(1, 12) n`,
    );
  });

  it('keeps a large value that an update did not touch, also when the key changes', async () => {
    await expectMirrored(
      `UPDATE toasted SET n = n + 1, small = NULL WHERE id <= 5`,
      'UPDATE toasted SET id = id + 100 WHERE id IN (1, 2)',
      'UPDATE toasted SET n = 7 WHERE id IN (1, 101)',
      `INSERT INTO toasted VALUES (50, repeat('fifty', 4000), 'x', 0); UPDATE toasted SET n = 1 WHERE id = 50; UPDATE toasted SET id = 51 WHERE id = 50`,
      `UPDATE toasted SET big = repeat('other', 4000) WHERE id = 3; UPDATE toasted SET n = 9 WHERE id = 3`,
      'UPDATE toasted SET id = -id WHERE id IN (4, 5); UPDATE toasted SET id = 5 WHERE id = -4; UPDATE toasted SET id = 4 WHERE id = -5',
      `UPDATE toasted SET n = 11 WHERE id = 6; DELETE FROM toasted WHERE id = 6; INSERT INTO toasted VALUES (6, 'small now', 's', 1)`,
      'UPDATE fully SET n = n + 1; UPDATE fully SET id = id + 10 WHERE id < 3',
    );
    await expectMirrored(
      'UPDATE toasted SET id = id + 1000',
      'UPDATE toasted SET n = 0 WHERE id > 1003',
      'UPDATE fully SET n = 0',
    );
    expect(await pipeline.rows('SELECT MIN(LENGTH(big)) FROM toasted WHERE id <> 1006')).toEqual([['20000']]);
  });

  it('counts equal rows of a table without a key', async () => {
    await expectMirrored(
      `INSERT INTO loose VALUES ('x', 1), ('x', 1), (NULL, NULL), (NULL, NULL)`,
      `DELETE FROM loose WHERE ctid IN (SELECT ctid FROM loose WHERE n = 1 LIMIT 3)`,
      `UPDATE loose SET n = 2 WHERE ctid IN (SELECT ctid FROM loose WHERE n = 0 LIMIT 2)`,
      `UPDATE loose SET name = 'y' WHERE n IS NULL AND ctid = (SELECT min(ctid) FROM loose WHERE n IS NULL); UPDATE loose SET n = n`,
    );
    const counts = await pipeline.sourceRows(
      `SELECT name, n, count(*) FROM loose GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2`,
    );
    expect(await pipeline.rows('SELECT name, n, COUNT(*) FROM loose GROUP BY 1, 2 ORDER BY 1, 2')).toEqual(counts);
  });

  it('finds rows by an index or by the columns that the user chose', async () => {
    await expectMirrored(
      `UPDATE by_index SET n = 10, id = NULL WHERE code = 'a'; UPDATE by_index SET code = 'c' WHERE code = 'b'; INSERT INTO by_index VALUES (3, 'b', 3)`,
      `UPDATE chosen SET n = 5 WHERE last = 'Turing'; UPDATE chosen SET last = 'King' WHERE first = 'Ada'; INSERT INTO chosen VALUES ('Ada', 'Lovelace', 9)`,
      `DELETE FROM by_index WHERE code = 'a'; DELETE FROM chosen WHERE last = 'King'`,
    );
    expect(await pipeline.rows('SELECT first, last, n FROM chosen ORDER BY n')).toEqual([
      ['Alan', 'Turing', '5'],
      ['Ada', 'Lovelace', '9'],
    ]);
  });

  it('takes a partitioned table as one, also when rows change their partition', async () => {
    await expectMirrored(
      `INSERT INTO parts VALUES (100, 'a', 0); UPDATE parts SET kind = 'b', n = 99 WHERE id = 2; DELETE FROM parts WHERE id = 4`,
      'UPDATE parts SET n = n + 1',
      `CREATE TABLE parts_c PARTITION OF parts FOR VALUES IN ('c'); INSERT INTO parts VALUES (7, 'c', 7); UPDATE parts SET kind = 'c' WHERE id = 100`,
    );
    await expectMirrored('TRUNCATE parts', `INSERT INTO parts VALUES (1, 'a', 1), (2, 'c', 2)`);
  });

  it('takes generated columns and odd names', async () => {
    await expectMirrored(
      'INSERT INTO summed (id, a, b) VALUES (2, 10, 20); UPDATE summed SET a = 100 WHERE id = 1',
      `UPDATE "Odd.Schema"."select "" from" SET "select" = 'ü', "a""b\`c" = NULL; INSERT INTO "Odd.Schema"."select "" from" VALUES (2, '', '', '')`,
    );
    expect(await pipeline.rows('SELECT total FROM summed ORDER BY id')).toEqual([['102'], ['30']]);
  });

  it('leaves out what was rolled back', async () => {
    await pipeline.write(`BEGIN; INSERT INTO plain VALUES (7001, 'no', 0); ROLLBACK`);
    await expectMirrored(
      `INSERT INTO plain VALUES (7002, 'yes', 0); SAVEPOINT one; DELETE FROM plain WHERE id < 100; SAVEPOINT two; TRUNCATE loose; ROLLBACK TO two;
       UPDATE plain SET n = -1; ROLLBACK TO one; INSERT INTO plain VALUES (7003, 'yes', 1); RELEASE one`,
    );
    expect(await pipeline.rows('SELECT id FROM plain WHERE id > 7000 ORDER BY id')).toEqual([['7002'], ['7003']]);
  });

  it('takes transactions that run side by side, in the order of their commits', async () => {
    const other = await pipeline.connectSource();
    try {
      await pipeline.write('BEGIN; UPDATE plain SET n = 1000 WHERE id = 20');
      await other.run(
        'BEGIN; UPDATE plain SET n = 2000 WHERE id = 21; COMMIT; BEGIN; UPDATE plain SET n = 3000 WHERE id = 22',
      );
      await pipeline.followed();
      await pipeline.write('UPDATE plain SET n = n + 1 WHERE id = 21; COMMIT');
      await other.run('UPDATE plain SET n = n + 1 WHERE id = 20; COMMIT');
      await expectMirrored();
      expect(await pipeline.rows('SELECT n FROM plain WHERE id BETWEEN 20 AND 22 ORDER BY id')).toEqual([
        ['1001'],
        ['2001'],
        ['3000'],
      ]);
    } finally {
      await other.end();
    }
  });
});

it('takes a transaction that is larger than memory, in pieces', async () => {
  const rows = 300_000;
  await using pipeline = await TestPipeline.open({
    ...servers,
    setup:
      'CREATE TABLE a (id integer PRIMARY KEY, name text); CREATE TABLE b (id integer, n integer); ALTER TABLE b REPLICA IDENTITY FULL; CREATE TABLE h (id integer PRIMARY KEY, n integer)',
    tables: ['public.a', 'public.b', { name: 'public.h', transfer: 'history' }],
    more: { extracts: { bytes: 4_000_000, rows: 1000 } },
  });
  await pipeline.copied();
  const { lastExtract } = await pipeline.catalog((catalog) => catalog.head());
  await pipeline.write(`BEGIN; INSERT INTO a SELECT n, 'name ' || n FROM generate_series(1, ${rows}) n;
    INSERT INTO b SELECT n % 100, n % 7 FROM generate_series(1, 20000) n; INSERT INTO h VALUES (1, 1);
    UPDATE a SET name = 'changed' WHERE id % 10 = 0; DELETE FROM a WHERE id % 10 = 1; UPDATE h SET n = 2; DELETE FROM b WHERE n = 3;
    UPDATE a SET id = -id WHERE id % 1000 = 2; COMMIT`);
  const result = await pipeline.followed();
  expect(result.to).toBe(lastExtract + 1);
  const [record] = await pipeline.catalog((catalog) => catalog.extractsAfter(lastExtract, 1));
  expect(record?.rows).toBeGreaterThan(rows);
  expect(await pipeline.rows('SELECT COUNT(*) FROM a')).toEqual([[String(rows * 0.9)]]);
  expect(await pipeline.rows('SELECT n, COUNT(*) FROM h GROUP BY n ORDER BY n')).toEqual([
    ['1', '1'],
    ['2', '1'],
  ]);
  expect(await pipeline.differences()).toEqual([]);
});

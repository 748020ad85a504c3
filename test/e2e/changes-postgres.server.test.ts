import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';

/** Changes that only PostgreSQL has: large values that are not sent, replica identities, TRUNCATE in a transaction. */

const SETUP = `
  CREATE TABLE plain (id integer PRIMARY KEY, name text, n integer);
  INSERT INTO plain SELECT n, 'name ' || n, n FROM generate_series(1, 50) n;
  CREATE TABLE onlykey (id integer PRIMARY KEY); INSERT INTO onlykey VALUES (1), (2);
  CREATE TABLE fully (id integer PRIMARY KEY, big text, n integer); ALTER TABLE fully REPLICA IDENTITY FULL;
  CREATE TABLE toasted (id integer PRIMARY KEY, big text, small text, n integer);
  ALTER TABLE toasted ALTER COLUMN big SET STORAGE EXTERNAL;
  INSERT INTO toasted SELECT n, repeat('big ' || n, 4000), 'small', n FROM generate_series(1, 9) n;
  INSERT INTO fully SELECT * FROM (SELECT id, big, n FROM toasted) t;
  CREATE TABLE by_index (id integer, code text NOT NULL, n integer); CREATE UNIQUE INDEX by_code ON by_index (code);
  ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_code; INSERT INTO by_index VALUES (1, 'a', 1), (2, 'b', 2)`;

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.open({
    ...sharedServers('postgres'),
    setup: SETUP,
    tables: ['plain', 'onlykey', 'fully', 'toasted', 'by_index'],
  });
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

it('takes TRUNCATE, with rows before and after it in the same transaction, and of several tables', async () => {
  await expectMirrored(
    `INSERT INTO plain VALUES (5000, 'gone', 0); TRUNCATE plain; INSERT INTO plain VALUES (1, 'first', 1), (2, 'second', 2)`,
  );
  expect(await pipeline.rows('SELECT COUNT(*) FROM plain')).toEqual([['2']]);
  await expectMirrored(
    'TRUNCATE plain, onlykey',
    'INSERT INTO plain SELECT n, NULL, n FROM generate_series(1, 10) n',
    'DELETE FROM plain WHERE id = 3',
  );
  await expectMirrored(
    `SAVEPOINT one; INSERT INTO onlykey VALUES (1); TRUNCATE plain; ROLLBACK TO one; INSERT INTO onlykey VALUES (2)`,
  );
  expect(await pipeline.rows('SELECT COUNT(*) FROM plain')).toEqual([['9']]);
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

it('finds rows by an index', async () => {
  await expectMirrored(
    `UPDATE by_index SET n = 10, id = NULL WHERE code = 'a'; UPDATE by_index SET code = 'c' WHERE code = 'b'; INSERT INTO by_index VALUES (3, 'b', 3)`,
    `DELETE FROM by_index WHERE code = 'a'`,
  );
});

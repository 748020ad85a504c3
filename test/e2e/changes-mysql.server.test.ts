import { afterAll, beforeAll, expect, it } from 'vitest';
import { isMysqlFrom } from '../contracts/source-connector/mysql/release.ts';
import { SOURCE_RELEASE } from '../fixtures/mysql-source-server.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { testSource } from '../fixtures/test-source.ts';

const kind = testSource('mysql');
/** With GTIDs, MySQL does the first from 8.0.21. */
const LIKE_LOOSE =
  SOURCE_RELEASE.product === 'MariaDB' || isMysqlFrom(SOURCE_RELEASE, 8, 1) ? 'AS SELECT * FROM loose' : 'LIKE loose';

/** Changes that only MySQL has: row images that leave columns out, statements that change rows by themselves. */

const SETUP = `
  CREATE TABLE wide (id INT PRIMARY KEY, big LONGTEXT, raw BLOB, small VARCHAR(20), n INT);
  INSERT INTO wide SELECT n, REPEAT(CONCAT('big ', n), 4000), REPEAT(X'00ff', 9000), 'small', n FROM ${kind.series(1, 9)};
  CREATE TABLE coded (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, code VARCHAR(10) UNIQUE, n INT);
  INSERT INTO coded (code, n) VALUES ('a', 1), ('b', 2), ('c', 3);
  CREATE TABLE counted (code VARCHAR(10) PRIMARY KEY, times INT NOT NULL);
  CREATE TRIGGER count_codes AFTER INSERT ON coded FOR EACH ROW INSERT INTO counted VALUES (NEW.code, 1) ON DUPLICATE KEY UPDATE times = times + 1;
  CREATE TABLE loose (name VARCHAR(20), n INT);
  INSERT INTO loose SELECT 'x', n % 3 FROM ${kind.series(1, 12)};
  CREATE TABLE hidden (id INT PRIMARY KEY, seen INT, unseen INT /*M! INVISIBLE */ /*!80023 INVISIBLE */ DEFAULT 7);
  INSERT INTO hidden (id, seen) VALUES (1, 1)`;

let pipeline: TestPipeline;

beforeAll(async () => {
  pipeline = await TestPipeline.open({
    ...sharedServers('mysql'),
    setup: SETUP,
    tables: ['wide', 'coded', 'counted', 'loose', 'hidden'],
  });
  await pipeline.copied();
  expect(await pipeline.differences()).toEqual([]);
});
afterAll(async () => {
  await pipeline[Symbol.asyncDispose]();
});

async function expectMirrored(...statements: string[]): Promise<void> {
  for (const sql of statements) await pipeline.write(sql);
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
}

it.each(['MINIMAL', 'NOBLOB'])('keeps what the image of an update leaves out: %s', async (image) => {
  const id = image === 'MINIMAL' ? 100 : 200;
  await pipeline.write(`SET SESSION binlog_row_image = '${image}'`);
  try {
    await expectMirrored(
      `UPDATE wide SET n = n + 1, small = NULL WHERE id <= 5`,
      `UPDATE wide SET id = id + ${id} WHERE id IN (1, 2)`,
      `UPDATE wide SET n = 7 WHERE id IN (1, ${id + 1})`,
      `INSERT INTO wide VALUES (${id + 50}, 'big', 'raw', 'small', 1); UPDATE wide SET big = 'now' WHERE id = ${id + 50}`,
      `BEGIN; INSERT INTO wide VALUES (${id + 60}, 'kept', NULL, NULL, 1); UPDATE wide SET n = 2 WHERE id = ${id + 60}; UPDATE wide SET id = ${id + 61} WHERE id = ${id + 60}; COMMIT`,
      `UPDATE wide SET big = REPEAT('other', 4000) WHERE id = 3; UPDATE wide SET n = 9 WHERE id = 3`,
      `BEGIN; UPDATE wide SET id = -id WHERE id IN (4, 5); UPDATE wide SET id = 5 WHERE id = -4; UPDATE wide SET id = 4 WHERE id = -5; COMMIT`,
      `UPDATE wide SET n = 11 WHERE id = 6; DELETE FROM wide WHERE id = 6; INSERT INTO wide VALUES (6, 'small now', 'r', NULL, NULL)`,
    );
    await expectMirrored(
      `UPDATE wide SET id = id + 1000 WHERE id < 10`,
      'UPDATE wide SET id = id - 1000 WHERE id > 1000',
    );
    expect(await pipeline.rows(`SELECT big FROM wide WHERE id = ${id + 61}`)).toEqual([['kept']]);
  } finally {
    await pipeline.write(`SET SESSION binlog_row_image = 'FULL'`);
  }
  await expectMirrored(
    `UPDATE wide SET id = id + 10000 WHERE id > 100; INSERT IGNORE INTO wide VALUES (1, 'one', 'r', 's', 1), (2, 'two', 'r', 's', 2)`,
  );
});

it.each(['MINIMAL', 'NOBLOB'])('stops where the image of a new row leaves out defaults: %s', async (image) => {
  await pipeline.write(
    `SET SESSION binlog_row_image = '${image}'; DELETE FROM wide WHERE id = 7; INSERT INTO wide (id, n) VALUES (7, 1);
     SET SESSION binlog_row_image = 'FULL'; UPDATE coded SET n = n + 1`,
  );
  expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('wide')]);
  const state = await pipeline.stateOf('wide');
  expect(state.tag === 'stopped' && state.message).toMatch(/binlog_row_image/);
  expect(await pipeline.rows('SELECT n FROM coded ORDER BY id')).toEqual(
    await pipeline.sourceRows('SELECT n FROM coded ORDER BY id'),
  );
  await pipeline.copied();
  await expectMirrored('UPDATE wide SET n = 5 WHERE id = 7');
});

it('takes upserts, REPLACE, triggers and statements over several tables', async () => {
  await expectMirrored(
    `INSERT INTO coded (code, n) VALUES ('a', 5), ('d', 4) ON DUPLICATE KEY UPDATE n = n + VALUES(n)`,
    `REPLACE INTO coded (code, n) VALUES ('b', 20)`,
    `REPLACE INTO coded (id, code, n) VALUES (1, 'c', 30)`,
    `INSERT IGNORE INTO coded (code, n) VALUES ('a', 9), ('e', 5)`,
    `UPDATE coded JOIN loose ON coded.n % 3 = loose.n SET coded.n = coded.n + 1, loose.name = 'y' WHERE loose.n = 2`,
    `DELETE coded, loose FROM coded JOIN loose ON coded.id = loose.n`,
    `BEGIN; INSERT INTO coded (code, n) SELECT CONCAT('s', n), n FROM ${kind.series(1, 5)}; COMMIT`,
    `INSERT INTO hidden (id, seen, unseen) VALUES (2, 2, 2); INSERT INTO hidden (id, seen) VALUES (3, 3); UPDATE hidden SET unseen = NULL WHERE id = 1`,
  );
  expect(await pipeline.rows('SELECT COUNT(*) FROM counted')).toEqual(
    await pipeline.sourceRows('SELECT COUNT(*) FROM counted'),
  );
  expect(await pipeline.rows('SELECT unseen FROM hidden ORDER BY id')).toEqual([[null], ['2'], ['7']]);
});

it('takes statements that commit by themselves in the middle of a transaction', async () => {
  await expectMirrored(
    `BEGIN; INSERT INTO loose VALUES ('before', 1); CREATE TABLE unrelated (id INT); INSERT INTO loose VALUES ('after', 2); ROLLBACK`,
    `BEGIN; INSERT INTO loose VALUES ('gone', 1); ROLLBACK`,
    `CREATE TEMPORARY TABLE passing AS SELECT 1 AS n; BEGIN; INSERT INTO passing VALUES (2); INSERT INTO loose SELECT 'from temporary', n FROM passing; COMMIT; DROP TEMPORARY TABLE passing`,
    `CREATE TABLE made ${LIKE_LOOSE}; DROP TABLE made, unrelated`,
    `FLUSH TABLES; ANALYZE TABLE loose; OPTIMIZE TABLE coded`,
    `SET SESSION autocommit = 0; INSERT INTO loose VALUES ('not yet', 1); COMMIT; SET SESSION autocommit = 1`,
  );
});

it('goes on over a change of the log file, and knows rows of any size of event', async () => {
  await expectMirrored(
    `FLUSH BINARY LOGS; INSERT INTO coded (code, n) VALUES ('f1', 1)`,
    `FLUSH BINARY LOGS; FLUSH BINARY LOGS; UPDATE coded SET n = n + 1`,
    `INSERT INTO wide (id, big, raw) SELECT 500 + n, REPEAT('x', 200000), NULL FROM ${kind.series(1, 20)}`,
    `DELETE FROM wide WHERE id > 500`,
  );
});

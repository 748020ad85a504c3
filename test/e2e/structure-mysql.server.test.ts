import { describe, expect, it } from 'vitest';
import { SOURCE_RELEASE } from '../fixtures/mysql-source-server.ts';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { testSource } from '../fixtures/test-source.ts';

const kind = testSource('mysql');

/** MySQL's ALTERs: what is safe is applied, anything else stops that table alone and says so. Many tables share a pipeline, because each case takes a copy. */

const ITEMS = '(id INT PRIMARY KEY, name VARCHAR(20), n SMALLINT, price DECIMAL(6,2))';
const FILL = `SELECT n, CONCAT('item ', n), n, n * 1.25 FROM ${kind.series(1, 5)}`;

/** A pipeline with a table of items for each name, and a table `other` that must go on. */
async function open(names: readonly string[], transfer: 'mirror' | 'history' = 'mirror'): Promise<TestPipeline> {
  const tables = names.map((name) => `CREATE TABLE ${name} ${ITEMS}; INSERT INTO ${name} ${FILL}`);
  const pipeline = await TestPipeline.open({
    ...sharedServers('mysql'),
    setup: [...tables, 'CREATE TABLE other (id INT PRIMARY KEY, n INT); INSERT INTO other VALUES (1, 0)'].join(';'),
    tables: [...names.map((name) => ({ name, transfer })), 'other'],
  });
  try {
    await pipeline.copied();
  } catch (error) {
    await pipeline[Symbol.asyncDispose]();
    throw error;
  }
  return pipeline;
}

async function columnType(pipeline: TestPipeline, table: string, column: string): Promise<string | null> {
  const rows = await pipeline.rows(
    `SELECT column_type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '${table}' AND column_name = '${column}'`,
  );
  return rows[0]?.[0] ?? null;
}

describe('is applied by itself', () => {
  it.each(['mirror', 'history'] as const)('an added column, with what its old rows have: %s', async (transfer) => {
    await using pipeline = await open(['items'], transfer);
    await pipeline.write(`UPDATE items SET n = 10 WHERE id = 1; ALTER TABLE items ADD COLUMN plain TEXT`);
    await pipeline.write(`INSERT INTO items VALUES (6, 'six', 6, 6, 'plain 6')`);
    await pipeline.write(`ALTER TABLE items ADD COLUMN word VARCHAR(20) NOT NULL DEFAULT 'it''s ü', ADD COLUMN num DECIMAL(5,2) DEFAULT 1.5,
      ADD COLUMN yes BOOLEAN DEFAULT TRUE, ADD COLUMN big BIGINT UNSIGNED NOT NULL DEFAULT 18446744073709551615,
      ADD COLUMN day DATE DEFAULT '2024-02-29', ADD COLUMN kind ENUM('x', 'ü') NOT NULL, ADD COLUMN vacant VARCHAR(5) NOT NULL AFTER name, ADD COLUMN first_one INT FIRST`);
    await pipeline.write(
      `UPDATE items SET n = 11 WHERE id = 2; INSERT INTO items (id, word, num, vacant) VALUES (7, 'own', NULL, '')`,
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(
      await pipeline.rows(`SELECT word, num, yes, big, day, kind, vacant, first_one FROM items WHERE id = 3`),
    ).toEqual([["it's ü", '1.50', '1', '18446744073709551615', '2024-02-29', 'x', '', null]]);
    await pipeline.write(
      `DELETE FROM items WHERE id = 4; UPDATE items SET word = 'new' WHERE id = 5; ALTER TABLE items ALTER COLUMN word SET DEFAULT 'later'; INSERT INTO items (id, vacant) VALUES (8, '')`,
    );
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
  });

  it('a wider type, another place, an index, a comment, and a change in the middle of an extract', async () => {
    await using pipeline = await open(['items']);
    await pipeline.write(`UPDATE items SET n = 7 WHERE id = 1`);
    await pipeline.write(
      `ALTER TABLE items MODIFY name VARCHAR(40), MODIFY n BIGINT, MODIFY price DECIMAL(12,2), ADD COLUMN kind ENUM('a')`,
    );
    await pipeline.write(`INSERT INTO items VALUES (6, REPEAT('x', 40), 9223372036854775807, 1234567890.12, 'a')`);
    await pipeline.followed();
    await pipeline.write(
      `UPDATE items SET n = 8 WHERE id = 1; ALTER TABLE items MODIFY name TEXT, MODIFY kind ENUM('a', 'b')`,
    );
    await pipeline.write(
      `UPDATE items SET name = REPEAT('y', 60000), kind = 'b' WHERE id = 2; ALTER TABLE items MODIFY id BIGINT FIRST, ADD INDEX (n), COMMENT 'items', ALGORITHM = COPY`,
    );
    await pipeline.write(
      `UPDATE items SET id = 9000000000 WHERE id = 3; ALTER TABLE items MODIFY price DECIMAL(12,2) FIRST`,
    );
    await pipeline.write(
      `UPDATE items SET price = 2, n = 3 WHERE id = 5; CREATE INDEX by_price ON items (price); ALTER TABLE items ENGINE = InnoDB, FORCE`,
    );
    await pipeline.write(`DELETE FROM items WHERE id = 4; INSERT INTO items (id) VALUES (44)`);
    await pipeline.followed();
    expect(await pipeline.differences()).toEqual([]);
    expect(await columnType(pipeline, 'items', 'n')).toMatch(/^bigint/);
    expect(await columnType(pipeline, 'items', 'price')).toBe('decimal(12,2)');
  });
});

const REPLACE = SOURCE_RELEASE.product === 'MariaDB' ? 'CREATE OR REPLACE TABLE' : 'DROP TABLE T; CREATE TABLE';

/** What is done to a table, a row that is written then, and what the reason must name. */
const STOPPING: Readonly<Record<string, readonly [ddl: string, insert: string, reason: RegExp]>> = {
  present_time: ['ALTER TABLE T ADD COLUMN made TIMESTAMP DEFAULT CURRENT_TIMESTAMP', '(id) VALUES (6)', /made/],
  serial: ['ALTER TABLE T ADD COLUMN num INT AUTO_INCREMENT UNIQUE', '(id) VALUES (6)', /num/],
  computed: ['ALTER TABLE T ADD COLUMN twice INT AS (n * 2) STORED', '(id, n) VALUES (6, 1)', /twice/],
  dropped: ['ALTER TABLE T DROP COLUMN name', '(id, n) VALUES (6, 1)', /name/],
  renamed: ['ALTER TABLE T RENAME COLUMN name TO title', '(id, n) VALUES (6, 1)', /name/],
  changed: ['ALTER TABLE T CHANGE name title VARCHAR(20)', '(id, n) VALUES (6, 1)', /name/],
  narrower: ['ALTER TABLE T MODIFY name VARCHAR(10)', '(id, n) VALUES (6, 1)', /name/],
  other_type: ['ALTER TABLE T MODIFY n TEXT', `(id, n) VALUES (6, 'x')`, /\bn\b/],
  sign: ['ALTER TABLE T MODIFY n SMALLINT UNSIGNED', '(id, n) VALUES (6, 60000)', /\bn\b/],
  other_key: ['ALTER TABLE T DROP PRIMARY KEY, ADD PRIMARY KEY (id, n)', '(id, n) VALUES (6, 1)', /key/],
  no_key: ['ALTER TABLE T DROP PRIMARY KEY', '(id, n) VALUES (6, 1)', /key/],
  renamed_key: ['ALTER TABLE T RENAME COLUMN id TO number', '(number, n) VALUES (6, 1)', /\bid\b/],
  added_again: [
    'ALTER TABLE T DROP COLUMN name; ALTER TABLE T ADD COLUMN name VARCHAR(20)',
    '(id, n) VALUES (6, 1)',
    /name/,
  ],
  swapped: [
    'ALTER TABLE T ADD COLUMN first VARCHAR(9), ADD COLUMN second VARCHAR(9); UPDATE T SET first = 1, second = 2; ALTER TABLE T RENAME COLUMN first TO second, RENAME COLUMN second TO first',
    '(id, n) VALUES (6, 1)',
    /first|second/,
  ],
  gone_again: [
    'ALTER TABLE T ADD COLUMN extra TEXT; UPDATE T SET extra = n; ALTER TABLE T DROP COLUMN extra',
    '(id, n) VALUES (6, 1)',
    /extra/,
  ],
  renamed_table: ['ALTER TABLE T RENAME TO T_away; RENAME TABLE T_away TO T', '(id, n) VALUES (6, 1)', /./],
  replaced: [
    'CREATE TABLE T_gho LIKE T; INSERT INTO T_gho SELECT * FROM T; RENAME TABLE T TO T_del, T_gho TO T',
    '(id, n) VALUES (6, 1)',
    /./,
  ],
  recreated: [`${REPLACE} T (id INT PRIMARY KEY, n INT, price DECIMAL(6,2))`, '(id, n) VALUES (6, 1)', /./],
  converted: ['ALTER TABLE T CONVERT TO CHARACTER SET latin1', '(id, n) VALUES (6, 1)', /./],
  lenient: [
    `SET SESSION sql_mode = ''; ALTER TABLE T MODIFY name VARCHAR(40) NOT NULL; SET SESSION sql_mode = 'STRICT_TRANS_TABLES'`,
    `(id, name) VALUES (6, '')`,
    /./,
  ],
  // MySQL with GTIDs refuses it.
  ...(SOURCE_RELEASE.product === 'MariaDB'
    ? { computed_default: ['ALTER TABLE T ADD COLUMN token VARCHAR(36) DEFAULT UUID()', '(id) VALUES (6)', /token/] }
    : {}),
};
const NAMES = Object.keys(STOPPING);

it('stops the table, and the others go on; a full extract mends it', async () => {
  await using pipeline = await open(NAMES);
  const of = (sql: string, table: string) => sql.replaceAll(/\bT(?=_|\b)/g, table);
  for (const [table, [ddl, insert]] of Object.entries(STOPPING)) {
    await pipeline.write(of(`INSERT INTO T (id, n) VALUES (100, 1); ${ddl}`, table));
    await pipeline.write(of(`INSERT INTO T ${insert}; UPDATE other SET n = n + 1`, table));
  }
  const result = await pipeline.delta();
  expect([...result.stopped].sort()).toEqual(NAMES.map((name) => pipeline.idOf(name)).sort());
  for (const [table, [, , reason]] of Object.entries(STOPPING)) {
    const state = await pipeline.stateOf(table);
    expect(state, table).toMatchObject({ tag: 'stopped' });
    if (state.tag !== 'stopped') continue;
    expect(['PS4005', 'PS4012'], table).toContain(state.code);
    expect(state.message, table).toMatch(reason);
    expect(state.remedy, table).toMatch(/full-extract/);
  }
  expect(await pipeline.rows('SELECT n FROM other')).toEqual([[String(NAMES.length)]]);
  await pipeline.write('UPDATE other SET n = -1');
  expect((await pipeline.delta()).stopped).toHaveLength(NAMES.length);
  expect(await pipeline.rows('SELECT n FROM other')).toEqual([['-1']]);

  pipeline.configuration.tables = [...NAMES.map((name) => ({ name, redoInitialExtract: true })), 'other'];
  await pipeline.copied();
  for (const table of NAMES) {
    await pipeline.write(`UPDATE ${table} SET price = 5 WHERE price IS NULL; DELETE FROM ${table} WHERE price > 6`);
  }
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
});

it('keeps what a table lost in its partitions from passing unseen', async () => {
  await using pipeline = await TestPipeline.open({
    ...sharedServers('mysql'),
    setup: `CREATE TABLE parts (id INT PRIMARY KEY, n INT) PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN MAXVALUE);
      INSERT INTO parts SELECT n, n FROM ${kind.series(1, 20)}`,
    tables: ['parts'],
  });
  for (const statement of ['TRUNCATE PARTITION low', 'DROP PARTITION low']) {
    await pipeline.copied();
    await pipeline.write(
      `ALTER TABLE parts ${statement}; INSERT INTO parts VALUES (100, 1) ON DUPLICATE KEY UPDATE n = n + 1`,
    );
    expect((await pipeline.delta()).stopped, statement).toEqual([pipeline.idOf('parts')]);
  }
  await pipeline.copied();
  expect(await pipeline.differences()).toEqual([]);
});

it('a table that is renamed for a while, and one that is gone', async () => {
  await using pipeline = await open(['items']);
  await pipeline.write('RENAME TABLE items TO products; INSERT INTO products (id) VALUES (6); UPDATE other SET n = 1');
  expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('items')]);
  expect(await pipeline.rows('SELECT n FROM other')).toEqual([['1']]);
  await pipeline.write('RENAME TABLE products TO items; UPDATE items SET n = 9 WHERE id = 1');
  expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('items')]);
  await pipeline.copied();
  await pipeline.write('UPDATE items SET n = 10 WHERE id = 1');
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
  await pipeline.write('DROP TABLE items');
  expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('items')]);
});

it('DDL between the copy and the log is met where it stands in the log', async () => {
  await using pipeline = await open(['items']);
  await pipeline.write(`ALTER TABLE items ADD COLUMN extra VARCHAR(9) DEFAULT 'e'`);
  await pipeline.write(
    `INSERT INTO items (id) VALUES (6); ALTER TABLE items DROP COLUMN name; INSERT INTO items (id) VALUES (7); UPDATE other SET n = 5`,
  );
  expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('items')]);
  expect(await pipeline.rows('SELECT n FROM other')).toEqual([['5']]);
  await pipeline.copied();
  await pipeline.write('INSERT INTO items (id) VALUES (8)');
  await pipeline.followed();
  expect(await pipeline.differences()).toEqual([]);
});

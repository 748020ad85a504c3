import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedServers, TestPipeline } from '../fixtures/pipeline.ts';
import { SOURCE_TYPES, testSource, type TestSource } from '../fixtures/test-source.ts';

/** Every kind of change on every kind of table that all sources have, compared by checksums after each. */

const PARTITIONS = {
  postgres: {
    table: `PARTITION BY LIST (kind); CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a'); CREATE TABLE parts_b PARTITION OF parts FOR VALUES IN ('b')`,
    third: `CREATE TABLE parts_c PARTITION OF parts FOR VALUES IN ('c')`,
  },
  mysql: {
    table: `PARTITION BY LIST COLUMNS (kind) (PARTITION a VALUES IN ('a'), PARTITION b VALUES IN ('b'))`,
    third: `ALTER TABLE parts ADD PARTITION (PARTITION c VALUES IN ('c'))`,
  },
} as const;

/** A name and column names that must be quoted everywhere, as each source quotes them. */
const ODD_NAMES = {
  postgres: { quote: '"', schema: 'Odd.Schema', table: 'select "" from', columns: ['Key', 'a""b`c', 'select', 'ünï'] },
  mysql: { quote: '`', schema: null, table: 'odd.select " from', columns: ['Key', 'a"b``c', 'select', 'ünï'] },
} as const;

function oddNames(kind: TestSource, database: string) {
  const { quote, schema, table, columns } = ODD_NAMES[kind.type];
  const quoted = (name: string) => `${quote}${name}${quote}`;
  return {
    schema: schema === null ? null : quoted(schema),
    table: schema === null ? quoted(table) : `${quoted(schema)}.${quoted(table)}`,
    id: schema === null ? `${database}."odd.select "" from"` : `"${schema}"."${table}"`,
    columns: columns.map(quoted),
  };
}

function setup(kind: TestSource): string[] {
  const { schema, table, columns } = oddNames(kind, '');
  const [key, b, c, d] = columns;
  return [
    `CREATE TABLE plain (id integer PRIMARY KEY, name text, n integer)`,
    `INSERT INTO plain SELECT n, concat('name ', n), n FROM ${kind.series(1, 50)}`,
    `CREATE TABLE pairs (a integer, b varchar(20), n integer, PRIMARY KEY (b, a))`,
    `INSERT INTO pairs SELECT n, concat('b', n % 3), n FROM ${kind.series(1, 20)}`,
    `CREATE TABLE onlykey (id integer PRIMARY KEY); INSERT INTO onlykey VALUES (1), (2)`,
    `CREATE TABLE loose (name varchar(20), n integer)`,
    ...kind.identifyByWholeRows('loose'),
    `INSERT INTO loose SELECT 'x', n % 3 FROM ${kind.series(1, 12)}`,
    `CREATE TABLE chosen (first varchar(40) NOT NULL, last varchar(40) NOT NULL, n integer)`,
    ...kind.identifyByWholeRows('chosen'),
    `INSERT INTO chosen VALUES ('Ada', 'Lovelace', 1), ('Alan', 'Turing', 2)`,
    `CREATE TABLE parts (id integer, kind varchar(5), n integer, PRIMARY KEY (id, kind)) ${PARTITIONS[kind.type].table}`,
    `INSERT INTO parts SELECT n, CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END, n FROM ${kind.series(1, 20)}`,
    `CREATE TABLE summed (id integer PRIMARY KEY, a integer, b integer, total integer GENERATED ALWAYS AS (a + b) STORED)`,
    `INSERT INTO summed (id, a, b) VALUES (1, 1, 2)`,
    ...(schema === null ? [] : [`CREATE SCHEMA ${schema}`]),
    `CREATE TABLE ${table} (${key ?? ''} integer PRIMARY KEY, ${b ?? ''} text, ${c ?? ''} text, ${d ?? ''} text)`,
    `INSERT INTO ${table} VALUES (1, 'a', 'b', 'c')`,
  ];
}

describe.each(SOURCE_TYPES)('a mirror of %s', (type) => {
  const kind = testSource(type);
  let pipeline: TestPipeline;

  beforeAll(async () => {
    pipeline = await TestPipeline.open({ ...sharedServers(type), setup: setup(kind).join(';') });
    pipeline.configuration.tables = [
      ...['plain', 'pairs', 'onlykey', 'loose', 'parts', 'summed'],
      { name: 'chosen', key: ['last', 'first'] },
      oddNames(kind, pipeline.name).id,
    ];
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

  it('takes TRUNCATE between transactions', async () => {
    await expectMirrored(
      `INSERT INTO plain VALUES (5000, 'gone', 0)`,
      'TRUNCATE TABLE plain',
      `INSERT INTO plain VALUES (1, 'first', 1), (2, 'second', 2)`,
    );
    expect(await pipeline.rows('SELECT COUNT(*) FROM plain')).toEqual([['2']]);
    await expectMirrored('TRUNCATE TABLE plain', 'TRUNCATE TABLE loose');
    expect(await pipeline.rows('SELECT COUNT(*) FROM plain')).toEqual([['0']]);
    await expectMirrored(
      `INSERT INTO plain SELECT n, 'name', n FROM ${kind.series(1, 60)}; INSERT INTO loose SELECT 'x', n % 3 FROM ${kind.series(1, 12)}`,
    );
  });

  it('counts equal rows of a table without a key', async () => {
    await expectMirrored(
      `INSERT INTO loose VALUES ('x', 1), ('x', 1), (NULL, NULL), (NULL, NULL)`,
      `DELETE FROM loose ${kind.someRows('loose', 'n = 1', 3)}`,
      `UPDATE loose SET n = 2 ${kind.someRows('loose', 'n = 0', 2)}`,
      `UPDATE loose SET name = 'y' ${kind.someRows('loose', 'n IS NULL', 1)}; UPDATE loose SET n = n`,
    );
    const counted = 'SELECT name, n, COUNT(*) FROM loose GROUP BY name, n';
    const texts = (rows: (string | null)[][]) => rows.map((row) => JSON.stringify(row)).sort();
    expect(texts(await pipeline.rows(counted))).toEqual(texts(await pipeline.sourceRows(counted)));
  });

  it('finds rows by the columns that the user chose', async () => {
    await expectMirrored(
      `UPDATE chosen SET n = 5 WHERE last = 'Turing'; UPDATE chosen SET last = 'King' WHERE first = 'Ada'; INSERT INTO chosen VALUES ('Ada', 'Lovelace', 9)`,
      `DELETE FROM chosen WHERE last = 'King'`,
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
      PARTITIONS[type].third,
      `INSERT INTO parts VALUES (7, 'c', 7); UPDATE parts SET kind = 'c' WHERE id = 100`,
    );
    await expectMirrored('TRUNCATE TABLE parts', `INSERT INTO parts VALUES (1, 'a', 1), (2, 'c', 2)`);
  });

  it('takes generated columns and odd names', async () => {
    const { table, columns } = oddNames(kind, pipeline.name);
    const [, b, c] = columns;
    await expectMirrored(
      'INSERT INTO summed (id, a, b) VALUES (2, 10, 20); UPDATE summed SET a = 100 WHERE id = 1',
      `UPDATE ${table} SET ${c ?? ''} = 'ü', ${b ?? ''} = NULL; INSERT INTO ${table} VALUES (2, '', '', '')`,
    );
    expect(await pipeline.rows('SELECT total FROM summed ORDER BY id')).toEqual([['102'], ['30']]);
  });

  it('leaves out what was rolled back', async () => {
    await pipeline.write(`BEGIN; INSERT INTO plain VALUES (7001, 'no', 0); ROLLBACK`);
    await expectMirrored(
      `INSERT INTO plain VALUES (7002, 'yes', 0); SAVEPOINT one; DELETE FROM plain WHERE id < 100; SAVEPOINT two; DELETE FROM loose; ROLLBACK TO SAVEPOINT two;
       UPDATE plain SET n = -1; ROLLBACK TO SAVEPOINT one; INSERT INTO plain VALUES (7003, 'yes', 1); RELEASE SAVEPOINT one`,
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

it.each([
  ['postgres', 300_000, 4_000_000],
  ['mysql', 100_000, 1_000_000],
] as const)('takes a transaction that is larger than memory, in pieces: %s', async (type, rows, bytes) => {
  const kind = testSource(type);
  await using pipeline = await TestPipeline.open({
    ...sharedServers(type),
    setup: [
      'CREATE TABLE a (id integer PRIMARY KEY, name text)',
      'CREATE TABLE b (id integer, n integer)',
      ...kind.identifyByWholeRows('b'),
      'CREATE TABLE h (id integer PRIMARY KEY, n integer)',
    ].join(';'),
    tables: ['a', 'b', { name: 'h', transfer: 'history' }],
    more: { extracts: { bytes, rows: 1000 } },
  });
  await pipeline.copied();
  const { lastExtract } = await pipeline.catalog((catalog) => catalog.head());
  await pipeline.write(`BEGIN; INSERT INTO a SELECT n, concat('name ', n) FROM ${kind.series(1, rows)};
    INSERT INTO b SELECT n % 100, n % 7 FROM ${kind.series(1, 20_000)}; INSERT INTO h VALUES (1, 1);
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

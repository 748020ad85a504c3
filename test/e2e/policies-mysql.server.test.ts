import { describe, expect, it } from 'vitest';
import { sharedServers, TestPipeline, type Section } from '../fixtures/pipeline.ts';

/** What the user may choose for values that only MySQL has: zero dates, and the seeds' "Handle zero length strings". */

const VALUES = `'0000-00-00', '2024-00-10 10:00:00', '0000-00-00 00:00:00'`;

async function open(setup: string, source: Section): Promise<TestPipeline> {
  return TestPipeline.open({ ...sharedServers('mysql'), setup, source, tables: ['items'] });
}

describe('zero dates', () => {
  const setup = `CREATE TABLE items (id INT PRIMARY KEY, day DATE NOT NULL DEFAULT '0000-00-00', at DATETIME, zoned TIMESTAMP NULL, n INT);
    INSERT INTO items VALUES (1, ${VALUES}, 1), (2, '2024-02-29', '2024-02-29 10:00', '2024-02-29 10:00', 2)`;

  it('null: they become NULL when copied and when logged; what else does not fit still stops the table', async () => {
    await using pipeline = await open(setup, { zeroDates: 'null' });
    await pipeline.copied();
    await pipeline.write(
      `INSERT INTO items VALUES (3, ${VALUES}, 3); UPDATE items SET day = '0000-00-00' WHERE id = 2; INSERT INTO items (id) VALUES (4)`,
    );
    await pipeline.followed();
    expect(await pipeline.rows('SELECT id, day, at, zoned FROM items ORDER BY id')).toEqual([
      ['1', null, null, null],
      ['2', null, '2024-02-29 10:00:00', '2024-02-29 10:00:00'],
      ['3', null, null, null],
      ['4', null, null, null],
    ]);
    expect(await pipeline.differences()).toEqual([]);
    await pipeline.write(`INSERT INTO items VALUES (5, '0044-03-15', NULL, NULL, 5)`);
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('items')]);
    expect(await pipeline.stateOf('items')).toMatchObject({ tag: 'stopped', code: 'PS4004' });
  });

  it('stop: they do not fit', async () => {
    await using pipeline = await open(setup, { zeroDates: 'stop' });
    const { tables } = await pipeline.fullExtract();
    expect(tables[0]?.error).toMatchObject({ code: 'PS4004' });
    await pipeline.write('DELETE FROM items WHERE id = 1');
    await pipeline.copied();
    await pipeline.write('INSERT INTO items (id, n) VALUES (3, 3)');
    expect((await pipeline.delta()).stopped).toEqual([pipeline.idOf('items')]);
    expect(await pipeline.rows('SELECT id FROM items')).toEqual([['2']]);
  });
});

describe('zero length strings', () => {
  const setup = `CREATE TABLE items (code VARCHAR(10) PRIMARY KEY, short CHAR(5), name VARCHAR(20) NOT NULL, note TEXT);
    INSERT INTO items VALUES ('', '', '', ''), ('a', 'x', ' ', NULL)`;

  it.each([
    ['keep', ''],
    ['null', null],
  ] as const)('%s', async (zeroLengthStrings, stored) => {
    await using pipeline = await open(setup, { zeroLengthStrings });
    await pipeline.copied();
    await pipeline.write(
      `INSERT INTO items VALUES ('b', '', '', ''), ('c', 'x', 'y', 'z'); UPDATE items SET short = '', note = '' WHERE code = 'c'`,
    );
    await pipeline.followed();
    expect(await pipeline.rows('SELECT code, short, name, note FROM items ORDER BY code')).toEqual([
      ['', stored, stored, stored],
      ['a', 'x', ' ', null],
      ['b', stored, stored, stored],
      ['c', stored, 'y', stored],
    ]);
    await pipeline.write(`UPDATE items SET name = 'now' WHERE code = ''; DELETE FROM items WHERE code = 'b'`);
    await pipeline.followed();
    expect(await pipeline.rows(`SELECT name FROM items WHERE code = ''`)).toEqual([['now']]);
    expect(await pipeline.differences()).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openFake, type OpenedFake } from '../../../test/contracts/source-connector/oracle/servers.ts';
import {
  changesOf,
  copyTable,
  LogReader,
  NEVER,
  readToNow,
  select,
  transactionsOf,
} from '../../../test/contracts/source-connector/reading.ts';
import type { SourceEvent } from '../../changes/change.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import { oracleConnector } from './definition.ts';
import { readKept } from './following/table-structure.ts';
import { minedPlaceOf } from './mining/mined-place.ts';

const CONTINUOUS = { type: 'oracle19c', extractType: 'continuousLogMiner' } as const;

function obstacles(events: readonly SourceEvent[]): string[] {
  return events.flatMap((event) => (event.tag === 'obstacle' ? [event.reason] : []));
}

/** Each change, by the names of its own structure. */
function told(events: readonly SourceEvent[]): unknown[] {
  return changesOf(events).map(({ op, schema, before, after, misfit }) => {
    expect(misfit).toBeNull();
    const named = schema.columns.flatMap(({ name }, place) => {
      const value = (after ?? before)?.[place];
      return value === undefined ? [] : [[name.toUpperCase(), value] as const];
    });
    return [op, Object.fromEntries(named)];
  });
}

/** What every structure says of rows that are older than its columns. */
function backfills(events: readonly SourceEvent[]): Record<string, string | null> {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.tag === 'schema'
        ? event.schema.columns.map(({ name, backfill, backfillUnknown }) => [
            name.toUpperCase(),
            backfillUnknown ? '?' : backfill,
          ])
        : [],
    ),
  );
}

describe('rows of a table that was altered before they were read', () => {
  let opened: OpenedFake;
  let source: SourceConnector;
  beforeAll(async () => {
    opened = await openFake(inject('postgres'), 'stream_structure', CONTINUOUS, oracleConnector);
    source = opened.database.connect();
  });
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
    await opened.database[Symbol.asyncDispose]();
  });
  const run = (...statements: readonly string[]) => opened.database.admin.run(...statements);

  async function made(name: string, columns: string): Promise<TableSelection> {
    await run(`DROP TABLE IF EXISTS ${name}`, `CREATE TABLE ${name} (${columns}, PRIMARY KEY (id))`);
    return select(opened.database, name);
  }

  it('are told by the columns that there were, whatever their types, from every place to go on from', async () => {
    const table = await made(
      'versions',
      'id INTEGER NOT NULL, a NUMBER, b VARCHAR2(20), c NVARCHAR2(20), d CHAR(3), e DATE, f TIMESTAMP(9), g RAW(8), h TIMESTAMP(6) WITH TIME ZONE',
    );
    const start = await source.prepare([table], null, NEVER);
    await run(
      `INSERT INTO versions VALUES (1, -12.5, 'grün ☃', 'né', 'x', DATE '2024-02-29', '2024-02-29 23:59:59.123456789', HEXTORAW('00ff'), '2024-02-29 23:59:59.5 +05:30')`,
      `INSERT INTO versions (id) VALUES (2)`,
      `ALTER TABLE versions ADD (later VARCHAR2(10) DEFAULT 'l' NOT NULL, more NUMBER)`,
      ...[
        'BEGIN',
        `UPDATE versions SET a = 1e20, b = NULL WHERE id = 1`,
        'UPDATE versions SET id = 3 WHERE id = 2',
        'COMMIT',
      ],
      `INSERT INTO versions (id, b, more) VALUES (4, 'four', 44)`,
      'ALTER TABLE versions MODIFY (b VARCHAR2(40))',
      `DELETE FROM versions WHERE id = 3`,
      `ALTER TABLE versions ADD last DATE DEFAULT DATE '2020-01-02'`,
      `INSERT INTO versions (id, b) VALUES (5, '${'y'.repeat(40)}')`,
    );
    const { events } = await readToNow(source, start, [table]);
    expect(obstacles(events)).toEqual([]);
    const first = {
      ...{ ID: '1', A: '-12.5', B: 'grün ☃', C: 'né', D: 'x  ', E: '2024-02-29 00:00:00' },
      ...{ F: '2024-02-29 23:59:59.123456789', G: Buffer.from('00ff', 'hex').toString('hex').toUpperCase() },
      H: '2024-02-29 23:59:59.500000 +05:30',
    };
    const none = { A: null, B: null, C: null, D: null, E: null, F: null, G: null, H: null };
    const expected = [
      ['insert', expect.objectContaining({ ...first, G: expect.anything() as unknown })],
      ['insert', { ID: '2', ...none }],
      ['update', expect.objectContaining({ ID: '1', A: '100000000000000000000', B: null, LATER: 'l', MORE: null })],
      ['update', { ID: '3', ...none, LATER: 'l', MORE: null }],
      ['insert', { ID: '4', ...none, B: 'four', LATER: 'l', MORE: '44' }],
      ['delete', { ID: '3' }],
      ['insert', { ID: '5', ...none, B: 'y'.repeat(40), LATER: 'l', MORE: null, LAST: '2020-01-02 00:00:00' }],
    ];
    const changes = told(events);
    expect(changes).toEqual(expected);
    expect(backfills(events)).toMatchObject({ LATER: 'l', MORE: null, LAST: '2020-01-02 00:00:00' });
    const { rows } = await copyTable(source, table);
    expect(rows.find(([id]) => id === '5')).toEqual(changesOf(events).at(-1)?.after);
    // From behind each transaction the rest is the same.
    const transactions = transactionsOf(events).filter(({ changes: all }) => all.length > 0);
    for (const event of events) {
      if (event.tag !== 'commit' && event.tag !== 'heartbeat') continue;
      const rest = await readToNow(source, event.position, [table]);
      expect(obstacles(rest.events)).toEqual([]);
      const behind = told(rest.events);
      expect(behind).toEqual(changes.slice(changes.length - behind.length));
      const known = transactions.filter(({ order }) => order > event.position.order).flatMap(({ changes: all }) => all);
      expect(behind).toHaveLength(known.length);
    }
  });

  it('older ones have the default that a column was added with, not the one that it got later', async () => {
    const table = await made('defaults', 'id INTEGER NOT NULL');
    await run('INSERT INTO defaults VALUES (1)');
    const start = await source.prepare([table], null, NEVER);
    await run(
      `ALTER TABLE defaults ADD (c VARCHAR2(10) DEFAULT 'first' NOT NULL)`,
      `ALTER TABLE defaults MODIFY (c DEFAULT 'second')`,
    );
    // Nothing was told yet that has the column.
    const { reached } = await readToNow(source, start, [table]);
    await run('INSERT INTO defaults (id) VALUES (2)');
    const { events } = await readToNow(source, reached, [table]);
    expect(told(events)).toEqual([['insert', { ID: '2', C: 'second' }]]);
    expect(backfills(events)['C']).toBe('first');
  });

  it('that has another one of its name by now stops, and no row of either is taken for one of the other', async () => {
    const table = await made('again', 'id INTEGER NOT NULL, n INTEGER');
    const start = await source.prepare([table], null, NEVER);
    await run(
      'INSERT INTO again VALUES (1, 2)',
      'DROP TABLE again',
      'CREATE TABLE again (n INTEGER, id INTEGER NOT NULL, PRIMARY KEY (id))',
      'INSERT INTO again (id, n) VALUES (3, 4)',
    );
    const { events } = await readToNow(source, start, [table]);
    expect(obstacles(events)[0]).toMatch(/there is another one of its name/);
    expect(told(events)).toEqual([['insert', { N: '4', ID: '3' }]]);
    const later = await readToNow(source, await source.prepare([table], null, NEVER), [table]);
    expect(obstacles(later.events)).toEqual([]);
  });

  it('that has another name by now stops', async () => {
    const table = await made('here', 'id INTEGER NOT NULL');
    await run('DROP TABLE IF EXISTS there');
    const start = await source.prepare([table], null, NEVER);
    await run('INSERT INTO here VALUES (1)', 'ALTER TABLE here RENAME TO there', 'INSERT INTO there VALUES (2)');
    const { events } = await readToNow(source, start, [table]);
    expect(obstacles(events).length).toBeGreaterThan(0);
    expect(told(events)).toEqual([]);
  });

  it('come through a truncate, a move and a new partition, which give its parts other numbers', async () => {
    const table = await made('parts', 'id INTEGER NOT NULL, t VARCHAR2(10)');
    const start = await source.prepare([table], null, NEVER);
    await run(
      `INSERT INTO parts VALUES (1, 'one')`,
      'TRUNCATE TABLE parts',
      `INSERT INTO parts VALUES (2, 'two')`,
      'ALTER TABLE parts MOVE',
      `UPDATE parts SET t = 'second' WHERE id = 2`,
      'ALTER TABLE parts ADD PARTITION later VALUES LESS THAN (100)',
      `INSERT INTO parts VALUES (3, 'three')`,
      'ALTER TABLE parts ADD (u NUMBER)',
      `INSERT INTO parts VALUES (4, 'four', 4)`,
    );
    const { events } = await readToNow(source, start, [table]);
    expect(obstacles(events)).toEqual([]);
    const all = events.flatMap((event) => (event.tag === 'truncate' ? ['truncate'] : told([event])));
    expect(all).toEqual([
      ['insert', { ID: '1', T: 'one' }],
      'truncate',
      ['insert', { ID: '2', T: 'two' }],
      ['update', { ID: '2', T: 'second' }],
      ['insert', { ID: '3', T: 'three' }],
      ['insert', { ID: '4', T: 'four', U: '4' }],
    ]);
  });

  it.each([
    ['a statement', 'later'],
    ['the server itself', 'SYS_P1'],
  ])('are told of a partition that %s makes while the log is read', async (_, partition) => {
    const { oracle } = opened;
    const [table, alone] = [
      await made('grows', 'id INTEGER NOT NULL, t VARCHAR2(10)'),
      await made('beside', 'id INTEGER NOT NULL'),
    ];
    await using reader = await LogReader.open(source, await source.prepare([table], null, NEVER), [table]);
    await run(`INSERT INTO grows VALUES (1, 'one')`);
    await reader.readTo(await source.currentPosition(NEVER));
    let altered = 0;
    oracle.beforeRows = async () => {
      await run(
        `ALTER TABLE grows ADD PARTITION ${partition} VALUES LESS THAN (100)`,
        ...['BEGIN', `INSERT INTO grows VALUES (2, 'two')`, `UPDATE grows SET t = 'zwei' WHERE id = 2`],
        ...['SAVEPOINT s', 'DELETE FROM grows', 'ROLLBACK TO SAVEPOINT s', 'COMMIT'],
        // Of a table that nobody follows, which is gone by then.
        `INSERT INTO ${alone.table.name} VALUES (1)`,
        `DROP TABLE ${alone.table.name}`,
        'ALTER TABLE grows ADD (u NUMBER)',
        `INSERT INTO grows VALUES (3, 'three', 3)`,
      );
      altered++;
    };
    await run(`DELETE FROM grows WHERE id = 1`);
    while (altered === 0) await reader.next();
    await reader.readTo(await source.currentPosition(NEVER));
    expect(obstacles(reader.events)).toEqual([]);
    expect(told(reader.events)).toEqual([
      ['insert', { ID: '1', T: 'one' }],
      ['delete', { ID: '1' }],
      ['insert', { ID: '2', T: 'two' }],
      ['update', { ID: '2', T: 'zwei' }],
      ['insert', { ID: '3', T: 'three', U: '3' }],
    ]);
  });

  it('of partitions that are gone by then stop it, and come where they are read before', async () => {
    const table = await made('splits', 'id INTEGER NOT NULL');
    const start = await source.prepare([table], null, NEVER);
    await using reader = await LogReader.open(source, start, [table]);
    await run('ALTER TABLE splits ADD PARTITION p VALUES LESS THAN (100)', 'INSERT INTO splits VALUES (1)');
    // Its numbers are asked once in a round.
    for (let rounds = 0; rounds < 4; rounds++) await reader.readTo(await source.currentPosition(NEVER));
    await run(
      'INSERT INTO splits VALUES (2)',
      'ALTER TABLE splits SPLIT PARTITION p AT (50) INTO (PARTITION a, PARTITION b)',
      'INSERT INTO splits VALUES (3)',
    );
    await reader.readTo(await source.currentPosition(NEVER));
    expect(obstacles(reader.events)).toEqual([]);
    expect(told(reader.events)).toEqual([1, 2, 3].map((id) => ['insert', { ID: String(id) }]));
    await run(
      'ALTER TABLE splits ADD PARTITION q VALUES LESS THAN (200)',
      'ALTER TABLE splits SPLIT PARTITION q AT (150) INTO (PARTITION c, PARTITION d)',
    );
    await reader.readTo(await source.currentPosition(NEVER));
    expect(obstacles(reader.events)).toEqual([expect.stringContaining('partitions were split or merged')]);
    const late = await readToNow(source, start, [table]);
    expect(told(late.events)).not.toContainEqual(['insert', { ID: '1' }]);
    expect(obstacles(late.events)[0]).toMatch(/partitions were split or merged/);
  });

  it('of a position that does not know it stop it, until the log has come to where it was looked at', async () => {
    const [old, table] = [await made('old_one', 'id INTEGER NOT NULL'), await made('new_one', 'id INTEGER NOT NULL')];
    const start = await source.prepare([old], null, NEVER);
    await run(
      'INSERT INTO new_one VALUES (1)',
      'ALTER TABLE new_one ADD (c NUMBER)',
      'INSERT INTO new_one VALUES (2, 2)',
    );
    await using stopped = await LogReader.open(source, start, [old, table]);
    await stopped.readTo(await source.currentPosition(NEVER));
    expect(obstacles(stopped.events)[0]).toMatch(/copy the table anew/);
    expect([...readKept(minedPlaceOf(stopped.reached).tables ?? {}).keys()]).toEqual(['APP.old_one']);
    await run('INSERT INTO old_one VALUES (1)');
    await stopped.readTo(await source.currentPosition(NEVER));
    expect([...readKept(minedPlaceOf(stopped.reached).tables ?? {}).keys()]).toEqual(['APP.old_one', 'APP.new_one']);
    await run('INSERT INTO new_one VALUES (3, 3)', 'ALTER TABLE new_one ADD (d NUMBER)');
    const { events } = await readToNow(source, stopped.reached, [old, table]);
    expect(obstacles(events)).toEqual([]);
    expect(told(events)).toEqual([['insert', { ID: '3', C: '3' }]]);
  });

  it('whose text is in a character set that is not known stop it', async () => {
    const { facts } = opened.oracle;
    const table = await made('texts', 'id INTEGER NOT NULL, t VARCHAR2(10)');
    const start = await source.prepare([table], null, NEVER);
    await run(
      `INSERT INTO texts VALUES (1, 'x')`,
      `INSERT INTO texts VALUES (2, NULL)`,
      'ALTER TABLE texts ADD (c NUMBER)',
    );
    facts.characterSet = 'ZHS16GBK';
    try {
      const { events } = await readToNow(source, start, [table]);
      expect(obstacles(events)).toEqual([expect.stringContaining('ZHS16GBK')]);
      expect(told(events)).toEqual([['insert', { ID: '2', T: null }]]);
    } finally {
      facts.characterSet = 'AL32UTF8';
    }
  });

  it('stop it where only a large value was written, which is not in them', async () => {
    const table = await made('large', 'id INTEGER NOT NULL, t CLOB');
    await run(`INSERT INTO large VALUES (1, '${'x'.repeat(9000)}')`);
    const start = await source.prepare([table], null, NEVER);
    await run(`UPDATE large SET t = '${'y'.repeat(9000)}' WHERE id = 1`, 'ALTER TABLE large ADD (c NUMBER)');
    const { events } = await readToNow(source, start, [table]);
    expect(told(events)).toEqual([]);
    expect(obstacles(events).length).toBeGreaterThan(0);
  });

  it('are read while it is altered again and again', async () => {
    const table = await made('busy_one', 'id INTEGER NOT NULL');
    await using reader = await LogReader.open(source, await source.prepare([table], null, NEVER), [table]);
    const expected: unknown[] = [];
    for (let id = 1; id <= 4; id++) {
      await run(`INSERT INTO busy_one (id) VALUES (${id})`, `ALTER TABLE busy_one ADD (c${id} NUMBER DEFAULT ${id})`);
      const columns = Array.from({ length: id - 1 }, (_, index) => [`C${index + 1}`, String(index + 1)]);
      expected.push(['insert', { ID: String(id), ...(Object.fromEntries(columns) as object) }]);
      if (id % 2 === 0) await reader.readTo(await source.currentPosition(NEVER));
    }
    expect(obstacles(reader.events)).toEqual([]);
    expect(told(reader.events)).toEqual(expected);
  });
});

import { createConnection } from 'mysql2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changesOf, LogReader, readToNow } from '../../../test/contracts/source-connector/reading.ts';
import { startMariaDb } from '../../../test/fixtures/mariadb-server.ts';
import type { DatabaseServer } from '../../../test/fixtures/protocol-server.ts';
import { mysqlAccess, mysqlSelection } from '../../../test/fixtures/mysql-access.ts';
import { logOf, mysqlConnector, NEVER } from '../../../test/fixtures/mysql-log.ts';
import { MysqlSourceClient, mysqlTestSource } from '../../../test/fixtures/mysql-source.ts';
import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import type { SourceConnector, TableSelection } from '../source-connector.ts';
import { placeOf, positionAt } from './place.ts';
import { openLog } from './stream.ts';

const DATABASE = 'stream_test';

/** A table's last alteration is told in whole seconds: rows of a log without names are read where it was in an earlier one. */
const NEXT_SECOND = 'DO SLEEP(1.01 - MOD(UNIX_TIMESTAMP(SYSDATE(6)), 1))';

describe('the binlog of a MariaDB of its own', () => {
  let server: DatabaseServer;
  let client: MysqlSourceClient;
  let source: SourceConnector;
  beforeAll(async () => {
    server = await startMariaDb({ binlog: true });
    await mysqlTestSource.createDatabase(server.address, DATABASE);
    client = await MysqlSourceClient.open(server.address, DATABASE);
    source = mysqlConnector(server.address, DATABASE);
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  const table = (name: string, choices: Partial<TableSelection> = {}) => mysqlSelection(DATABASE, name, choices);
  /** Runs statements, one after the other in one session, and reads what they made. */
  const log = (tables: readonly string[], ...statements: readonly string[]) =>
    logOf(
      source,
      tables.map((name) => table(name)),
      async () => {
        for (const statement of statements) await client.run(statement);
      },
    );
  const rows = (events: readonly SourceEvent[]) =>
    changesOf(events).map(({ op, before, after }) => ({
      op,
      before: before && [...before],
      after: after && [...after],
    }));
  const inserted = (events: readonly SourceEvent[]) => rows(events).map(({ after }) => after?.join(' '));
  const obstacles = (events: readonly SourceEvent[]) =>
    events.flatMap((event) => (event.tag === 'obstacle' ? [event.reason] : []));
  const create = async (name: string, columns = 'id int PRIMARY KEY, t text, n int') => {
    await client.run(`CREATE TABLE ${name} (${columns})`);
  };
  /** Runs with a global setting, for a session that began after it was set. */
  async function withGlobal<T>(
    setting: string,
    value: string,
    back: string,
    work: (run: MysqlSourceClient) => Promise<T>,
  ): Promise<T> {
    await client.run(`SET GLOBAL ${setting} = ${value}`);
    const session = await MysqlSourceClient.open(server.address, DATABASE);
    try {
      return await work(session);
    } finally {
      await session.end();
      await client.run(`SET GLOBAL ${setting} = ${back}`);
    }
  }

  it('reads compressed rows and statements', async () => {
    await create('squeezed');
    const text = 'abc '.repeat(500);
    await withGlobal('log_bin_compress_min_len', '10', '256', () =>
      withGlobal('log_bin_compress', 'ON', 'OFF', async (session) => {
        const events = await logOf(source, [table('squeezed')], async () => {
          await session.run(`INSERT INTO squeezed VALUES (1, '${text}', 1), (2, '${text}', 2)`);
          await session.run(`UPDATE squeezed SET n = n + 1`);
          await session.run(`DELETE FROM squeezed WHERE id = 1`);
          await session.run(`ALTER TABLE squeezed /* ${text} */ DROP COLUMN n`);
        });
        expect(rows(events)).toHaveLength(5);
        expect(rows(events)[3]?.after).toEqual(['2', text, '3']);
        expect(obstacles(events)).toEqual(['column n was dropped or renamed']);
      }),
    );
  });

  it('minimal and noblob images: what was not sent is absent; a new row that lacks its defaults is an obstacle', async () => {
    await create('halves', `id int PRIMARY KEY, big text, n int NOT NULL DEFAULT 5`);
    await client.run(`INSERT INTO halves VALUES (1, 'big', 1), (2, 'big', 2)`);
    const ofImage = (image: string) =>
      withGlobal('binlog_row_image', image, 'FULL', (session) =>
        logOf(source, [table('halves')], async () => {
          await session.run('UPDATE halves SET n = n + 1 WHERE id = 1');
          await session.run('UPDATE halves SET id = id + 10 WHERE id = 2');
          await session.run('UPDATE halves SET id = id - 10 WHERE id = 12');
        }),
      );
    expect(rows(await ofImage(`'MINIMAL'`))).toEqual([
      { op: 'update', before: null, after: ['1', undefined, '2'] },
      { op: 'update', before: ['2', undefined, undefined], after: ['12', undefined, undefined] },
      { op: 'update', before: ['12', undefined, undefined], after: ['2', undefined, undefined] },
    ]);
    expect(rows(await ofImage(`'NOBLOB'`))).toEqual([
      { op: 'update', before: null, after: ['1', undefined, '3'] },
      { op: 'update', before: ['2', undefined, '2'], after: ['12', undefined, '2'] },
      { op: 'update', before: ['12', undefined, '2'], after: ['2', undefined, '2'] },
    ]);
    const events = await withGlobal('binlog_row_image', `'MINIMAL'`, 'FULL', (session) =>
      logOf(source, [table('halves')], async () => {
        await session.run(`INSERT INTO halves (id) VALUES (3)`);
        await session.run(`DELETE FROM halves WHERE id = 3`);
      }),
    );
    expect(obstacles(events)).toEqual([expect.stringContaining('defaults of a new one')]);
    expect(rows(events)).toEqual([{ op: 'delete', before: ['3', undefined, undefined], after: null }]);
  });

  it('without names in the log it trusts the structure of now, and stops at every alteration', async () => {
    await create(
      'nameless',
      `id int unsigned PRIMARY KEY, e enum('a','b'), t varchar(20) CHARACTER SET latin1, at datetime(3), u uuid`,
    );
    const values = `(1, 'b', 'é', '2024-01-02 03:04:05.678', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')`;
    for (const metadata of [`'MINIMAL'`, `'NO_LOG'`]) {
      await client.run(`TRUNCATE nameless; ${NEXT_SECOND}`);
      await withGlobal('binlog_row_metadata', metadata, `'FULL'`, async (session) => {
        const events = await logOf(source, [table('nameless')], () =>
          session.run(`INSERT INTO nameless VALUES ${values}`),
        );
        expect(inserted(events)).toEqual(['1 b é 2024-01-02 03:04:05.678 a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']);
      });
    }
    const altered = await withGlobal('binlog_row_metadata', `'MINIMAL'`, `'FULL'`, (session) =>
      logOf(source, [table('nameless')], async () => {
        await session.run(`UPDATE nameless SET e = 'a'`);
        await session.run(`ALTER TABLE nameless ADD x int`);
        await session.run(NEXT_SECOND);
        await session.run(`UPDATE nameless SET e = 'b'`);
      }),
    );
    expect(obstacles(altered)).toEqual([
      expect.stringContaining('another structure now than it had then'),
      expect.stringContaining('it was altered, and the log has no column names'),
    ]);
    expect(inserted(altered).at(-1)).toMatch(/^1 b é/);
    await client.run(NEXT_SECOND);
    const twice = await withGlobal('binlog_row_metadata', `'MINIMAL'`, `'FULL'`, async (session) => {
      const start = await source.prepare([table('nameless')], null, NEVER);
      await using reader = await LogReader.open(source, start, [table('nameless')]);
      await session.run(`UPDATE nameless SET e = 'a'`);
      await reader.readTo(await source.currentPosition(NEVER));
      await session.run(`ALTER TABLE nameless ADD y int`);
      await reader.readTo(await source.currentPosition(NEVER));
      return reader.events;
    });
    expect(obstacles(twice)).toEqual([expect.stringContaining('it was altered, and the log has no column names')]);
  });

  it('without names in the log it reads no row by columns that changed their places or names since', async () => {
    for (const alteration of [
      'MODIFY a varchar(20) AFTER b',
      'RENAME COLUMN a TO c, RENAME COLUMN b TO a',
      'CHANGE a c varchar(20), ALGORITHM = INPLACE',
    ]) {
      await create('reordered', 'id int PRIMARY KEY, a varchar(20), b varchar(20)');
      const events = await withGlobal('binlog_row_metadata', `'MINIMAL'`, `'FULL'`, (session) =>
        logOf(source, [table('reordered')], async () => {
          await session.run(`INSERT INTO reordered VALUES (1, 'a', 'b')`);
          await session.run(`ALTER TABLE reordered ${alteration}`);
        }),
      );
      expect(inserted(events), alteration).toEqual([]);
      expect(obstacles(events)[0], alteration).toContain('altered after its rows were written');
      await client.run('DROP TABLE reordered');
    }
  });

  it('goes on over rotations and a change of the checksum', async () => {
    await create('turned');
    const events = await log(
      ['turned'],
      `INSERT INTO turned VALUES (1, 'a', 1)`,
      'FLUSH BINARY LOGS',
      `INSERT INTO turned VALUES (2, 'b', 2)`,
      `SET GLOBAL binlog_checksum = IF(@@GLOBAL.binlog_checksum = 'NONE', 'CRC32', 'NONE')`,
      `INSERT INTO turned VALUES (3, 'c', 3)`,
      `SET GLOBAL binlog_checksum = IF(@@GLOBAL.binlog_checksum = 'NONE', 'CRC32', 'NONE')`,
      `INSERT INTO turned VALUES (4, 'd', 4)`,
    );
    expect(inserted(events)).toEqual(['1 a 1', '2 b 2', '3 c 3', '4 d 4']);
    const files = events.flatMap((event) => (event.tag === 'commit' ? [placeOf(event.position).file] : []));
    expect(new Set(files).size).toBe(4);
  });

  it('an alteration in two phases counts once, where it ends', async () => {
    await create('phased');
    const events = await withGlobal('binlog_alter_two_phase', 'ON', 'OFF', (session) =>
      logOf(source, [table('phased')], async () => {
        await session.run(`INSERT INTO phased VALUES (1, 'a', 1)`);
        await session.run(`SET SESSION binlog_alter_two_phase = ON`);
        await session.run(`ALTER TABLE phased ADD x int NOT NULL DEFAULT 7`);
        await session.run(`INSERT INTO phased (id) VALUES (2)`);
      }),
    );
    expect(obstacles(events)).toEqual([]);
    expect(inserted(events)).toEqual(['1 a 1', '2   7']);
    const schemas = events.flatMap((event) => (event.tag === 'schema' ? [event.schema] : []));
    expect(schemas.at(-1)?.columns.at(-1)).toMatchObject({ name: 'x', backfill: '7' });
  });

  it('a reader that was away while a table was altered again and again reads each structure as it was', async () => {
    await create('migrated');
    const events = await log(
      ['migrated'],
      `INSERT INTO migrated VALUES (1, 'a', 1)`,
      'ALTER TABLE migrated ADD b int NOT NULL DEFAULT 7',
      `INSERT INTO migrated (id) VALUES (2)`,
      'ALTER TABLE migrated MODIFY n bigint, ADD c varchar(5) DEFAULT "x" AFTER id',
      `INSERT INTO migrated (id, n) VALUES (3, 5000000000)`,
      'ALTER TABLE migrated ALTER n SET DEFAULT 4, ADD INDEX (n)',
      `INSERT INTO migrated (id) VALUES (4)`,
    );
    expect(obstacles(events)).toEqual([]);
    expect(inserted(events)).toEqual(['1 a 1', '2   7', '3 x  5000000000 7', '4 x  4 7']);
    const schemas = events.flatMap((event) => (event.tag === 'schema' ? [event.schema] : []));
    expect(
      schemas.map(({ columns }) => columns.map(({ name, backfill }) => `${name}=${backfill ?? '-'}`).join(' ')),
    ).toEqual(['id=0 t=- n=-', 'id=0 t=- n=- b=7', 'id=0 c=x t=- n=4 b=7']);
  });

  it('a default that changed before anybody saw the column is not made up', async () => {
    await create('defaulted');
    const before = await log(
      ['defaulted'],
      'ALTER TABLE defaulted ADD b int DEFAULT 7',
      'ALTER TABLE defaulted ALTER b SET DEFAULT 8',
      `INSERT INTO defaulted (id) VALUES (1)`,
    );
    const column = (events: readonly SourceEvent[]) =>
      events.flatMap((event) =>
        event.tag === 'schema' ? event.schema.columns.filter(({ name }) => name === 'b') : [],
      );
    expect(column(before)).toMatchObject([{ backfillUnknown: true }]);
    await create('defaulted_later');
    const behind = await log(
      ['defaulted_later'],
      'ALTER TABLE defaulted_later ADD b int DEFAULT 7',
      `INSERT INTO defaulted_later (id) VALUES (1)`,
      'ALTER TABLE defaulted_later ALTER b SET DEFAULT 8',
    );
    expect(obstacles(behind)).toEqual(['column b was altered twice before the first alteration was read']);
  });

  it('dates and times in the forms of before MySQL 5.6 are read without a fraction, refused with one', async () => {
    await withGlobal('mysql56_temporal_format', 'OFF', 'ON', async (session) => {
      await session.run(`CREATE TABLE old_times (id int PRIMARY KEY, d datetime, t time, s timestamp NULL);
        CREATE TABLE old_fractions (id int PRIMARY KEY, d datetime(3))`);
      const events = await logOf(source, [table('old_times'), table('old_fractions')], async () => {
        await session.run(
          `INSERT INTO old_times VALUES (1, '2024-02-29 01:02:03', '-838:59:59', '2024-02-29 01:02:03'), (2, '0000-00-00', '00:00:01', NULL)`,
        );
        await session.run(`INSERT INTO old_fractions VALUES (1, '2024-02-29 01:02:03.456')`);
      });
      expect(inserted(events)).toEqual([
        '1 2024-02-29 01:02:03 -838:59:59 2024-02-29 01:02:03',
        '2 0000-00-00 00:00:00 00:00:01 ',
      ]);
      expect(obstacles(events)).toEqual([expect.stringContaining('the log does not tell how column d is to be read')]);
    });
  });

  it('transactions of all kinds: engines without them, savepoints, XA, temporary tables, rows beside a SELECT', async () => {
    await create('kinds');
    await client.run(
      'CREATE TABLE kinds_aria (id int PRIMARY KEY) ENGINE=Aria; CREATE TABLE kinds_myisam (id int PRIMARY KEY) ENGINE=MyISAM',
    );
    const events = await log(
      ['kinds', 'kinds_aria', 'kinds_myisam'],
      `INSERT INTO kinds_myisam VALUES (1), (2)`,
      `INSERT INTO kinds_aria VALUES (3)`,
      `BEGIN`,
      `INSERT INTO kinds VALUES (1, 'a', 1)`,
      `SAVEPOINT s`,
      `INSERT INTO kinds VALUES (2, 'b', 2)`,
      `ROLLBACK TO s`,
      `INSERT INTO kinds VALUES (3, 'c', 3)`,
      `COMMIT`,
      `BEGIN; INSERT INTO kinds VALUES (9, 'gone', 9); ROLLBACK`,
      `XA START 'x'; INSERT INTO kinds VALUES (4, 'd', 4); XA END 'x'; XA COMMIT 'x' ONE PHASE`,
      `CREATE TEMPORARY TABLE kinds_temporary AS SELECT * FROM kinds`,
      `DELETE FROM kinds_temporary; DROP TEMPORARY TABLE kinds_temporary`,
      `CREATE TABLE kinds_selected AS SELECT * FROM kinds`,
      `INSERT INTO kinds SELECT id + 10, t, n FROM kinds_selected WHERE id = 1`,
    );
    expect(obstacles(events)).toEqual([]);
    expect(inserted(events)).toEqual(['1', '2', '3', '1 a 1', '3 c 3', '4 d 4', '11 a 1']);
  });

  it.each([
    ['latin1', 'größe'],
    ['gbk', '乗表'],
  ])('a statement with names in another character set is read as its session wrote it: %s', async (charset, name) => {
    await create(`\`${name}\``);
    const { host, port, user, password } = server.address;
    const session = createConnection({ host, port, user, password, database: DATABASE, charset });
    try {
      const events = await logOf(source, [table(name)], () => session.promise().query(`TRUNCATE TABLE \`${name}\``));
      expect(events.filter((event) => event.tag === 'truncate')).toHaveLength(1);
    } finally {
      await session.promise().end();
    }
  });

  it('a position that the log does not reach back to, or that is of another log, is refused', async () => {
    await create('lost');
    const tables = [table('lost')];
    const start = await source.prepare(tables, null, NEVER);
    await client.run(`INSERT INTO lost VALUES (1, 'a', 1)`);
    const { reached } = await readToNow(source, start, tables);
    const place = placeOf(reached);
    const open = async (position: SourcePosition) => {
      await using reader = await LogReader.open(source, position, tables);
      await reader.next();
    };
    const at = (more: object) => positionAt(reached.lineage, { ...place, ...more });
    await expect(open({ ...reached, lineage: 'mariadb/9-0' })).rejects.toMatchObject({ code: 'PS2001' });
    await expect(open(at({ created: 1 }))).rejects.toMatchObject({ code: 'PS2001' });
    await expect(open(at({ gtid: '0-1-99999' }))).rejects.toMatchObject({ code: 'PS2001' });
    await expect(open(at({ position: place.position + 100_000 }))).rejects.toMatchObject({ code: 'PS2001' });
    await client.run(`FLUSH BINARY LOGS; INSERT INTO lost VALUES (2, 'b', 2); FLUSH BINARY LOGS`);
    const kept = placeOf(await source.currentPosition(NEVER)).file;
    // A file stays as long as the server has not noticed that its last reader left.
    for (let oldest: string | null = null; oldest !== kept;) {
      await client.run(`PURGE BINARY LOGS TO '${kept}'; SELECT SLEEP(0.2)`);
      oldest = (await client.rows('SHOW BINARY LOGS'))[0]?.[0] ?? null;
    }
    await expect(open(reached)).rejects.toMatchObject({ code: 'PS2006' });
  });

  it('a second reader with the same number ends the first, loudly', async () => {
    await create('twins');
    const start = await source.prepare([table('twins')], null, NEVER);
    await using first = await LogReader.open(source, start, [table('twins')]);
    await client.run(`INSERT INTO twins VALUES (1, 'a', 1)`);
    await first.readTo(await source.currentPosition(NEVER));
    const fails = expect(
      (async () => {
        for (;;) await first.next();
      })(),
    ).rejects.toMatchObject({ code: 'PS2007' });
    await using second = await LogReader.open(source, start, [table('twins')]);
    await second.readTo(await source.currentPosition(NEVER));
    expect(changesOf(second.events)).toHaveLength(1);
    await fails;
  });

  it('a server that is silent for two minutes is lost', async () => {
    await create('silent');
    const tables = [table('silent')];
    const start = await source.prepare(tables, null, NEVER);
    let now = 0;
    // Every look at the clock is a minute behind the last.
    const clock = {
      now: () => (now += 61_000),
      timestamp: () => '2026-01-01T00:00:00.000000Z',
      sleep: () => new Promise<void>((resolve) => setImmediate(resolve)),
    };
    const access = mysqlAccess(server.address, DATABASE);
    const progress = { readAt: null };
    await using stream = await openLog({ access, serverId: 77, clock, progress }, start, tables, NEVER);
    const iterator = stream[Symbol.asyncIterator]();
    await expect(
      (async () => {
        for (;;) await iterator.next();
      })(),
    ).rejects.toMatchObject({ code: 'PS2010' });
  });
});

import { describe, expect, it } from 'vitest';
import { gtid, int, mariaDbGtid, query, type WrittenColumn } from '../../../../test/fixtures/binlog-writer.ts';
import { mysqlSelection } from '../../../../test/fixtures/mysql-access.ts';
import { EVENT } from '../binlog/event-header.ts';
import { COLUMN_TYPE } from '../binlog/mapped-column.ts';
import { placeOrder } from '../place.ts';
import type { SourceTable } from '../source-table.ts';
import {
  COLUMNS,
  FILE,
  head,
  ID,
  log,
  map,
  NAME,
  NOW,
  row,
  told,
  transaction,
  write,
  column,
  type Log,
} from '../../../../test/fixtures/decoded-log.ts';

describe('statements', () => {
  const statement = (it: Log, sql: string, more = {}) => [
    it.at((options) => gtid(9, options)),
    it.at((options) => query(sql, { ...options, ...more })),
  ];
  const insert = (it: Log, columns = COLUMNS, image: (Buffer | null | undefined)[] = row(1, 'a')) =>
    transaction(it, 1, map(columns), write(EVENT.writeRows, image));
  const X: WrittenColumn = { name: 'x', type: COLUMN_TYPE.long };

  it('a truncate stands behind its structure, which is asked for where no row told it', () => {
    const it = log();
    it.feed(...head());
    expect(told(it.feed(...statement(it, 'TRUNCATE t')))).toEqual(['begin', 'schema id,name', 'truncate t', 'commit']);
    expect(told(it.feed(...statement(it, 'TRUNCATE shop.t'), ...insert(it)))).toEqual(
      [...['begin', 'truncate t', 'commit'], ...['begin', 'schema id,name', 'insert - → 1,a', 'commit']].filter(
        (one, index) => one !== 'schema id,name' || index !== 4,
      ),
    );
    const gone = log({ now: () => null });
    gone.feed(...head());
    expect(told(gone.feed(...statement(gone, 'TRUNCATE t')))[1]).toBe(
      'obstacle it was truncated, and is not there any more',
    );
  });

  it.each([
    ['DROP TABLE t', 'it was dropped'],
    ['DROP DATABASE shop', 'its database was dropped'],
    ['RENAME TABLE t TO old, new TO t', 'it was renamed'],
    ['CREATE TABLE t (a int)', 'another table took its name'],
    ['ALTER TABLE t DROP COLUMN name', 'column name was dropped or renamed'],
    ['ALTER TABLE t DROP PARTITION p', 'a partition was dropped'],
    [
      'UPDATE t SET name = 1',
      'rows were changed by a statement that is in the log as text only (a session with binlog_format STATEMENT or MIXED)',
    ],
    ['FROBNICATE t', 'the log has a statement that is not known here that names it'],
    ["FROBNICATE 't", 'the log has a statement that is not known here'],
  ])('%s is an obstacle', (sql, reason) => {
    const it = log();
    it.feed(...head());
    expect(told(it.feed(...statement(it, sql)))).toEqual(['begin', `obstacle ${reason}`, 'commit']);
    expect(told(it.feed(...insert(it))).at(-2)).toBe('insert - → 1,a');
  });

  it.each([
    'CREATE INDEX i ON t (name)',
    'ALTER TABLE other DROP COLUMN a',
    'INSERT INTO mysql.rds_heartbeat2 VALUES (1)',
    'GRANT SELECT ON t TO x',
  ])('%s means nothing for the table', (sql) => {
    const it = log();
    it.feed(...head());
    expect(told(it.feed(...statement(it, sql, { schema: 'mysql' })))).toEqual(['heartbeat']);
  });

  it('a rewrite is trusted in a strict session only', () => {
    const it = log();
    it.feed(...head());
    expect(told(it.feed(...statement(it, 'ALTER TABLE t MODIFY id bigint unsigned')))).toEqual(['heartbeat']);
    expect(told(it.feed(...statement(it, 'ALTER TABLE t MODIFY id bigint', { sqlMode: 0n })))[1]).toContain(
      'not strict',
    );
    expect(told(it.feed(...statement(it, 'ALTER TABLE t MODIFY id bigint', { sqlMode: 1n << 22n })))).toEqual([
      'heartbeat',
    ]);
  });

  it('names are compared as the server does', () => {
    const strict = log();
    strict.feed(...head());
    expect(told(strict.feed(...statement(strict, 'DROP TABLE T')))).toEqual(['heartbeat']);
    const folding = log({ foldsNames: true });
    folding.feed(...head());
    expect(told(folding.feed(...statement(folding, 'DROP TABLE SHOP.T')))[1]).toBe('obstacle it was dropped');
  });

  it('an alteration in two phases counts where it ends', () => {
    const it = log();
    it.feed(...head('10.11.6-MariaDB'));
    const phase = (flags: number) => ({
      behind: Buffer.concat([
        int(1, 129),
        int(8, 5),
        int(1, 130),
        int(1, flags),
        ...((flags & 12) === 0 ? [] : [int(8, 77)]),
      ]),
    });
    const alter = (flags: number) => [
      it.at((options) => mariaDbGtid(5, 1, options)),
      it.at((options) => query('ALTER TABLE t DROP COLUMN name', { ...options, ...phase(flags) })),
    ];
    expect(told(it.feed(...alter(2)))).toEqual(['heartbeat']);
    expect(told(it.feed(...alter(8)))).toEqual(['heartbeat']);
    expect(told(it.feed(...alter(4)))[1]).toContain('obstacle column name');
  });

  it('status variables of all servers are read; those of MariaDB 11 stand before the character set', () => {
    const it = log();
    it.feed(...head());
    const before = Buffer.concat([int(1, 131), int(1, 2), Buffer.alloc(8)]);
    const behind = Buffer.concat([
      ...[
        int(1, 3),
        int(4, 0),
        int(1, 5),
        int(1, 3),
        Buffer.from('UTC'),
        int(1, 7),
        int(2, 0),
        int(1, 8),
        int(2, 0),
        int(1, 9),
        int(8, 0),
      ],
      ...[
        int(1, 10),
        int(4, 0),
        int(1, 11),
        int(1, 1),
        Buffer.from('u'),
        int(1, 1),
        Buffer.from('h'),
        int(1, 12),
        int(1, 1),
        Buffer.from('shop\0'),
      ],
      ...[
        int(1, 13),
        int(3, 0),
        int(1, 16),
        int(1, 0),
        int(1, 17),
        int(8, 0),
        int(1, 18),
        int(2, 0),
        int(1, 19),
        int(1, 0),
        int(1, 20),
        int(1, 0),
      ],
      ...[int(1, 128), int(3, 0), int(1, 12), int(1, 254), int(1, 250), Buffer.from('unknown')],
    ]);
    const euro = Buffer.concat([Buffer.from('DROP TABLE `t'), Buffer.from([0x80]), Buffer.from('`')]);
    expect(told(it.feed(...statement(it, 'DROP TABLE t', { before, behind })))[1]).toBe('obstacle it was dropped');
    const names = log({ selection: mysqlSelection('shop', 't€') });
    names.feed(...head());
    const latin = { clientCollation: 45, sqlMode: 0n };
    const utf8 = statement(names, 'DROP TABLE `t€`', latin);
    expect(told(names.feed(...utf8))[1]).toBe('obstacle it was dropped');
    // A character set that is not known: it may be any table.
    const bytes = [
      names.at((options) => gtid(9, options)),
      names.at((options) => query(euro, { ...options, clientCollation: 9999 })),
    ];
    expect(told(names.feed(...bytes))[1]).toContain('obstacle the log has a statement that is not known');
  });

  it('a column is announced with what older rows have, unless its default changed before anybody saw it', () => {
    const known = {
      ...NOW,
      columns: [
        ...NOW.columns,
        {
          ...column,
          name: 'x',
          declared: 'int',
          type: { tag: 'integer', bits: 32, unsigned: false },
          default: { tag: 'known', output: '7' },
        },
      ],
    } satisfies SourceTable;
    const withX = [...COLUMNS, X];
    const image = [...row(1, 'a'), int(4, 1)];
    const add = (it: Log) => statement(it, 'ALTER TABLE t ADD x int DEFAULT 7');
    const change = (it: Log) => statement(it, 'ALTER TABLE t ALTER x SET DEFAULT 8');
    const plain = log({ now: () => known });
    plain.feed(...head(), ...insert(plain));
    plain.feed(...add(plain));
    expect(told(plain.feed(...insert(plain, withX, image)))[1]).toBe('schema id,name,x');
    const twice = log({ now: () => known });
    twice.feed(...head(), ...insert(twice));
    const events = twice.feed(...add(twice));
    const [heartbeat] = events;
    if (heartbeat?.tag !== 'heartbeat') throw new Error('no heartbeat');
    twice.feed(...change(twice));
    expect(told(twice.feed(...insert(twice, withX, image)))[1]).toBe('schema id,name,x?');
    // A reader that begins between the two knows it too.
    const later = log({ after: heartbeat.position, now: () => known });
    later.feed(...head('8.0.36', later.position), ...change(later));
    expect(told(later.feed(...insert(later, withX, image)))[1]).toBe('schema id,name,x?');
  });

  it('what information_schema said is doubted when an alteration of it follows that it knew already', () => {
    const until = placeOrder(FILE, 2 ** 31);
    const it = log({ until });
    it.feed(...head(), ...statement(it, 'ALTER TABLE t ADD x int DEFAULT 7'));
    const image = [...row(1, 'a'), int(4, 1)];
    const events = it.feed(...insert(it, [...COLUMNS, X], image));
    const commit = events.at(-1);
    if (commit?.tag !== 'commit') throw new Error('no commit');
    expect(told(it.feed(...statement(it, 'ALTER TABLE t MODIFY name varchar(20)')))).toEqual(['heartbeat']);
    expect(told(it.feed(...statement(it, 'ALTER TABLE t ALTER x SET DEFAULT 8')))[1]).toContain('altered twice');
    const later = log({ after: commit.position });
    later.feed(...head('8.0.36', later.position));
    expect(told(later.feed(...statement(later, 'ALTER TABLE t ALTER x SET DEFAULT 8')))[1]).toContain('altered twice');
  });

  it('without names any alteration is an obstacle, and so is a structure that is another one now', () => {
    const it = log();
    it.feed(...head());
    const minimal = map(COLUMNS, { isFull: false });
    const first = told(it.feed(...transaction(it, 1, minimal, write(EVENT.writeRows, row(1, 'a')))));
    expect(first).toEqual(['begin', 'schema id,name', 'insert - → 1,a', 'commit']);
    expect(told(it.feed(...statement(it, 'CREATE INDEX i ON t (id)')))).toEqual(['heartbeat']);
    expect(told(it.feed(...statement(it, 'ALTER TABLE t ADD x int')))[1]).toContain('the log has no column names');
    const wider = map([{ ...ID, type: COLUMN_TYPE.longlong }, NAME], { isFull: false });
    const other = it.feed(...transaction(it, 2, wider, write(EVENT.writeRows, [int(8, 1), row(1, 'a')[1]])));
    expect(told(other)[1]).toContain('another structure now than it had then');
    const since = log({ now: ({ writtenAt }) => ({ ...NOW, alteredAt: writtenAt }) });
    since.feed(...head());
    const late = since.feed(...transaction(since, 1, minimal, write(EVENT.writeRows, row(1, 'a'))));
    expect(told(late)[1]).toContain('altered after its rows were written, or in the same second');
  });
});

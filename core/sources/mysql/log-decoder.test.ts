import { describe, expect, it } from 'vitest';
import {
  event,
  formatDescription,
  gtid,
  int,
  mariaDbGtid,
  packed,
  query,
  rotate,
  rows,
  tableMap,
  UUID,
  xid,
} from '../../../test/fixtures/binlog-writer.ts';
import { EVENT } from './binlog/event-header.ts';
import { placeOf, placeOrder, positionAt } from './place.ts';
import {
  COLUMNS,
  CREATED,
  FILE,
  head,
  LINEAGE,
  log,
  map,
  row,
  told,
  transaction,
  write,
} from '../../../test/fixtures/decoded-log.ts';

describe('transactions', () => {
  it('MySQL 8: begin at the GTID event, commit behind XID, times in microseconds, the GTID in the position', () => {
    const it = log();
    it.feed(...head());
    const gtidAt = it.position;
    const events = it.feed(
      ...transaction(
        it,
        7,
        map(),
        write(EVENT.writeRows, row(1, 'a'), row(2, null)),
        write(EVENT.deleteRows, row(1, 'a')),
      ),
    );
    expect(told(events)).toEqual([
      'begin',
      'schema id,name',
      'insert - → 1,a',
      'insert - → 2,null',
      'delete 1,undefined → -',
      'commit',
    ]);
    const [begin] = events;
    const commit = events.at(-1);
    expect(begin).toEqual({ tag: 'begin', at: '2023-11-14T22:13:20.123456Z', order: placeOrder(FILE, gtidAt) });
    expect(commit).toMatchObject({ committedAt: '2023-11-14T22:13:20.123456Z' });
    if (commit?.tag !== 'commit') throw new Error('no commit');
    expect(placeOf(commit.position)).toEqual({
      file: FILE,
      position: it.position,
      created: CREATED,
      gtid: `${UUID}:7`,
    });
    expect(commit.position.order).toBe(placeOrder(FILE, it.position));
  });

  it('without GTIDs: anonymous ones, tagged ones, and none at all, as MySQL 5.6 writes them', () => {
    const it = log();
    it.feed(...head());
    const body = () => [it.at(map()), it.at(write(EVENT.writeRows, row(1, 'a'))), it.at((options) => xid(options))];
    const begin = () => it.at((options) => query('BEGIN', options));
    for (const type of [EVENT.anonymousGtid, EVENT.gtidTagged]) {
      const start = it.at((options) => gtid(0, { ...options, type }));
      expect(told(it.feed(start, begin(), ...body())).slice(-2)).toEqual(['insert - → 1,a', 'commit']);
    }
    const beginAt = it.position;
    const events = it.feed(begin(), ...body());
    expect(told(events)).toEqual(['begin', 'insert - → 1,a', 'commit']);
    expect(events[0]).toMatchObject({ order: placeOrder(FILE, beginAt) });
  });

  it('MariaDB: no BEGIN behind the GTID; a standalone one is ended by its statement', () => {
    const it = log();
    it.feed(...head('10.11.6-MariaDB-log'));
    const events = it.feed(
      it.at((options) => mariaDbGtid(5, 0, options)),
      it.at(map()),
      it.at((options) => rows(EVENT.writeRowsV1, [row(1, 'a')], { ...options, isVersion1: true })),
      it.at((options) => query('COMMIT', options)),
      it.at((options) => mariaDbGtid(6, 1 + 32, options)),
      it.at((options) => query('CREATE TABLE shop.other (a int)', options)),
    );
    expect(told(events)).toEqual(['begin', 'schema id,name', 'insert - → 1,a', 'commit', 'heartbeat']);
    const [last] = events.slice(-1);
    if (last?.tag !== 'heartbeat') throw new Error('no heartbeat');
    expect(placeOf(last.position).gtid).toBe('0-1-6');
  });

  it('tables that were not chosen make a heartbeat; rows of both in one transaction are told apart', () => {
    const it = log();
    it.feed(...head());
    const other = (options: object) => tableMap('other', COLUMNS, { ...options, id: 51 });
    const otherRows = (options: object) => rows(EVENT.writeRows, [row(9, 'x')], { ...options, id: 51 });
    expect(told(it.feed(...transaction(it, 1, other, otherRows)))).toEqual(['heartbeat']);
    expect(told(it.feed(...transaction(it, 2, map(), other, otherRows, write(EVENT.writeRows, row(1, 'a')))))).toEqual([
      'begin',
      'schema id,name',
      'insert - → 1,a',
      'commit',
    ]);
    expect(it.requests).toHaveLength(1);
  });

  it('what begins before the position was delivered, with all that is in it', () => {
    const earlier = { file: FILE, position: 4 };
    const it = log({ from: earlier });
    it.feed(
      rotate(FILE, 4, { flags: 0x20 }),
      it.at((options) => formatDescription('8.0.36', { timestamp: CREATED, ...options })),
    );
    const old = transaction(it, 1, map(), write(EVENT.writeRows, row(1, 'a')), (options) =>
      query('TRUNCATE t', options),
    );
    it.moveTo(1000);
    const events = it.feed(
      ...old.slice(0, -1),
      it.at((options) => xid(options)),
    );
    expect(told(events)).toEqual([]);
    expect(it.requests).toEqual([]);
    expect(told(it.feed(...transaction(it, 2, map(), write(EVENT.writeRows, row(2, 'b'))))).at(-2)).toBe(
      'insert - → 2,b',
    );
  });

  it('positions go on behind 4 GB', () => {
    const place = { file: FILE, position: 2 ** 32 - 50, created: CREATED, gtid: null };
    const it = log({ after: positionAt(LINEAGE, place) });
    it.feed(...head('8.0.36', place.position));
    const events = it.feed(...transaction(it, 1, map(), write(EVENT.writeRows, row(1, 'a'))));
    const commit = events.at(-1);
    if (commit?.tag !== 'commit') throw new Error('no commit');
    expect(placeOf(commit.position).position).toBe(it.position);
    expect(it.position).toBeGreaterThan(2 ** 32);
  });

  it('a rollback and an end that the log does not have are obstacles for what was written', () => {
    const it = log();
    it.feed(...head());
    const begun = () => transaction(it, 1, map(), write(EVENT.writeRows, row(1, 'a'))).slice(0, -1);
    expect(
      told(
        it.feed(
          ...begun(),
          it.at((options) => query('ROLLBACK', options)),
        ),
      ).slice(-2),
    ).toEqual(['obstacle a transaction was rolled back whose rows are in the log', 'commit']);
    const stopped = 'obstacle the server stopped in the middle of a transaction that is in the log';
    const events = it.feed(...begun(), ...transaction(it, 2, map(), write(EVENT.writeRows, row(2, 'b'))));
    expect(told(events)).toEqual(['begin', 'insert - → 1,a', stopped, 'commit', 'begin', 'insert - → 2,b', 'commit']);
    expect(told(it.feed(...begun(), ...head())).slice(-2)).toEqual([stopped, 'commit']);
  });

  it('XA: one phase is a commit, two are an obstacle', () => {
    const it = log();
    it.feed(...head());
    const xa = (onePhase: number) => [
      it.at((options) => gtid(1, options)),
      it.at((options) => query(`XA START X'61',X'',1`, options)),
      it.at(map()),
      it.at(write(EVENT.writeRows, row(1, 'a'))),
      it.at((options) => query(`XA END X'61',X'',1`, options)),
      it.at((options) =>
        event(
          EVENT.xaPrepare,
          Buffer.concat([int(1, onePhase), int(4, 1), int(4, 1), int(4, 0), Buffer.from('a')]),
          options,
        ),
      ),
    ];
    expect(told(it.feed(...xa(1)))).toEqual(['begin', 'schema id,name', 'insert - → 1,a', 'commit']);
    expect(told(it.feed(...xa(0)))[2]).toContain('obstacle a transaction in two phases');
    const later = [it.at((options) => gtid(2, options)), it.at((options) => query(`XA COMMIT X'61',X'',1`, options))];
    expect(told(it.feed(...later))).toEqual(['heartbeat']);
  });

  it('MariaDB says with its GTID that a transaction is only prepared', () => {
    const it = log();
    it.feed(...head('10.11.6-MariaDB'));
    const events = it.feed(
      it.at((options) => mariaDbGtid(5, 0x40, options)),
      it.at(map()),
      it.at((options) => rows(EVENT.writeRowsV1, [row(1, 'a')], { ...options, isVersion1: true })),
      it.at((options) => query(`XA END X'61',X'',1`, options)),
      it.at((options) => xid(options)),
    );
    expect(told(events)[3]).toContain('obstacle a transaction in two phases');
  });

  it('CREATE TABLE … SELECT of MySQL 8 is one transaction with its rows', () => {
    const it = log();
    it.feed(...head());
    const events = it.feed(
      it.at((options) => gtid(1, options)),
      it.at((options) => query('CREATE TABLE `u` (a int) START TRANSACTION', options)),
      it.at(map()),
      it.at(write(EVENT.writeRows, row(1, 'a'))),
      it.at((options) => xid(options)),
    );
    expect(told(events)).toEqual(['begin', 'schema id,name', 'insert - → 1,a', 'commit']);
  });
});

describe('the file and the connection', () => {
  it('rotates: places go on in the next file, once its beginning is known', () => {
    const it = log();
    it.feed(...head());
    expect(told(it.feed(it.at((options) => rotate('bin.000002', 4, options))))).toEqual([]);
    it.moveTo(4);
    const [heartbeat] = it.feed(
      rotate('bin.000002', 4, { flags: 0x20 }),
      it.at((options) => formatDescription('8.0.36', { timestamp: 1_700_000_500, ...options })),
      it.at((options) => event(EVENT.previousGtids, int(8, 0), options)),
    );
    if (heartbeat?.tag !== 'heartbeat') throw new Error('no heartbeat');
    expect(placeOf(heartbeat.position)).toEqual({
      file: 'bin.000002',
      position: it.position,
      created: 1_700_000_500,
      gtid: null,
    });
  });

  it('a file of another age is another log: PS2001', () => {
    const it = log();
    const other = formatDescription('8.0.36', { timestamp: CREATED + 1 });
    it.feed(rotate(FILE, 1000, { flags: 0x20 }));
    expect(() => it.feed(other)).toThrow(expect.objectContaining({ code: 'PS2001' }));
  });

  it('heartbeats of both versions move the position, outside transactions only', () => {
    const it = log();
    it.feed(...head());
    const beat = (position: number, file = FILE) =>
      event(EVENT.heartbeat, Buffer.from(file), { next: position, timestamp: 0 });
    expect(it.feed(beat(5000))).toMatchObject([
      { tag: 'heartbeat', at: '2026-01-01T00:00:00.000000Z', position: { order: placeOrder(FILE, 5000) } },
    ]);
    expect(it.feed(beat(5000), beat(6000, 'bin.000009'))).toEqual([]);
    const number = (type: number, value: Buffer) => Buffer.concat([packed(type), packed(value.length), value]);
    const body = Buffer.concat([number(1, Buffer.from(FILE)), number(2, packed(7000)), packed(0)]);
    expect(it.feed(event(EVENT.heartbeatV2, body))).toMatchObject([{ position: { order: placeOrder(FILE, 7000) } }]);
    it.moveTo(7000);
    expect(
      it.feed(
        it.at((options) => gtid(1, options)),
        beat(9000),
      ),
    ).toEqual([]);
  });

  it('checksums are verified, and there may be none', () => {
    const it = log();
    it.feed(...head());
    const damaged = it.at((options) => gtid(1, options));
    damaged[25] = 7;
    expect(() => it.feed(damaged)).toThrow(/checksum/);
    const plain = log({ checksum: false });
    plain.feed(
      rotate(FILE, 1000, { flags: 0x20, checksum: false }),
      formatDescription('8.0.36', { timestamp: CREATED, algorithm: 0 }),
    );
    expect(told(plain.feed(...transaction(plain, 1, map(), write(EVENT.writeRows, row(1, 'a'))))).at(-2)).toBe(
      'insert - → 1,a',
    );
    // A file that is still written to is marked so after its checksum was made.
    const open = log();
    const marked = formatDescription('8.0.36', { timestamp: CREATED });
    marked[17] = 1;
    open.feed(rotate(FILE, 1000, { flags: 0x20 }), marked);
    const broken = formatDescription('8.0.36', { timestamp: CREATED });
    broken[30] = 0x2a;
    expect(() => open.feed(broken)).toThrow(/checksum/);
  });

  it('refuses what it does not know, unless the server says that it may be passed over', () => {
    const it = log();
    it.feed(...head());
    expect(() => it.feed(it.at((options) => event(99, Buffer.alloc(4), options)))).toThrow(/event of type 99/);
    expect(told(it.feed(it.at((options) => event(99, Buffer.alloc(4), { ...options, flags: 0x80 }))))).toEqual([
      'heartbeat',
    ]);
    const incident = event(EVENT.incident, Buffer.concat([int(2, 1), packedBytes('LOST')]));
    expect(() => it.feed(incident)).toThrow(expect.objectContaining({ code: 'PS2006' }));
    expect(() => it.feed(it.at((options) => xid(options)))).toThrow(/did not begin/);
    expect(() => it.feed(Buffer.from('short'))).toThrow(expect.objectContaining({ code: 'PS2008' }));
  });

  it('refuses rows that do not end with their event, or have no structure', () => {
    const it = log();
    it.feed(...head());
    const begun = () => transaction(it, 1, map()).slice(0, -1);
    it.feed(...begun());
    const cut = rows(EVENT.writeRows, [[int(4, 1), Buffer.from([200, 1])]], { next: it.position });
    expect(() => it.feed(cut)).toThrow(/does not end with its event|end too early/);
    expect(() => it.feed(rows(EVENT.writeRows, [row(1, 'a')], { id: 51 }))).toThrow(/before its structure/);
    expect(() => it.feed(rows(EVENT.writeRows, [[int(4, 1)]]))).toThrow(/1 columns, not 2/);
  });
});

function packedBytes(text: string): Buffer {
  return Buffer.concat([int(1, text.length), Buffer.from(text)]);
}

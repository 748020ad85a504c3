import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  compressed,
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
  type WrittenColumn,
} from '../../../test/fixtures/binlog-writer.ts';
import { mysqlSelection } from '../../../test/fixtures/mysql-access.ts';
import type { SourceEvent } from '../../changes/change.ts';
import { hasCode } from '../../errors/penstock-error.ts';
import type { TableSelection } from '../source-connector.ts';
import { Charsets } from './values/charset.ts';
import { ChosenTables } from './following/chosen-tables.ts';
import type { DescribeAnswer, DescribeRequest, PayloadRequest } from './following/decoder-request.ts';
import { replicatedTable } from './describe.ts';
import { EVENT } from './binlog/event-header.ts';
import { InnerEvents, plainBytes } from './binlog/inner-events.ts';
import { LogDecoder } from './log-decoder.ts';
import { planTable, sourceTableOf } from './logged-table.ts';
import { COLUMN_TYPE } from './binlog/mapped-column.ts';
import { placeOf, placeOrder, positionAt } from './place.ts';
import type { SourceTable } from './source-table.ts';

const LINEAGE = 'mysql/1';
const FILE = 'bin.000001';
const CREATED = 1_600_000_000;
const START = positionAt(LINEAGE, { file: FILE, position: 1000, created: CREATED, gtid: null });
const CHARSETS = new Charsets(
  new Map([
    [45, 'utf8mb4'],
    [63, 'binary'],
  ]),
);
const READING = {
  fromLog: true,
  virtualColumns: false,
  policies: { zeroDates: 'stop', zeroLengthStrings: 'keep', cascades: 'refuse' },
} as const;
const ID: WrittenColumn = { name: 'id', type: COLUMN_TYPE.long, nullable: false, unsigned: true };
const NAME: WrittenColumn = { name: 'name', type: COLUMN_TYPE.varchar, metadata: [80, 0], collation: 45 };
const COLUMNS = [ID, NAME];
const row = (id: number, name: string | null | undefined) => [
  int(4, id),
  name === null || name === undefined ? name : Buffer.concat([int(1, Buffer.byteLength(name)), Buffer.from(name)]),
];

const column = { nullable: true, generated: 'no', default: { tag: 'null' }, placeInPrimaryKey: null } as const;
const NOW: SourceTable = {
  table: { schema: 'shop', name: 't' },
  engine: 'InnoDB',
  isVersioned: false,
  cascades: [],
  columns: [
    {
      ...column,
      name: 'id',
      declared: 'int unsigned',
      nullable: false,
      type: { tag: 'integer', bits: 32, unsigned: true },
      placeInPrimaryKey: 1,
    },
    { ...column, name: 'name', declared: 'varchar(20)', type: { tag: 'varchar', characters: 20, charset: 'utf8mb4' } },
  ],
};

interface Setting {
  readonly after?: typeof START;
  readonly from?: { readonly file: string; readonly position: number };
  readonly selection?: TableSelection;
  readonly checksum?: boolean;
  readonly foldsNames?: boolean;
  readonly now?: (request: DescribeRequest) => SourceTable | null;
  readonly until?: string;
}

/** A decoder whose questions are answered by the table map alone, and the place that events are written at. */
function log(setting: Setting = {}) {
  const { after = START, selection = mysqlSelection('shop', 't'), checksum = true, foldsNames = false } = setting;
  const from = setting.from ?? placeOf(after);
  const decoder = new LogDecoder({
    after,
    from,
    chosen: new ChosenTables([selection], foldsNames),
    charsets: CHARSETS,
    checksum: checksum ? 'crc32' : 'none',
    now: () => '2026-01-01T00:00:00.000000Z',
  });
  const requests: DescribeRequest[] = [];
  const answer = (request: DescribeRequest): DescribeAnswer => {
    const now = setting.now === undefined ? NOW : setting.now(request);
    const context = { charsets: CHARSETS, version: 80_036, isUncertain: request.isUncertain };
    if (request.map === null) {
      if (now === null) return { tag: 'obstacle', reason: 'it was truncated, and is not there any more' };
      return { tag: 'schema', schema: replicatedTable(now, selection, READING).schema, until: setting.until ?? '' };
    }
    const structure = sourceTableOf(request.map, now, context);
    if (structure.tag === 'obstacle') return structure;
    try {
      const table = replicatedTable(structure.source, selection, READING);
      const plan = planTable(request.map, table, context, request.earlier);
      return { tag: 'plan', plan, trusted: structure.trusted, until: setting.until ?? '' };
    } catch (error) {
      if (!hasCode(error, 'PS1006')) throw error;
      return { tag: 'obstacle', reason: error.message };
    }
  };
  const payloads: PayloadRequest[] = [];
  const decode = (bytes: Buffer) => {
    // An event in the middle of a larger buffer.
    const buffer = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
    for (;;) {
      const request = decoder.decode(buffer, 6, 6 + bytes.length);
      if (request === null) return;
      if (request.tag === 'payload') {
        payloads.push(request);
        return;
      }
      requests.push(request);
      decoder.answer(request, answer(request));
    }
  };
  let position = from.position;
  return {
    decoder,
    requests,
    payloads,
    decode,
    /** Writes an event at the place behind the last one. */
    at: (make: (options: { next: number; checksum: boolean }) => Buffer): Buffer => {
      position += make({ next: 1, checksum }).length;
      return make({ next: position % 2 ** 32, checksum });
    },
    get position() {
      return position;
    },
    moveTo: (place: number) => {
      position = place;
    },
    feed: (...events: Buffer[]): SourceEvent[] => {
      for (const one of events) decode(one);
      return decoder.take();
    },
  };
}

type Log = ReturnType<typeof log>;

const head = (server = '8.0.36', position = 1000) => [
  rotate(FILE, position, { flags: 0x20 }),
  formatDescription(server, { timestamp: CREATED }),
];

/** Short texts of events; places are left out. */
function told(events: readonly SourceEvent[]): string[] {
  return events.map((one) => {
    switch (one.tag) {
      case 'row': {
        const { op, before, after, misfit } = one.change;
        const values = (row_: typeof before) =>
          row_ === null ? '-' : Array.from(row_, (value) => value ?? String(value)).join(',');
        return `${op} ${values(before)} → ${values(after)}${misfit === null ? '' : ` ! ${misfit.reason}`}`;
      }
      case 'schema':
        return `schema ${one.schema.columns.map(({ name, backfillUnknown }) => (backfillUnknown === true ? `${name}?` : name)).join(',')}`;
      case 'obstacle':
        return `obstacle ${one.reason}`;
      case 'truncate':
        return `truncate ${one.table.name}`;
      case 'begin':
      case 'commit':
      case 'heartbeat':
        return one.tag;
    }
  });
}

/** The events of a MySQL transaction. */
function transaction(
  it: Log,
  number: number,
  ...body: ((options: { next: number; checksum: boolean }) => Buffer)[]
): Buffer[] {
  return [
    it.at((options) => gtid(number, { microseconds: 1_700_000_000_123_456n, ...options })),
    it.at((options) => query('BEGIN', options)),
    ...body.map((make) => it.at(make)),
    it.at((options) => xid(options)),
  ];
}
const map =
  (columns = COLUMNS, more = {}) =>
  (options: object) =>
    tableMap('t', columns, { ...options, ...more });
const write =
  (type: number, ...images: (readonly (Buffer | null | undefined)[])[]) =>
  (options: object) =>
    rows(type, images, options);

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

describe('compressed transactions', () => {
  const payload = (plain: Buffer, isCompressed: boolean) => {
    const bytes = isCompressed ? zstdCompressSync(plain) : plain;
    const number = (type: number, value: number) =>
      Buffer.concat([packed(type), packed(packed(value).length), packed(value)]);
    return Buffer.concat([
      number(1, bytes.length),
      number(2, isCompressed ? 0 : 255),
      number(3, plain.length),
      packed(0),
      bytes,
    ]);
  };

  it.each([true, false])('zstd: %s', async (isCompressed) => {
    const it = log();
    it.feed(...head());
    const inside = { checksum: false, next: 77 };
    const many = Array.from({ length: 20_000 }, (_, index) =>
      rows(EVENT.writeRows, [row(index, 'x'.repeat(50))], inside),
    );
    const plain = Buffer.concat([query('BEGIN', inside), tableMap('t', COLUMNS, inside), ...many, xid(inside)]);
    it.decode(it.at((options) => gtid(3, options)));
    it.decode(it.at((options) => event(EVENT.transactionPayload, payload(plain, isCompressed), options)));
    const inner = new InnerEvents();
    let chunks = 0;
    for await (const bytes of plainBytes(it.payloads[0]!)) {
      chunks++;
      inner.feed(bytes);
      while (inner.next()) it.decode(Buffer.from(inner.buffer.subarray(inner.start, inner.end)));
    }
    inner.finish();
    it.decoder.endPayload();
    const events = it.decoder.take();
    expect(events).toHaveLength(20_003);
    expect(told(events.slice(0, 3))).toEqual(['begin', 'schema id,name', `insert - → 0,${'x'.repeat(50)}`]);
    const commit = events.at(-1);
    if (commit?.tag !== 'commit') throw new Error('no commit');
    expect(placeOf(commit.position).position).toBe(it.position);
    if (isCompressed) expect(chunks).toBeGreaterThan(10);
    expect(told(it.feed(...transaction(it, 4, map(), write(EVENT.writeRows, row(2, 'b'))))).at(-2)).toBe(
      'insert - → 2,b',
    );
  });

  it('are passed over when they were delivered, and refused when they are damaged or unknown', async () => {
    const it = log({ from: { file: FILE, position: 500 } });
    it.feed(...head('8.0.36', 500));
    it.feed(it.at((options) => gtid(3, options)));
    it.moveTo(1000);
    expect(
      told(it.feed(it.at((options) => event(EVENT.transactionPayload, payload(Buffer.from('?'), false), options)))),
    ).toEqual([]);
    expect(it.payloads).toEqual([]);
    const unknown = Buffer.concat([packed(1), packed(1), packed(0), packed(2), packed(1), packed(9), packed(0)]);
    it.decode(it.at((options) => gtid(4, options)));
    expect(() => it.decode(it.at((options) => event(EVENT.transactionPayload, unknown, options)))).toThrow(
      /compressed in a way/,
    );
    const damaged = plainBytes({ tag: 'payload', isCompressed: true, payload: Buffer.from('no zstd') });
    await expect(damaged.next()).rejects.toMatchObject({ code: 'PS2008' });
    const inner = new InnerEvents();
    inner.feed(Buffer.from('abc'));
    expect(inner.next()).toBe(false);
    expect(() => inner.finish()).toThrow(/in the middle/);
    // Cut anywhere, an event is put together.
    const one = xid({ checksum: false });
    const cut = new InnerEvents();
    const found: string[] = [];
    for (const byte of Buffer.concat([one, one])) {
      cut.feed(Buffer.from([byte]));
      while (cut.next()) found.push(cut.buffer.toString('hex', cut.start, cut.end));
    }
    expect(found).toEqual([one.toString('hex'), one.toString('hex')]);
    cut.finish();
  });

  it('MariaDB compresses statements and rows by themselves', () => {
    const it = log();
    it.feed(...head('10.11.6-MariaDB'));
    const events = it.feed(
      it.at((options) => mariaDbGtid(5, 0, options)),
      it.at(map()),
      it.at((options) =>
        rows(EVENT.writeRowsCompressedV1, [row(1, 'a'.repeat(15)), row(2, 'b')], {
          ...options,
          isVersion1: true,
          isCompressed: true,
        }),
      ),
      it.at((options) =>
        rows(EVENT.updateRowsCompressed, [row(2, 'b'), row(3, 'c')], { ...options, isCompressed: true }),
      ),
      it.at((options) => xid(options)),
      it.at((options) => mariaDbGtid(6, 1, options)),
      it.at((options) => {
        const plain = query('', { ...options, checksum: false });
        const body = Buffer.concat([plain.subarray(19), compressed(Buffer.from('DROP TABLE t'))]);
        return event(EVENT.queryCompressed, body, options);
      }),
    );
    expect(told(events)).toEqual([
      'begin',
      'schema id,name',
      `insert - → 1,${'a'.repeat(15)}`,
      'insert - → 2,b',
      'update 2,undefined → 3,c',
      'commit',
      'begin',
      'obstacle it was dropped',
      'commit',
    ]);
  });
});

describe('rows', () => {
  it('an update that leaves the key has no before; one that moves it has the old key', () => {
    const it = log();
    it.feed(...head());
    const updates = write(EVENT.updateRows, row(1, 'a'), row(1, 'b'), row(1, 'b'), row(2, null));
    expect(told(it.feed(...transaction(it, 1, map(), updates))).slice(2, -1)).toEqual([
      'update - → 1,b',
      'update 1,undefined → 2,null',
    ]);
  });

  it('minimal images: what the new one lacks is taken from the old one, as far as that has it', () => {
    const it = log();
    it.feed(...head());
    const update = (before: ReturnType<typeof row>, after: (Buffer | null | undefined)[]) =>
      write(EVENT.updateRows, before, after);
    const events = it.feed(
      ...transaction(
        it,
        1,
        map(),
        update(row(1, undefined), [undefined, row(0, 'b')[1]]),
        update(row(1, 'old'), [int(4, 2), undefined]),
        write(EVENT.deleteRows, row(1, undefined)),
        write(EVENT.writeRows, row(5, undefined)),
      ),
    );
    expect(told(events).slice(2, -1)).toEqual([
      'update - → 1,b',
      'update 1,old → 2,old',
      'delete 1,undefined → -',
      'obstacle the log leaves out which row was changed, or defaults of a new one (binlog_row_image)',
    ]);
  });

  it('images that do not say which row it is are an obstacle, once in a transaction; what is behind goes on', () => {
    const it = log();
    it.feed(...head());
    const blind = write(EVENT.deleteRows, [undefined, row(1, 'a')[1]]);
    const nothing = write(EVENT.writeRows, [undefined, undefined]);
    const told1 = told(
      it.feed(...transaction(it, 1, map(), blind, blind, nothing, write(EVENT.writeRows, row(1, 'a')))),
    );
    expect(told1.slice(2)).toEqual([
      'obstacle the log leaves out which row was changed, or defaults of a new one (binlog_row_image)',
      'insert - → 1,a',
      'commit',
    ]);
  });

  it('without a key old rows must be whole, and are always there', () => {
    const it = log();
    it.feed(...head());
    const keyless = map(COLUMNS, { primaryKey: [] });
    const updates = write(EVENT.updateRows, row(1, 'a'), row(1, 'b'));
    expect(told(it.feed(...transaction(it, 1, keyless, updates))).slice(2, -1)).toEqual(['update 1,a → 1,b']);
    const blind = write(EVENT.deleteRows, row(1, undefined));
    expect(told(it.feed(...transaction(it, 2, keyless, blind))).at(-2)).toContain('obstacle');
  });

  it('a chosen key, a masked column, a type change and a value that does not fit', () => {
    const selection = mysqlSelection('shop', 't', {
      key: ['id', 'name'],
      mask: ['secret'],
      typeChange: { day: '@D(yyyyMMdd)' },
    });
    const it = log({ selection });
    it.feed(...head());
    const columns = [
      ...COLUMNS,
      { name: 'secret', type: COLUMN_TYPE.long },
      { name: 'day', type: COLUMN_TYPE.string, metadata: [0xfe, 32] },
    ];
    const image = (id: number, name: string | null, secret: number, day: string) => [
      ...row(id, name),
      int(4, secret),
      packedBytes(day),
    ];
    const events = it.feed(
      ...transaction(
        it,
        1,
        map(columns),
        write(EVENT.writeRows, image(1, 'a', 77, '20240131'), image(1, null, 78, '20240231')),
      ),
    );
    expect(told(events).slice(2, -1)).toEqual([
      'insert - → 1,a,null,2024-01-31',
      'insert - → 1,null,null,20240231 ! NULL in a key column',
    ]);
    expect(JSON.stringify(events)).not.toContain('77');
  });

  it('a user who chooses what is not there meets an obstacle, not an error', () => {
    const it = log({ selection: mysqlSelection('shop', 't', { mask: ['gone'] }) });
    it.feed(...head());
    const events = it.feed(...transaction(it, 1, map(), write(EVENT.writeRows, row(1, 'a'))));
    expect(told(events)).toEqual(['begin', expect.stringContaining('obstacle PS1006'), 'commit']);
  });

  it('a repeated table map is described once, under whatever number; an altered table anew', () => {
    const it = log();
    it.feed(...head());
    const again = (number: number, id: number) =>
      transaction(it, number, map(COLUMNS, { id }), (options) =>
        rows(EVENT.writeRows, [row(number, 'a')], { ...options, id }),
      );
    it.feed(...again(1, 50), ...again(2, 50), ...again(3, 51));
    expect(it.requests).toHaveLength(1);
    it.feed(...head(), ...again(4, 50));
    expect(it.requests).toHaveLength(1);
    it.feed(
      it.at((options) => gtid(5, options)),
      it.at((options) => query('ALTER TABLE t ADD x int', options)),
      ...again(6, 50),
    );
    expect(it.requests).toHaveLength(2);
  });

  it('parts of JSON values are an obstacle for a chosen table', () => {
    const it = log();
    it.feed(...head());
    const partial = (options: object) =>
      event(EVENT.partialUpdateRows, Buffer.concat([int(6, 50), int(2, 1)]), options);
    expect(told(it.feed(...transaction(it, 1, map(), partial))).at(-2)).toContain(
      'obstacle a row was updated in parts',
    );
  });

  it('an event without a table ends a statement', () => {
    const it = log();
    it.feed(...head());
    const end = (options: object) => rows(EVENT.writeRows, [], { ...options, id: 0xffffff });
    expect(told(it.feed(...transaction(it, 1, map(), end)))).toEqual(['heartbeat']);
  });
});

function packedBytes(text: string): Buffer {
  return Buffer.concat([int(1, text.length), Buffer.from(text)]);
}

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

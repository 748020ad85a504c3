import { describe, expect, it } from 'vitest';
import type { SourceEvent } from '../../changes/change.ts';
import type { SourcePosition } from '../../changes/position.ts';
import type { TableSelection } from '../source-connector.ts';
import { replicatedTable } from './describe.ts';
import { LogDecoder } from './log-decoder.ts';
import { lsnOrder, lsnText } from './place.ts';
import { planRelation, sourceTableOf, type RelationMessage } from './logged-table.ts';

const LINEAGE = 'postgres/1/1/slot';
const TEXT = 25;
const DATE = 1082;
const at = (lsn: bigint): SourcePosition => ({ lineage: LINEAGE, order: lsnOrder(lsn), resume: lsnText(lsn) });

/** Bytes as the manual's "Logical Replication Message Formats" has them. */
const int = (size: 1 | 2 | 4 | 8, value: bigint | number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes.subarray(8 - size);
};
const data = (...body: Buffer[]): Buffer => Buffer.concat([Buffer.from('w'), int(8, 0), int(8, 0), int(8, 0), ...body]);
const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf8');
const begin = (commitLsn: bigint) => data(Buffer.from('B'), int(8, commitLsn), int(8, 1_000_000), int(4, 7));
const commit = (endLsn: bigint) =>
  data(Buffer.from('C'), int(1, 0), int(8, endLsn - 8n), int(8, endLsn), int(8, 1_000_000));
const keepalive = (lsn: bigint, wantsReply = false) =>
  Buffer.concat([Buffer.from('k'), int(8, lsn), int(8, 2_000_000), int(1, wantsReply ? 1 : 0)]);
type Field = string | null | undefined;
const tuple = (letter: string, fields: readonly Field[]): Buffer =>
  Buffer.concat([
    Buffer.from(letter),
    int(2, fields.length),
    ...fields.flatMap((field) => {
      if (field === null) return [Buffer.from('n')];
      if (field === undefined) return [Buffer.from('u')];
      return [Buffer.from('t'), int(4, Buffer.byteLength(field)), Buffer.from(field)];
    }),
  ]);
const row = (letter: string, ...tuples: Buffer[]) => data(Buffer.from(letter), int(4, 16_400), ...tuples);
const relation = (name: string, identity = 'd', oid = 16_400) =>
  data(
    ...[Buffer.from('R'), int(4, oid), text('public'), text(name), Buffer.from(identity), int(2, 3)],
    ...[int(1, 1), text('id'), int(4, TEXT), int(4, -1)],
    ...[int(1, identity === 'f' ? 1 : 0), text('t'), int(4, TEXT), int(4, -1)],
    ...[int(1, identity === 'f' ? 1 : 0), text('day'), int(4, DATE), int(4, -1)],
  );

const SELECTION: TableSelection = {
  table: { schema: 'public', name: 'chosen' },
  key: ['id'],
  mask: [],
  where: null,
  typeChange: {},
  timestampColumn: null,
};

function decoder(after = at(100n), selection = SELECTION, immediateKeys: string[][] = [['id']]) {
  const log = new LogDecoder({
    lineage: LINEAGE,
    after,
    chosen: ({ table }) => (table.name === 'chosen' ? table : null),
  });
  const learn = (message: RelationMessage) => {
    const source = {
      ...sourceTableOf(message, null, ({ typeOid }) => ({
        declared: '?',
        baseOid: typeOid,
        typmod: -1,
        isEnum: false,
      })),
      immediateKeys: message.replicaIdentity === 'f' ? immediateKeys : null,
    };
    const table = replicatedTable(source, selection, { fromLog: true, generatedColumns: true });
    log.setRelation(message.oid, planRelation(message, table, log.relation(message.oid)));
  };
  return {
    log,
    feed: (...messages: Buffer[]): SourceEvent[] => {
      for (const message of messages) {
        // A message in the middle of a larger buffer.
        const buffer = Buffer.concat([Buffer.from('before'), message, Buffer.from('after')]);
        const asked = log.decode(buffer, 6, 6 + message.length);
        if (asked !== null) learn(asked);
      }
      return log.take();
    },
  };
}
const tags = (events: readonly SourceEvent[]) => events.map((event) => event.tag).join(' ');
const values = (events: readonly SourceEvent[]) =>
  events.flatMap((event) => (event.tag === 'row' ? [[event.change.before, event.change.after]] : []));

describe('log decoder', () => {
  it('gives a transaction with its place and its time', () => {
    const events = decoder().feed(
      begin(200n),
      relation('chosen'),
      row('I', tuple('N', ['1', 'é🎉', null])),
      commit(300n),
    );
    expect(tags(events)).toBe('begin schema row commit');
    expect(events[0]).toEqual({ tag: 'begin', at: '2000-01-01T00:00:01.000000Z', order: lsnOrder(200n) });
    expect(events.at(-1)).toEqual({ tag: 'commit', position: at(300n), committedAt: '2000-01-01T00:00:01.000000Z' });
    expect(values(events)).toEqual([[null, ['1', 'é🎉', null]]]);
  });

  it('gives a transaction over several calls as one', () => {
    const { feed } = decoder();
    expect(tags(feed(begin(200n), relation('chosen'), row('I', tuple('N', ['1', 'a', null]))))).toBe(
      'begin schema row',
    );
    expect(tags(feed(row('I', tuple('N', ['2', 'b', null]))))).toBe('row');
    expect(tags(feed(keepalive(150n)))).toBe('');
    expect(tags(feed(commit(300n)))).toBe('commit');
  });

  it('leaves out transactions that were delivered, but learns their structures', () => {
    const { feed } = decoder(at(250n));
    const insert = row('I', tuple('N', ['1', 'a', null]));
    expect(tags(feed(begin(200n), relation('chosen'), insert, commit(250n)))).toBe('');
    expect(tags(feed(begin(250n), insert, commit(300n)))).toBe('begin schema row commit');
  });

  it('says how far an idle log is, once, and never from within a transaction', () => {
    const { feed, log } = decoder();
    expect(feed(keepalive(100n))).toEqual([]);
    expect(feed(keepalive(120n), keepalive(140n))).toEqual([
      { tag: 'heartbeat', position: at(140n), at: '2000-01-01T00:00:02.000000Z' },
    ]);
    expect(feed(keepalive(140n), keepalive(130n))).toEqual([]);
    expect(feed(begin(200n), keepalive(150n))).toEqual([]);
    expect(log.replyRequested).toBe(false);
    feed(keepalive(150n, true));
    expect(log.replyRequested).toBe(true);
    // A transaction without chosen tables is no more than a place.
    expect(feed(relation('other', 'd', 5), commit(300n))).toMatchObject([{ tag: 'heartbeat', position: at(300n) }]);
    log.reachIdle(at(320n));
    expect(feed(keepalive(310n))).toMatchObject([{ position: at(320n) }]);
  });

  it('does not tell of the place before a transaction after its begin', () => {
    const { feed } = decoder();
    const events = feed(keepalive(150n), begin(200n), relation('chosen'), row('I', tuple('N', ['1', 'a', null])));
    expect(tags(events)).toBe('begin schema row');
    expect(tags(feed(commit(300n)))).toBe('commit');
    expect(feed(keepalive(300n))).toEqual([]);
  });

  it('reads old keys, old rows and unchanged values', () => {
    const { feed } = decoder();
    feed(begin(200n), relation('chosen'));
    const read = (...messages: Buffer[]) => values(feed(...messages))[0];
    expect(read(row('U', tuple('N', ['1', undefined, null])))).toEqual([null, ['1', undefined, null]]);
    expect(read(row('U', tuple('K', ['1', null, null]), tuple('N', ['2', undefined, null])))).toEqual([
      ['1', undefined, undefined],
      ['2', undefined, null],
    ]);
    expect(read(row('D', tuple('K', ['1', null, null])))).toEqual([['1', undefined, undefined], null]);
    feed(relation('chosen', 'f'));
    expect(read(row('U', tuple('O', ['1', 'long', null]), tuple('N', ['1', undefined, null])))).toEqual([
      null,
      ['1', 'long', null],
    ]);
    expect(read(row('D', tuple('O', ['1', 'long', null])))).toEqual([['1', 'long', null], null]);
  });

  it('tells of a value that does not fit, also where it comes from the old row', () => {
    const { feed } = decoder();
    feed(begin(200n), relation('chosen', 'f'));
    const misfits = (message: Buffer) =>
      feed(message).flatMap((event) => (event.tag === 'row' ? [event.change.misfit] : []));
    const infinity = { column: 'day', reason: 'infinity' };
    expect(misfits(row('I', tuple('N', ['1', 'a', 'infinity'])))).toEqual([infinity]);
    expect(misfits(row('U', tuple('O', ['1', 'a', 'infinity']), tuple('N', ['1', 'a', '2024-01-01'])))).toEqual([null]);
    expect(misfits(row('U', tuple('O', ['1', 'a', 'infinity']), tuple('N', ['1', 'a', undefined])))).toEqual([
      infinity,
    ]);
    expect(misfits(row('D', tuple('O', ['1', 'a', 'infinity'])))).toEqual([null]);
  });

  it('announces a structure again only when it is another one', () => {
    const { feed } = decoder();
    const insert = row('I', tuple('N', ['1', 'a', null]));
    const first = feed(begin(200n), relation('chosen'), insert, relation('chosen'), insert);
    expect(tags(first)).toBe('begin schema row row');
    const rows = first.flatMap((event) => (event.tag === 'row' ? [event.change.schema] : []));
    expect(rows[0]).toBe(rows[1]);
  });

  it('tells of truncates of chosen tables', () => {
    const { feed } = decoder();
    const truncate = data(Buffer.from('T'), int(4, 2), int(1, 0), int(4, 5), int(4, 16_400));
    const events = feed(begin(200n), relation('other', 'd', 5), relation('chosen'), truncate, commit(300n));
    expect(tags(events)).toBe('begin schema truncate commit');
  });

  it('tells once of a table whose log does not say which row was changed', () => {
    const { feed } = decoder();
    const delete1 = row('D', tuple('K', ['1', null, null]));
    const events = feed(begin(200n), relation('chosen', 'f'), delete1, delete1, commit(300n));
    expect(tags(events)).toBe('begin schema obstacle commit');
  });

  it('refuses what it does not know', () => {
    const { feed } = decoder();
    expect(() => feed(Buffer.from('x'))).toThrow('PS2008');
    expect(() => feed(data(Buffer.from('?')))).toThrow('PS2008');
    expect(() => feed(commit(1n))).toThrow('PS2008');
    expect(() => feed(begin(200n), row('I', tuple('N', ['1'])))).toThrow('before its structure');
    feed(relation('chosen'));
    expect(() => feed(row('I', tuple('N', ['1'])))).toThrow('has 1 columns, not 3');
    expect(() => feed(row('I', tuple('N', ['1', 'a', null]), Buffer.from('more')))).toThrow('does not end');
  });

  it('tells rows of a late key when their transaction ends, those of another structure before it', () => {
    const { feed } = decoder(at(100n), SELECTION, []);
    const events = feed(
      begin(200n),
      relation('chosen', 'f'),
      row('U', tuple('O', ['1', 'a', null]), tuple('N', ['2', 'a', null])),
      row('U', tuple('O', ['2', 'b', null]), tuple('N', ['3', 'b', null])),
      commit(300n),
      begin(400n),
      row('I', tuple('N', ['4', 'c', null])),
      relation('chosen', 'd'),
      row('I', tuple('N', ['5', 'c', null])),
      commit(500n),
    );
    expect(tags(events)).toBe('begin schema row row row commit begin row row commit');
    expect(values(events)).toEqual([
      [['1', 'a', null], null],
      [null, ['2', 'a', null]],
      [null, ['3', 'b', null]],
      [null, ['4', 'c', null]],
      [null, ['5', 'c', null]],
    ]);
  });
});

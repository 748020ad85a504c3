import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  compressed,
  event,
  gtid,
  mariaDbGtid,
  packed,
  query,
  rows,
  tableMap,
  xid,
} from '../../../../test/fixtures/binlog-writer.ts';
import { EVENT } from '../binlog/event-header.ts';
import { InnerEvents, plainBytes } from '../binlog/inner-events.ts';
import { placeOf } from '../place.ts';
import { COLUMNS, FILE, head, log, map, row, told, transaction, write } from '../../../../test/fixtures/decoded-log.ts';

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

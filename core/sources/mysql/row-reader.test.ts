import { describe, expect, it } from 'vitest';
import { event, gtid, int, query, rows } from '../../../test/fixtures/binlog-writer.ts';
import { mysqlSelection } from '../../../test/fixtures/mysql-access.ts';
import { EVENT } from './binlog/event-header.ts';
import { COLUMN_TYPE } from './binlog/mapped-column.ts';
import { COLUMNS, head, log, map, row, told, transaction, write } from '../../../test/fixtures/decoded-log.ts';

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

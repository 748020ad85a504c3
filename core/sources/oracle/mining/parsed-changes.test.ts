import { describe, expect, it } from 'vitest';
import { RedoParser } from '../redo/redo-parser.ts';
import { LobValue } from './lob-value.ts';
import type { MinedTable } from './mined-table.ts';
import { ParsedChanges, type ParsedEvent } from './parsed-changes.ts';
import type { MinedEvent } from './transaction-events.ts';

const TABLE: MinedTable = { container: null, owner: 'SHOP', name: 'DOC', id: '7', version: '1' };
const OTHER: MinedTable = { ...TABLE, name: 'ORD', id: '8' };
const INSERT = `insert into "SHOP"."DOC"("ID","C","B") values ('1',EMPTY_CLOB(),EMPTY_BLOB());`;

function row(sql: string, table = TABLE): MinedEvent {
  const record = { kind: 'row', operation: 1, rowId: 'A', isMismatch: false, sql } as const;
  return { tag: 'change', table, record };
}

function piece(operation: number, sql: string, kind: 'piece' | 'undonePiece' = 'piece'): MinedEvent {
  return { tag: 'change', table: TABLE, record: { kind, operation, rowId: 'A', isMismatch: false, sql } };
}

const locate = (column: string, id = '1') =>
  piece(9, `select "${column}" into loc_c from "SHOP"."DOC" where "ID" = '${id}' for update;`);
const write = (text: string, amount: number, offset: number) =>
  piece(10, `buf_c := '${text}'; dbms_lob.write(loc_c, ${amount}, ${offset}, buf_c);`);
const trim = (length: number) => piece(11, `dbms_lob.trim(loc_c, ${length});`);
const END: MinedEvent = { tag: 'ddl', table: OTHER, sql: 'end' };

function shortly(event: ParsedEvent): string {
  switch (event.tag) {
    case 'row':
      return `${event.statement.op} ${event.table.name ?? ''}`;
    case 'lob': {
      const { content, column, where } = event;
      const told = content === null ? 'asked for' : content.tag === 'raw' ? `0x${content.hex}` : content.text;
      return `${column ?? 'something'} of ${where.names.join()}: ${told}`;
    }
    case 'obstacle':
      return event.reason;
    case 'begin':
    case 'ddl':
    case 'commit':
    case 'heartbeat':
      return event.tag;
  }
}

function parsed(...events: readonly MinedEvent[]): string[] {
  const changes = new ParsedChanges(new RedoParser('strict'));
  return [...events, END].flatMap((event) => changes.parse([event]).map(shortly)).slice(0, -1);
}

describe('parsed changes', () => {
  it('have the content of a LOB that was made empty, behind its row', () => {
    const events = [row(INSERT), locate('C'), write("it''s ", 5, 1), write('ünï☃', 4, 6), row(INSERT, OTHER)];
    expect(parsed(...events)).toEqual(['insert DOC', "C of ID: it's ünï☃", 'insert ORD']);
  });

  it('have each LOB of a row by itself', () => {
    const raw = piece(10, `buf_b := HEXTORAW('00ff'); dbms_lob.write(loc_b, 2, 1, buf_b);`);
    const located = piece(9, `select "B" into loc_b from "SHOP"."DOC" where "ID" = '1' for update;`);
    expect(parsed(row(INSERT), locate('C'), write('a', 1, 1), located, raw)).toEqual([
      'insert DOC',
      'C of ID: a',
      'B of ID: 0x00ff',
    ]);
  });

  it('have that of one that was cut to nothing, as an update does', () => {
    expect(parsed(locate('C'), trim(0), write('new', 3, 1))).toEqual(['C of ID: new']);
  });

  it.each([
    ['what was in it is not known', [locate('C'), write('new', 3, 1)]],
    ['it belongs to another row', [row(INSERT), locate('C', '2'), write('new', 3, 1)]],
    ['it begins behind its first character', [row(INSERT), locate('C'), write('new', 3, 2)]],
    ['a piece is not as long as it says', [row(INSERT), locate('C'), write('new', 2, 1)]],
    ['a part was erased', [row(INSERT), locate('C'), write('new', 3, 1), piece(29, 'dbms_lob.erase(loc_c, 1, 1);')]],
    [
      'it is written to again',
      [row(INSERT), locate('C'), write('a', 1, 1), row(INSERT, OTHER), locate('C'), write('b', 1, 2)],
    ],
    ['pieces were taken back', [row(INSERT), locate('C'), write('a', 1, 1), piece(10, '', 'undonePiece')]],
    ['a piece cannot be read', [row(INSERT), locate('C'), piece(10, 'buf_c := oops')]],
  ])('ask for a LOB where %s', (_why, events) => {
    expect(parsed(...events).at(-1)).toBe('C of ID: asked for');
  });

  it('ask for what an XML document or an extended string became', () => {
    expect(parsed(row(INSERT), piece(68, 'XML DOC BEGIN'), piece(70, 'x'), piece(71, 'END'))).toEqual([
      'insert DOC',
      'something of ID,C,B: asked for',
    ]);
  });

  it('are of the row that a document names, not of the one before it', () => {
    const begin = `XML DOC BEGIN:  select "C" from "SHOP"."DOC" where "ID" = '2'`;
    expect(parsed(row(INSERT), piece(68, begin), piece(70, 'x'), piece(71, 'XML DOC END'))).toEqual([
      'insert DOC',
      'C of ID: asked for',
    ]);
  });

  it('stop the table where a piece names its row and cannot be read, for that may be another row', () => {
    const broken = `DECLARE loc_c CLOB; BEGIN select "C" into loc_c from "SHOP"."DOC" where "ID" = '2 for update;`;
    const told = parsed(row(INSERT), locate('C'), write('a', 1, 1), piece(10, broken));
    expect(told[1]).toBe('C of ID: a');
    expect(told[2]).toMatch(/^a piece of a large value in the redo log cannot be read: .* at \d+$/);
  });

  it('stop the table of a statement that cannot be read, without its values', () => {
    const told = parsed(row(`insert into "SHOP"."DOC"("ID") values ('secret`));
    expect(told[0]).toMatch(/^a statement of the redo log cannot be read: .* at \d+$/);
    expect(told[0]).not.toContain('secret');
  });
});

describe('a LOB', () => {
  const value = (...steps: Parameters<LobValue['apply']>[0][]) => {
    const lob = new LobValue(true);
    for (const step of steps) lob.apply(step);
    return lob.content;
  };
  const text = (content: string, amount: number, offset: number) =>
    ({ tag: 'write', content: { tag: 'text', text: content }, amount, offset }) as const;

  it('counts characters, not their halves, when it is written over and cut', () => {
    expect(value(text('a😀b😀c', 5, 1), text('x', 1, 2), { tag: 'trim', length: 4 })).toEqual({
      tag: 'text',
      text: 'axb😀',
    });
  });

  it('counts bytes of a BLOB', () => {
    const raw = (hex: string, amount: number, offset: number) =>
      ({ tag: 'write', content: { tag: 'raw', hex }, amount, offset }) as const;
    expect(value(raw('00112233', 4, 1), raw('ff', 1, 2), { tag: 'trim', length: 3 })).toEqual({
      tag: 'raw',
      hex: '00ff22',
    });
  });

  it('is empty where nothing is written', () => {
    expect(value()).toEqual({ tag: 'text', text: '' });
  });

  it('have an extended string asked for, whatever its pieces say', () => {
    const begin = piece(
      91,
      `DECLARE TempLob CLOB; Stmt CLOB; BEGIN DBMS_LOB.CreateTemporary(TempLob, FALSE); Stmt := 'update "SHOP"."DOC" a set a."T" = :T where a."ID" = ''1'';';`,
    );
    const pieces = [piece(92, `BEGIN buf_c := 'long'; DBMS_LOB.WriteAppend(TempLob, 4, buf_c);`), piece(93, 'END;')];
    expect(parsed(row(INSERT), begin, ...pieces)).toEqual(['insert DOC', 'T of ID: asked for']);
    expect(parsed(piece(91, 'DECLARE Stmt CLOB; BEGIN'))[0]).toMatch(/cannot be read/);
  });
});

import { expect, it } from 'vitest';
import { catalogOf, selectionOf, type ScriptedColumn } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { ScriptedSession } from '../../../test/fixtures/oracle-scripted/session.ts';
import type { SourceEvent } from '../../changes/change.ts';
import { timestampFromMicroseconds } from '../../changes/timestamp.ts';
import type { Answer, AskedChange } from './following/asked-values.ts';
import type { Described } from './following/followed-table.ts';
import { FollowedTable } from './following/followed-table.ts';
import { FollowedTables } from './following/followed-tables.ts';
import { structureOf } from './following/table-structure.ts';
import { LogDecoder, type AlteredTable } from './log-decoder.ts';
import type { MinedTable } from './mining/mined-table.ts';
import type { ParsedEvent } from './mining/parsed-changes.ts';
import { RedoParser } from './redo/redo-parser.ts';
import { readSourceTables } from './source-table.ts';
import { characterSet } from './values/raw-column.ts';

const policies = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } as const;
const CHARACTER_SETS = { plain: characterSet('AL32UTF8'), national: characterSet('AL16UTF16') };
const id: ScriptedColumn = { name: 'ID', precision: 9, scale: 0, isKey: true };
const n: ScriptedColumn = { name: 'N', precision: 9, scale: 0, nullable: true };

async function described(columns: readonly ScriptedColumn[], objectId: string, scn: string): Promise<Described> {
  const session = new ScriptedSession(catalogOf('ORD', columns, { objectId }));
  const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
  return { source: source ?? null, scn };
}

function mined(object: string, version = '1', name = 'ORD'): MinedTable {
  return { container: null, owner: name === 'ORD' ? 'SHOP' : 'UNKNOWN', name, id: object, version };
}

const BEGIN: ParsedEvent = { tag: 'begin', key: 'x', scn: '50', order: '50', timestamp: '2026-11-22 05:00:00' };

function row(table: MinedTable, sql: string, isMismatch = false): ParsedEvent {
  const statement = new RedoParser('strict').parse(sql);
  if (statement.op === 'fault') throw new Error(statement.reason);
  return { tag: 'row', table, statement, rowId: null, isMismatch };
}

/** A decoder of SHOP.ORD, whose number is 77, as the catalog says `now`; looked at again it is as `later` says. */
function decoderOf(
  now: Described,
  later: Described,
  numbers: readonly string[] = [],
  answer: (asked: readonly AskedChange[]) => readonly Answer[] = () => {
    throw new Error('nothing is to be asked');
  },
) {
  const kept = now.source === null ? null : structureOf(now.source);
  const followed = new FollowedTable(selectionOf('ORD'), { fromLogs: true, policies }, now, kept);
  const tables = new FollowedTables([followed], null);
  tables.addObjects([['77', 'SHOP.ORD']]);
  const asked: AlteredTable[] = [];
  const heard: (string | null)[][] = [];
  const decoder = new LogDecoder(tables, {
    resolve: (altered) => {
      asked.push(altered);
      tables.alter(altered.id, later, altered.added);
      return Promise.resolve();
    },
    askNumbers: (unheard) => {
      heard.push(unheard.map((table) => table.id));
      tables.askedFor(
        unheard,
        numbers.map((number) => [number, 'SHOP.ORD']),
      );
      return Promise.resolve();
    },
    ask: (some) => Promise.resolve(answer(some)),
    commitTime: () => timestampFromMicroseconds(0n),
    timeNear: () => timestampFromMicroseconds(0n),
    times: () => ({ told: null, seen: [] }),
    characterSets: CHARACTER_SETS,
  });
  const decode = async (...events: ParsedEvent[]) => {
    const told: SourceEvent[] = [];
    for await (const some of decoder.decode([BEGIN, ...events])) told.push(...some);
    return told.flatMap((event): unknown[] => {
      if (event.tag === 'obstacle') return [event.reason];
      if (event.tag === 'schema') return [event.schema.columns.map(({ sourceId }) => sourceId)];
      return event.tag === 'row' ? [event.change.after] : [];
    });
  };
  return { asked, heard, tables, decode };
}

it('looks again at a table that a row names under a number that nobody knows, once', async () => {
  const { asked, decode } = decoderOf(await described([id], '77', '40'), await described([id, n], '78', '60'));
  const first = row(mined('77'), `insert into "SHOP"."ORD"("ID") values ('1')`);
  const swapped = row(mined('78'), `insert into "SHOP"."ORD"("ID","N") values ('2','3')`);
  expect(await decode(first, swapped, swapped)).toEqual([['77/ID'], ['1'], ['78/ID', '78/N'], ['2', '3'], ['2', '3']]);
  expect(asked).toHaveLength(1);
});

it('stops a table whose rows are of two versions without a statement between them', async () => {
  const now = await described([id], '77', '40');
  const { decode } = decoderOf(now, now);
  const raw = (version: string) =>
    row(mined('77', version, 'OBJ# 77'), `insert into "UNKNOWN"."OBJ# 77"("COL 1") values (HEXTORAW('c102'))`, true);
  expect(await decode(raw('1'), raw('1'), raw('2'))).toEqual([
    ...[['77/ID'], ['1'], ['1']],
    expect.stringContaining('which columns they have is not known'),
  ]);
});

function raw(object: string): ParsedEvent {
  const sql = `insert into "UNKNOWN"."OBJ# ${object}"("COL 1") values (HEXTORAW('c102'))`;
  return row(mined(object, '1', `OBJ# ${object}`), sql, true);
}

it('asks once for numbers that nobody knows of rows without a name: a partition is found, other tables are left out', async () => {
  const now = await described([id], '77', '40');
  const { asked, heard, decode } = decoderOf(now, now, ['77', '79']);
  expect(await decode(raw('78'), raw('79'), raw('78'))).toEqual([['77/ID'], ['1']]);
  expect(await decode(raw('79'), raw('78'), raw('77'))).toEqual([['1'], ['1']]);
  expect(heard).toEqual([['78', '79', '78']]);
  expect(asked).toHaveLength(1);
});

it('looks again at a table of which numbers were heard since, before rows are read by the places of its columns', async () => {
  const { asked, tables, decode } = decoderOf(await described([id], '77', '40'), await described([n, id], '78', '60'));
  tables.asked(
    [
      ['77', 'SHOP.ORD'],
      ['78', 'SHOP.ORD'],
    ],
    '60',
  );
  expect(await decode(raw('77'), raw('78'))).toEqual([
    ...[['77/ID'], ['1']],
    expect.stringContaining('copy the table anew'),
  ]);
  expect(asked).toHaveLength(1);
});

it('looks again at a table whose row names a column that it has not, and stops it where nobody knows the column', async () => {
  const insert = (more: string) =>
    row(
      mined('77'),
      `insert into "SHOP"."ORD"("ID","${more}","SYS_NC00003$","ORA_ARCHIVE_STATE") values ('1','2','3','0')`,
    );
  const known = decoderOf(await described([id], '77', '40'), await described([id, n], '77', '60'));
  expect(await known.decode(insert('N'), insert('N'))).toEqual([
    ['77/ID', '77/N'],
    ['1', '2'],
    ['1', '2'],
  ]);
  expect(known.asked).toEqual([{ id: 'SHOP.ORD', added: null, isAnother: false }]);
  const unknown = decoderOf(await described([id], '77', '40'), await described([id], '77', '60'));
  const update = row(mined('77'), `update "SHOP"."ORD" set "ID" = '2' where "ID" = '1' and "X" IS NULL`);
  expect(await unknown.decode(update, update)).toEqual([
    expect.stringContaining('names a column that the table has not'),
  ]);
  expect(unknown.asked).toHaveLength(1);
});

it('stops a table where a row of its old structure comes behind the statement that ended it', async () => {
  const { decode } = decoderOf(await described([id], '77', '40'), await described([id, n], '77', '60'));
  const ddl: ParsedEvent = {
    tag: 'ddl',
    table: mined('77'),
    sql: 'ALTER TABLE ORD ADD (N NUMBER(9) DEFAULT 5 NOT NULL)',
  };
  expect(await decode(raw('77'), ddl, raw('77'))).toEqual([
    ...[['77/ID'], ['1']],
    expect.stringContaining('which columns they have is not known'),
  ]);
});

it('asks for the large values of a row of which a column that the server hides was written', async () => {
  const text: ScriptedColumn = { name: 'DOC', type: 'XMLTYPE', owner: 'SYS', nullable: true };
  const now = await described([id, text], '77', '40');
  const asked: (readonly number[])[] = [];
  const { decode } = decoderOf(now, now, [], (some) => {
    asked.push(...some.map(({ ask }) => ask));
    return some.map(() => ({ tag: 'row', values: ['1', '<a/>'], misfit: null }));
  });
  const where = { names: ['ID'], values: [{ tag: 'text', text: '1' }] } as const;
  const lob = { tag: 'lob', table: mined('77'), column: 'SYS_NC00003$', where, rowId: null, content: null } as const;
  expect(await decode(lob, { tag: 'obstacle', table: mined('77'), reason: 'end' })).toEqual([
    ['77/ID', '77/DOC'],
    ['1', '<a/>'],
    'end',
  ]);
  expect(asked).toEqual([[1]]);
});

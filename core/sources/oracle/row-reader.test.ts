import { describe, expect, it } from 'vitest';
import { catalogOf, selectionOf, type ScriptedColumn } from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { ScriptedSession } from '../../../test/fixtures/oracle-scripted/session.ts';
import type { TableSelection } from '../source-connector.ts';
import { replicatedTable } from './describe.ts';
import { loggedTable, type LoggedTable } from './logged-table.ts';
import { RedoParser } from './redo/redo-parser.ts';
import { readRow, type ReadRow } from './row-reader.ts';
import { readSourceTables } from './source-table.ts';

const policies = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } as const;
const id: ScriptedColumn = { name: 'ID', precision: 10, scale: 0, isKey: true };
const name: ScriptedColumn = { name: 'NAME', type: 'VARCHAR2', length: 20, nullable: true };
const note: ScriptedColumn = { name: 'NOTE', type: 'CLOB', nullable: true };
const ratio: ScriptedColumn = { name: 'RATIO', type: 'BINARY_DOUBLE', nullable: true };

async function logged(columns: readonly ScriptedColumn[], choices: Partial<TableSelection> = {}): Promise<LoggedTable> {
  const session = new ScriptedSession(catalogOf('ORD', columns, {}));
  const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
  if (source === undefined) throw new Error('no table');
  return loggedTable(replicatedTable(source, selectionOf('ORD', choices), { fromLogs: true, policies }));
}

function read(table: LoggedTable, sql: string): ReadRow {
  const statement = new RedoParser('strict').parse(sql);
  if (statement.op === 'fault') throw new Error(statement.reason);
  return readRow(table, statement);
}

function changeOf(row: ReadRow) {
  if (row.tag !== 'change') throw new Error(row.reason);
  const { op, before, after, misfit } = row.change;
  return { op, before, after, misfit, ask: row.ask };
}

describe('a statement of the redo log', () => {
  it('is an insert, of which what is not told exactly or at all is asked for', async () => {
    const table = await logged([id, name, note, ratio]);
    const row = read(table, `insert into "SHOP"."ORD"("ID","NAME","RATIO") values ('7',NULL,'1.5E+000');`);
    expect(changeOf(row)).toEqual({
      ...{ op: 'insert', before: null, misfit: null },
      after: ['7', null, undefined, undefined],
      ask: [2, 3],
    });
  });

  it('is an update: what was set over what was', async () => {
    const table = await logged([id, name, note]);
    const row = read(table, `update "SHOP"."ORD" set "NAME" = 'new' where "ID" = '7' and "NAME" IS NULL;`);
    const after = ['7', 'new', undefined];
    expect(changeOf(row)).toEqual({ op: 'update', before: null, after, misfit: null, ask: [] });
  });

  it('asks for what it has nothing of, where there is always something', async () => {
    const table = await logged([id, { ...name, nullable: false }, { ...name, name: 'OTHER' }]);
    const row = read(
      table,
      `update "SHOP"."ORD" set "OTHER" = 'x' where "ID" = '7' and "NAME" IS NULL and "OTHER" IS NULL;`,
    );
    expect(changeOf(row)).toMatchObject({ after: ['7', undefined, 'x'], ask: [1] });
  });

  it('is an update of a key', async () => {
    const table = await logged([id, name]);
    const row = read(table, `update "SHOP"."ORD" set "ID" = '8' where "ID" = '7' and "NAME" = 'a';`);
    expect(changeOf(row)).toMatchObject({ before: ['7', undefined], after: ['8', 'a'] });
  });

  it('is a delete, and tells whole rows of a table without a key', async () => {
    const table = await logged([{ ...id, isKey: false, nullable: true }, name]);
    const deleted = read(table, `delete from "SHOP"."ORD" where "ID" = '7' and "NAME" IS NULL;`);
    expect(changeOf(deleted)).toEqual({ op: 'delete', before: ['7', null], after: null, misfit: null, ask: [] });
    const updated = read(table, `update "SHOP"."ORD" set "NAME" = 'b' where "ID" = '7' and "NAME" = 'a';`);
    expect(changeOf(updated)).toMatchObject({ before: ['7', 'a'], after: ['7', 'b'] });
  });

  it('has what does not fit as a misfit, and passes over columns that are masked or not replicated', async () => {
    const table = await logged([id, { name: 'AT', type: 'DATE', nullable: true }, name], { mask: ['NAME'] });
    const date = `TO_DATE('0999-01-01 00:00:00', 'YYYY-MM-DD HH24:MI:SS')`;
    const row = read(table, `insert into "SHOP"."ORD"("ID","AT","NAME","GONE") values ('7',${date},'secret','x');`);
    expect(changeOf(row)).toMatchObject({
      after: ['7', '0999-01-01 00:00:00', null],
      misfit: { column: 'AT', reason: 'before 1000-01-01' },
    });
  });

  it('fits where the value that did not is set anew, and only then', async () => {
    const at = { name: 'AT', type: 'DATE', nullable: true };
    const table = await logged([id, name, at, { ...at, name: 'UP_TO' }]);
    const date = (year: string) => `TO_DATE('${year}-01-01 00:00:00', 'YYYY-MM-DD HH24:MI:SS')`;
    const where = `where "ID" = '7' and "AT" = ${date('0999')}`;
    const set = read(table, `update "SHOP"."ORD" set "AT" = NULL ${where};`);
    expect(changeOf(set)).toMatchObject({ after: ['7', undefined, null, undefined], misfit: null });
    const other = read(table, `update "SHOP"."ORD" set "AT" = NULL ${where} and "UP_TO" = ${date('0998')};`);
    expect(changeOf(other)).toMatchObject({ misfit: { column: 'UP_TO' } });
  });

  it('is not told where it does not say which row, or has a value of another type', async () => {
    const table = await logged([id, name]);
    const unknown = read(table, `delete from "SHOP"."ORD" where "NAME" = 'secret';`);
    expect(unknown).toMatchObject({ tag: 'untold', reason: expect.stringContaining('column ID') as string });
    const wrong = read(table, `insert into "SHOP"."ORD"("ID") values ('secret');`);
    expect(wrong).toEqual({ tag: 'untold', reason: 'a value of column ID is none of type NUMBER(10,0)' });
  });
});

import { describe, expect, it } from 'vitest';
import {
  catalogOf,
  selectionOf,
  type ScriptedColumn,
  type ScriptedTable,
} from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { ScriptedSession } from '../../../test/fixtures/oracle-scripted/session.ts';
import type { Column } from '../../changes/table-schema.ts';
import type { TableSelection } from '../source-connector.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { listTables } from './list-tables.ts';
import { readSourceTables } from './source-table.ts';

const policies = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } as const;
const id: ScriptedColumn = { name: 'ID', precision: 10, scale: 0, isKey: true };
const name: ScriptedColumn = { name: 'NAME', type: 'VARCHAR2', length: 20, nullable: true };
const note: ScriptedColumn = { name: 'NOTE', type: 'CLOB', nullable: true };

async function described(
  columns: readonly ScriptedColumn[],
  choices: Partial<TableSelection> = {},
  { fromLogs = true, ...table }: ScriptedTable & { readonly fromLogs?: boolean } = {},
): Promise<ReplicatedTable> {
  const session = new ScriptedSession(catalogOf('ORD', columns, table));
  const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
  if (source === undefined) throw new Error('no table');
  return replicatedTable(source, selectionOf('ORD', choices), { fromLogs, policies });
}

describe('a table', () => {
  it('has the columns of the catalog, and its primary key', async () => {
    const { schema } = await described([id, name, note]);
    expect(schema.identity).toEqual({ tag: 'key', columns: ['ID'] });
    expect(schema.columns).toMatchObject([
      { name: 'ID', type: { tag: 'integer', bits: 64 }, nullable: false, sourceType: 'NUMBER(10,0)' },
      { name: 'NAME', type: { tag: 'text', maxCharacters: 20 }, nullable: true, sourceType: 'VARCHAR2(20)' },
      { name: 'NOTE', type: { tag: 'text', maxCharacters: null }, nullable: true },
    ]);
  });

  it('that is not there is PS1005', async () => {
    const session = new ScriptedSession({});
    await expect(readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }])).rejects.toMatchObject({
      code: 'PS1005',
    });
  });

  it('lets virtual columns out where changes come from the logs, and reads them else', async () => {
    const virtual: ScriptedColumn = { name: 'SUM', nullable: true, isVirtual: true, default: '"A"+"B"' };
    const names = ({ schema }: ReplicatedTable) => schema.columns.map((column) => column.name);
    expect(names(await described([id, virtual]))).toEqual(['ID']);
    expect(names(await described([id, virtual], {}, { fromLogs: false }))).toEqual(['ID', 'SUM']);
  });

  it('that was made anew has other columns, whatever their names, and so has a column that is padded to another length', async () => {
    const fingerprint = async (column: ScriptedColumn, table: ScriptedTable = {}) =>
      (await described([id, column], {}, table)).schema.columns[1]?.sourceId;
    expect(await fingerprint(name, { objectId: '78' })).not.toBe(await fingerprint(name));
    const char = { name: 'C', type: 'CHAR', length: 5 };
    expect(await fingerprint({ ...char, length: 6 })).not.toBe(await fingerprint(char));
  });

  it('with a column of a type that has no values elsewhere is refused until it is masked', async () => {
    const file: ScriptedColumn = { name: 'DOC', type: 'BFILE', nullable: true };
    await expect(described([id, file])).rejects.toMatchObject({
      code: 'PS1001',
      remedy: expect.stringContaining('add DOC') as string,
    });
    const shape: ScriptedColumn = { name: 'SHAPE', type: 'SHAPE', owner: 'SHOP', nullable: true };
    expect((await described([id, shape], { mask: ['SHAPE'] })).columns[1]?.isMasked).toBe(true);
  });

  it('with a column that has LogMiner pass over the table is refused for the log, masked or not', async () => {
    const file: ScriptedColumn = { name: 'DOC', type: 'BFILE', nullable: true };
    await expect(described([id, file], { mask: ['DOC'] })).rejects.toMatchObject({ code: 'PS2011' });
    await expect(described([id, file], { mask: ['DOC'] }, { fromLogs: false })).resolves.toBeDefined();
  });
});

describe('changes of a table', () => {
  it.each<[string, readonly ScriptedColumn[], ScriptedTable, string]>([
    ['temporary', [id], { isTemporary: true }, 'temporary'],
    ['external', [id], { isExternal: true }, 'external'],
    ['without a key and with a large value', [{ ...id, isKey: false }, note], {}, 'old values'],
    [
      'without a key and with an extended text',
      [
        { ...id, isKey: false },
        { name: 'T', type: 'VARCHAR2', length: 4001, nullable: true },
      ],
      {},
      'old values',
    ],
  ])('that is %s cannot be read from the logs', async (_, columns, table, message) => {
    await expect(described(columns, {}, table)).rejects.toMatchObject({
      code: 'PS2011',
      message: expect.stringContaining(message) as string,
    });
    await expect(described(columns, {}, { ...table, fromLogs: false })).resolves.toBeDefined();
  });
});

describe('rows that are older than a column', () => {
  const told = (column: Column | undefined) => (column?.backfillUnknown === true ? 'unknown' : column?.backfill);

  it.each<[string, Partial<ScriptedColumn>, string | null]>([
    ['nullable, without a default', { nullable: true }, null],
    ['with a default that may have come later', { nullable: true, default: '5' }, 'unknown'],
    ['with a default that may have been another one', { default: '5' }, 'unknown'],
  ])('have in a column %s: %o', async (_, more, expected) => {
    const { schema } = await described([id, { name: 'NEW', ...more }]);
    expect(told(schema.columns[1])).toBe(expected);
  });

  it.each<[string, Partial<ScriptedColumn>, string | null, string | null]>([
    ['without a default', { default: '5' }, null, null],
    ['with a number', { default: '5' }, '.50', '0.5'],
    ['with a number that fits', { precision: 5, scale: 2 }, '-1.50', '-1.5'],
    ['with a number that is rounded', { precision: 5, scale: 2 }, '1.505', 'unknown'],
    ['with a number that is rounded before the point', { precision: 5, scale: -2 }, '1234', 'unknown'],
    ['with a text', { type: 'VARCHAR2', length: 9 }, "'it''s'", "it's"],
    ['with the empty text, which is NULL', { type: 'VARCHAR2', length: 9 }, "''", 'unknown'],
    ['with a text that is padded', { type: 'CHAR', length: 9 }, "'a'", 'unknown'],
    ['with a day', { type: 'DATE' }, "DATE '2024-02-29'", '2024-02-29 00:00:00'],
    ['with a text that is a day by the session', { type: 'DATE' }, "'2024-02-29'", 'unknown'],
  ])('have in a column that was added %s: %o %s', async (_, more, addedWith, expected) => {
    const session = new ScriptedSession(catalogOf('ORD', [id, { name: 'NEW', ...more }]));
    const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
    if (source === undefined) throw new Error('no table');
    const columns = source.columns.map((column) => (column.name === 'NEW' ? { ...column, addedWith } : column));
    const { schema } = replicatedTable({ ...source, columns }, selectionOf('ORD'), { fromLogs: true, policies });
    expect(told(schema.columns[1])).toBe(expected);
  });
});

it('lists tables by their names, with their keys', async () => {
  const session = new ScriptedSession({
    listTables: () => [
      ['SHOP', 'ORD', '12'],
      ['ARCHIVE', 'OLD', null],
    ],
    listKeys: () => [
      ['SHOP', 'ORD', 'A'],
      ['SHOP', 'ORD', 'B'],
    ],
  });
  expect(await listTables(session)).toEqual([
    { table: { schema: 'ARCHIVE', name: 'OLD' }, key: null, estimatedRows: null },
    { table: { schema: 'SHOP', name: 'ORD' }, key: ['A', 'B'], estimatedRows: 12 },
  ]);
});

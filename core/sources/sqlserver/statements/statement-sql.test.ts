import { expect, it } from 'vitest';
import type { SourceType } from '../values/source-type.ts';
import type { TypedColumn } from './columns.ts';
import { statementSql } from './statement-sql.ts';
import type { Statement } from './statement.ts';

const orders = { schema: 'dbo', name: 'Orders' };
const odd = { schema: 'a]b', name: "it's; DROP TABLE x" };

function column(name: string, type: SourceType): TypedColumn {
  return { name, type };
}

const id = column('id', { tag: 'integer', bits: 32 });
const line = column('line', { tag: 'varchar', isUnicode: true, characters: 10 });
const price = column('price', { tag: 'decimal', precision: 10, scale: 2 });
const seen = column('seen', { tag: 'rowversion' });
const at = column('at', { tag: 'datetime2', fraction: 3 });
const LSN = '0000002B000001280003';

/** Of every statement at least one form. */
const STATEMENTS: { readonly [Tag in Statement['tag']]: readonly Extract<Statement, { tag: Tag }>[] } = {
  beginSnapshot: [{ tag: 'beginSnapshot' }],
  beginLocking: [{ tag: 'beginLocking', milliseconds: 5000 }],
  lockTable: [{ tag: 'lockTable', table: orders }],
  touch: [{ tag: 'touch', table: odd }],
  end: [{ tag: 'end' }],
  database: [{ tag: 'database' }],
  now: [{ tag: 'now' }],
  minActiveRowversion: [{ tag: 'minActiveRowversion' }],
  tableRights: [{ tag: 'tableRights', tables: [orders, odd] }],
  databaseRights: [{ tag: 'databaseRights' }],
  agent: [{ tag: 'agent' }],
  tryCondition: [{ tag: 'tryCondition', table: orders, where: 'price > 5 -- dear' }],
  listTables: [{ tag: 'listTables' }],
  listKeys: [{ tag: 'listKeys' }],
  tables: [
    { tag: 'tables', tables: [orders, odd] },
    { tag: 'tables', tables: [] },
  ],
  columns: [{ tag: 'columns', tables: [orders] }],
  defaultText: [{ tag: 'defaultText', column: price, constant: '1.5' }],
  leadingColumns: [{ tag: 'leadingColumns', table: orders }],
  tableSize: [{ tag: 'tableSize', table: orders }],
  rows: [
    { tag: 'rows', table: orders, columns: [id, null, price], conditions: [], orderBy: null },
    {
      tag: 'rows',
      table: odd,
      columns: [id],
      conditions: [
        { tag: 'above', column: id, text: '10' },
        { tag: 'upTo', column: id, text: '20' },
        { tag: 'chosen', where: "state <> N'gone'" },
      ],
      orderBy: null,
    },
    {
      tag: 'rows',
      table: orders,
      columns: [seen, id],
      conditions: [
        { tag: 'isSet', column: seen },
        { tag: 'above', column: seen, text: '00000000000007D1' },
        { tag: 'below', column: seen, text: '00000000000007E0' },
      ],
      orderBy: seen,
    },
    {
      tag: 'rows',
      table: orders,
      columns: [id, line],
      conditions: [
        {
          tag: 'keys',
          columns: [id, line],
          keys: [
            ['1', 'a'],
            ['1', "b'"],
          ],
        },
      ],
      orderBy: null,
    },
    {
      tag: 'rows',
      table: orders,
      columns: [id],
      conditions: [{ tag: 'keys', columns: [id], keys: [['1'], ['2']] }],
      orderBy: null,
    },
  ],
  boundaries: [{ tag: 'boundaries', table: orders, column: id, every: 1000 }],
  greatest: [
    {
      tag: 'greatest',
      table: orders,
      column: at,
      conditions: [{ tag: 'upTo', column: at, text: '2026-11-21 09:00:00.000' }],
    },
  ],
  trackingVersion: [{ tag: 'trackingVersion' }],
  trackedTables: [{ tag: 'trackedTables' }],
  changedTables: [
    {
      tag: 'changedTables',
      tables: [
        { table: orders, after: '17' },
        { table: odd, after: '4' },
      ],
    },
  ],
  trackedChanges: [
    { tag: 'trackedChanges', table: orders, key: [id, line], columns: [id, line, price], after: '17', upTo: '21' },
  ],
  captureInstances: [{ tag: 'captureInstances' }],
  capturedColumns: [{ tag: 'capturedColumns', instances: ['dbo_Orders', 'v2'] }],
  capturedUpTo: [{ tag: 'capturedUpTo' }],
  capturedFrom: [{ tag: 'capturedFrom' }],
  logEnd: [{ tag: 'logEnd' }],
  capturedTransactions: [{ tag: 'capturedTransactions', after: LSN, most: 500 }],
  changedInstances: [{ tag: 'changedInstances', instances: [{ instance: 'dbo_Orders', after: LSN, upTo: LSN }] }],
  capturedChanges: [
    {
      tag: 'capturedChanges',
      instance: 'dbo_Orders]',
      columns: [id, null, price],
      after: { lsn: LSN, command: '7', sequence: LSN, operation: '3' },
      upTo: LSN,
      most: 2000,
    },
    {
      tag: 'capturedChanges',
      instance: 'dbo_Orders',
      columns: [id],
      after: { lsn: LSN, command: '0', sequence: LSN, operation: '0' },
      upTo: LSN,
      most: 200,
    },
  ],
  structureHistory: [{ tag: 'structureHistory', instances: ['dbo_Orders'] }],
  captureRights: [{ tag: 'captureRights', instances: ['dbo_Orders'] }],
  captureRetention: [{ tag: 'captureRetention' }],
};

it('sends these statements, and no others (statements.sql)', async () => {
  const written = Object.values(STATEMENTS)
    .flat()
    .map((statement) => {
      const { text, parameters } = statementSql(statement);
      const bound = parameters.map((value, index) => `-- @p${index + 1} = ${JSON.stringify(value)}\n`).join('');
      return `-- ${statement.tag}\n${bound}${text}\n`;
    });
  await expect(written.join('\n')).toMatchFileSnapshot('./statements.sql');
});

it('binds every value and quotes every name', () => {
  const hostile = `'; DROP TABLE x --]`;
  for (const statement of Object.values(STATEMENTS).flat()) {
    const { text, parameters } = statementSql(statement);
    expect(
      [...text.matchAll(/@p(\d+)/g)].map(([, number]) => Number(number)).every((one) => one <= parameters.length),
    ).toBe(true);
  }
  const { text, parameters } = statementSql({
    tag: 'rows',
    table: { schema: 'dbo', name: hostile },
    columns: [column(hostile, { tag: 'integer', bits: 32 })],
    conditions: [{ tag: 'above', column: id, text: hostile }],
    orderBy: null,
  });
  expect(text).toBe(
    `SELECT ['; DROP TABLE x --]]] FROM [dbo].['; DROP TABLE x --]]] WHERE [id] > CONVERT(bigint, @p1);`,
  );
  expect(parameters).toEqual([hostile]);
  expect(() => statementSql({ tag: 'changedTables', tables: [{ table: orders, after: '1); DROP TABLE x' }] })).toThrow(
    RangeError,
  );
});

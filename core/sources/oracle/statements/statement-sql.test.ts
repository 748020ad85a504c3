import { expect, it } from 'vitest';
import type { SourceType } from '../values/source-type.ts';
import type { TypedColumn } from './columns.ts';
import { STATEMENT_TAGS, statementSql } from './statement-sql.ts';
import type { Statement } from './statement.ts';

const orders = { schema: 'SHOP', name: 'ORDERS' };
const odd = { schema: 'Shop Ärea', name: `it's "odd"` };

function column(name: string, type: SourceType): TypedColumn {
  return { name, type };
}

const id = column('ID', { tag: 'number', precision: 10, scale: 0 });
const line = column('LINE', { tag: 'varchar', isNational: false, characters: 10 });
const national = column('NAME', { tag: 'varchar', isNational: true, characters: 20 });
const at = column('AT', { tag: 'timestamp', fraction: 6 });
const rowScn = column('ORA_ROWSCN', { tag: 'rowScn' });
const SCN = '9295429630892703742';

/** A column of every type. */
const TYPES: readonly SourceType[] = [
  { tag: 'number', precision: 38, scale: null },
  { tag: 'float', bits: 126 },
  { tag: 'binaryFloat', bits: 32 },
  { tag: 'char', isNational: false, characters: 5 },
  { tag: 'varchar', isNational: true, characters: 5 },
  { tag: 'clob', isNational: true },
  { tag: 'long' },
  { tag: 'raw', bytes: 16 },
  { tag: 'blob' },
  { tag: 'longRaw' },
  { tag: 'date' },
  { tag: 'timestamp', fraction: 9 },
  { tag: 'zoned', fraction: 6 },
  { tag: 'local', fraction: 6 },
  { tag: 'yearMonth', years: 2 },
  { tag: 'daySecond', days: 2, fraction: 6 },
  { tag: 'rowid' },
  { tag: 'urowid', bytes: 4000 },
  { tag: 'boolean' },
  { tag: 'xml' },
  { tag: 'json' },
  { tag: 'ref' },
  { tag: 'rowScn' },
];

function rows(more: Partial<Extract<Statement, { tag: 'rows' }>>): Extract<Statement, { tag: 'rows' }> {
  return { tag: 'rows', table: orders, asOf: null, columns: [id], conditions: [], orderBy: null, ...more };
}

type Forms<One> = readonly [One, ...(readonly One[])];

/** Of every statement at least one form, of those that the extract types use differently one for each. */
const STATEMENTS: { readonly [Tag in Statement['tag']]: Forms<Extract<Statement, { tag: Tag }>> } = {
  setFormats: [{ tag: 'setFormats' }],
  setZone: [{ tag: 'setZone' }],
  setRoot: [{ tag: 'setRoot' }],
  database: [{ tag: 'database' }],
  release: [
    { tag: 'release', isFull: true },
    { tag: 'release', isFull: false },
  ],
  now: [{ tag: 'now' }],
  currentScn: [{ tag: 'currentScn' }],
  clock: [{ tag: 'clock' }],
  schedulerZone: [{ tag: 'schedulerZone' }],
  sessionUser: [{ tag: 'sessionUser' }],
  timeOfScn: [{ tag: 'timeOfScn', scn: SCN }],
  characterSets: [{ tag: 'characterSets' }],
  openTransactions: [{ tag: 'openTransactions' }],
  inDoubt: [{ tag: 'inDoubt' }],
  containers: [{ tag: 'containers' }],
  incarnation: [{ tag: 'incarnation' }],
  privileges: [{ tag: 'privileges' }],
  tryView: [
    { tag: 'tryView', view: 'V$LOGMNR_CONTENTS' },
    { tag: 'tryView', view: 'GV$TRANSACTION' },
  ],
  tryTable: [
    { tag: 'tryTable', table: orders, asOf: null },
    { tag: 'tryTable', table: odd, asOf: SCN },
  ],
  isRds: [{ tag: 'isRds' }],
  rdsSettings: [{ tag: 'rdsSettings' }],
  archiveDestinations: [{ tag: 'archiveDestinations' }],
  logs: [{ tag: 'logs', behind: SCN, destination: '1' }],
  archiveReach: [{ tag: 'archiveReach', destination: '1' }],
  threads: [{ tag: 'threads' }],
  buildDictionary: [{ tag: 'buildDictionary' }],
  tryDictionary: [{ tag: 'tryDictionary' }],
  addLogFile: [
    { tag: 'addLogFile', file: '/arch/1_17_1.arc', isFirst: true },
    { tag: 'addLogFile', file: `/arch/o'1.arc`, isFirst: false },
  ],
  startMining: [
    { tag: 'startMining', from: '100', upTo: SCN, dictionary: 'online', isContinuous: false },
    { tag: 'startMining', from: '100', upTo: SCN, dictionary: 'redo', isContinuous: false },
    { tag: 'startMining', from: '100', upTo: null, dictionary: 'online', isContinuous: true },
  ],
  minedRows: [
    { tag: 'minedRows', from: '100', upTo: SCN, filter: { objects: ['74858', '74860'], container: null } },
    { tag: 'minedRows', from: '100', upTo: null, filter: { objects: ['74858'], container: "O'PDB" } },
    { tag: 'minedRows', from: '100', upTo: SCN, filter: { objects: [], container: null } },
    {
      tag: 'minedRows',
      from: '100',
      upTo: null,
      filter: { objects: ['74858'], tables: [orders, odd], container: null },
    },
  ],
  endMining: [{ tag: 'endMining' }],
  minedLogs: [{ tag: 'minedLogs' }],
  listTables: [{ tag: 'listTables' }],
  listKeys: [{ tag: 'listKeys' }],
  tables: [
    { tag: 'tables', tables: [orders, odd] },
    { tag: 'tables', tables: [] },
  ],
  tableObjects: [{ tag: 'tableObjects', tables: [orders] }],
  columns: [{ tag: 'columns', tables: [orders] }],
  keys: [{ tag: 'keys', tables: [orders] }],
  logGroups: [{ tag: 'logGroups', tables: [orders] }],
  unlogged: [{ tag: 'unlogged', tables: [orders] }],
  extents: [{ tag: 'extents', table: orders }],
  tableSize: [{ tag: 'tableSize', table: orders }],
  leadingColumns: [{ tag: 'leadingColumns', table: orders }],
  rows: [
    rows({ asOf: SCN, columns: [id, null, ...TYPES.map((type) => column(type.tag.toUpperCase(), type))] }),
    rows({
      table: odd,
      asOf: SCN,
      conditions: [
        { tag: 'rowIds', from: 'AAASd7AAHAAAAFoAAA', to: 'AAASd7AAHAAAAFwAAA' },
        { tag: 'chosen', where: "STATE <> 'gone' -- a comment" },
      ],
    }),
    rows({ asOf: SCN, conditions: [{ tag: 'rowIdIn', rowIds: ['AAASd7AAHAAAAFrAAB', 'AAASd7AAHAAAAFrAAC'] }] }),
    rows({ asOf: SCN, conditions: [{ tag: 'rowIds', from: 'AAASd7AAHAAAAFwAAA', to: null }] }),
    rows({ conditions: [{ tag: 'keys', columns: [id], keys: [['1'], ['2']] }] }),
    // Each type as it is compared.
    rows({
      conditions: [
        {
          tag: 'keys',
          columns: TYPES.map((type) => column(type.tag.toUpperCase(), type)),
          keys: [TYPES.map(({ tag }) => `a ${tag}`)],
        },
      ],
    }),
    rows({
      asOf: SCN,
      conditions: [
        {
          tag: 'keys',
          columns: [id, line, national],
          keys: [
            ['1', 'a', 'ünï\\'],
            ['1', "b'", '☃'],
          ],
        },
      ],
    }),
    rows({
      columns: [at, id],
      conditions: [
        { tag: 'above', column: at, text: '2026-11-21 09:00:00.000000' },
        { tag: 'upTo', column: at, text: '2026-11-21 10:00:00.000000' },
      ],
      orderBy: at,
    }),
    rows({
      asOf: SCN,
      columns: [rowScn, id],
      conditions: [{ tag: 'above', column: rowScn, text: '17' }],
      orderBy: rowScn,
    }),
    rows({ columns: [at], conditions: [{ tag: 'isSet', column: at }], orderBy: at }),
  ],
  boundaries: [{ tag: 'boundaries', table: orders, asOf: SCN, column: id, every: 1000 }],
  greatest: [
    {
      tag: 'greatest',
      table: orders,
      asOf: null,
      column: at,
      conditions: [{ tag: 'upTo', column: at, text: '2026-11-21 09:00:00' }],
    },
    { tag: 'greatest', table: orders, asOf: SCN, column: rowScn, conditions: [] },
  ],
  tryCondition: [{ tag: 'tryCondition', table: orders, where: 'PRICE > 5 -- dear' }],
};

it('sends these statements, and no others (statements.sql)', async () => {
  const written = Object.values(STATEMENTS)
    .flat()
    .map((statement) => {
      const { text, binds } = statementSql(statement);
      const bound = binds.map((value, index) => `-- :b${index + 1} = ${JSON.stringify(value)}\n`).join('');
      return `-- ${statement.tag}\n${bound}${text}\n`;
    });
  await expect(written.join('\n')).toMatchFileSnapshot('./statements.sql');
});

it('has a statement of every kind', () => {
  for (const [tag, forms] of Object.entries(STATEMENTS))
    expect(new Set(forms.map((form) => form.tag))).toEqual(new Set([tag]));
  // A kind that has no statement here has no SQL there; the compiler tells of one that is missing on both sides.
  expect(Object.keys(STATEMENTS)).toEqual([...STATEMENT_TAGS]);
});

it('binds every value and quotes every name', () => {
  for (const statement of Object.values(STATEMENTS).flat()) {
    const { text, binds } = statementSql(statement);
    const used = new Set([...text.matchAll(/:b(\d+)/g)].map(([, number]) => Number(number)));
    expect([...used].sort((a, b) => a - b)).toEqual(binds.map((_, index) => index + 1));
  }
  const hostile = `"; DROP TABLE x --`;
  const { text, binds } = statementSql(
    rows({
      table: { schema: 'SHOP', name: hostile },
      columns: [column(hostile, line.type)],
      conditions: [{ tag: 'above', column: id, text: hostile }],
    }),
  );
  expect(text).toBe(`SELECT """; DROP TABLE x --" FROM "SHOP"."""; DROP TABLE x --" WHERE "ID" > TO_NUMBER(:b1)`);
  expect(binds).toEqual([hostile]);
});

it('writes object numbers out, and nothing else', () => {
  const objects = ['1', '2); DROP TABLE x'];
  const { text } = statementSql({ tag: 'minedRows', from: '1', upTo: '2', filter: { objects, container: null } });
  expect(text).toContain('DATA_OBJ# IN (1)');
  expect(text).not.toContain('DROP');
});

it('cuts long lists, of which an IN takes a thousand', () => {
  const objects = Array.from({ length: 2001 }, (_, index) => String(index));
  const { text } = statementSql({ tag: 'minedRows', from: '1', upTo: '2', filter: { objects, container: null } });
  expect(text.match(/DATA_OBJ# IN/g)).toHaveLength(3);
});

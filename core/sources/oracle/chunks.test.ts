import { expect, it } from 'vitest';
import {
  catalogOf,
  selectionOf,
  type ScriptedColumn,
  type ScriptedTable,
} from '../../../test/fixtures/oracle-scripted/catalog.ts';
import { ScriptedSession, serverError, type Script } from '../../../test/fixtures/oracle-scripted/session.ts';
import type { ChunkRange } from '../../changes/copy-mark.ts';
import { planChunks, rangeConditions, rowIdRanges } from './chunks.ts';
import { replicatedTable, type ReplicatedTable } from './describe.ts';
import { conditionsOf } from './fetch-rows.ts';
import { readSourceTables } from './source-table.ts';
import { whereFault } from './where.ts';

const policies = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } as const;
const ID: ScriptedColumn = { name: 'ID', precision: 10, scale: 0, isKey: true };

async function planned(
  column: ScriptedColumn,
  table: ScriptedTable,
  script: Script,
): Promise<{ readonly ranges: ChunkRange[]; readonly table: ReplicatedTable; readonly session: ScriptedSession }> {
  const session = new ScriptedSession({ ...catalogOf('ORD', [column], table), ...script });
  const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
  if (source === undefined) throw new Error('no table');
  const selection = selectionOf('ORD', { where: "STATE <> 'gone'" });
  const replicated = replicatedTable(source, selection, { fromLogs: false, policies });
  return { ranges: await planChunks(session, replicated, 100, '17'), table: replicated, session };
}

const SIZE: Script = { tableSize: () => [['1000', '50']] };
const BOUNDARIES: Script = { ...SIZE, boundaries: () => [['10'], ['10'], ['25']] };
const extent = (number: number, bytes: number) => [`from${number}`, String(bytes)];

it('puts neighbouring extents together until a chunk has its size, and leaves none out', async () => {
  const extents = [extent(1, 60), extent(2, 60), extent(3, 200), extent(4, 30)];
  const { ranges, table, session } = await planned(ID, {}, { extents: () => extents });
  expect(ranges).toEqual([
    { tag: 'pages', from: 'AAAAAAAAAAAAAAAAAA', to: 'from3' },
    { tag: 'pages', from: 'from3', to: 'from4' },
    { tag: 'pages', from: 'from4', to: null },
  ]);
  expect(session.asked.some(({ tag }) => tag === 'boundaries')).toBe(false);
  expect(rangeConditions(table, { tag: 'pages', from: 'from1', to: 'from3' })).toEqual([
    { tag: 'rowIds', from: 'from1', to: 'from3' },
    { tag: 'chosen', where: "STATE <> 'gone'" },
  ]);
});

it('does not cut a small table, nor one without extents', () => {
  expect(rowIdRanges([{ from: 'a', bytes: 140 }], 100)).toEqual([{ tag: 'whole' }]);
  expect(rowIdRanges([], 100)).toEqual([{ tag: 'whole' }]);
});

it.each<[string, ScriptedTable, Script]>([
  ['an index-organised table', { kind: 'index' }, BOUNDARIES],
  [
    'a table whose extents the user may not see',
    {},
    {
      ...BOUNDARIES,
      extents: () => {
        throw serverError(942);
      },
    },
  ],
])('cuts %s by its key, at the SCN of the snapshot', async (_, table, script) => {
  const { ranges, session } = await planned(ID, table, script);
  expect(ranges).toEqual([
    { tag: 'key', column: 'ID', compareAs: 'number', after: null, upTo: '10' },
    { tag: 'key', column: 'ID', compareAs: 'number', after: '10', upTo: '25' },
    { tag: 'key', column: 'ID', compareAs: 'number', after: '25', upTo: null },
  ]);
  expect(session.asked.find(({ tag }) => tag === 'boundaries')).toMatchObject({ asOf: '17', every: 5 });
});

it.each<[string, ScriptedColumn, Script]>([
  ['a text, which both sides sort differently', { name: 'ID', type: 'VARCHAR2', length: 9, isKey: true }, SIZE],
  ['a number with a fraction', { name: 'ID', precision: 10, scale: 2, isKey: true }, SIZE],
  ['a table without statistics', ID, { tableSize: () => [[null, null]] }],
])('does not cut by %s', async (_, column, script) => {
  const { ranges } = await planned(column, { kind: 'index' }, script);
  expect(ranges).toEqual([{ tag: 'whole' }]);
});

it('finds keys by the columns whose canonical texts the server reads back', async () => {
  const session = new ScriptedSession(
    catalogOf('ORD', [ID, { name: 'AT', type: 'TIMESTAMP(6) WITH TIME ZONE', scale: 6, nullable: true }]),
  );
  const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
  if (source === undefined) throw new Error('no table');
  const table = (key: readonly string[]) =>
    replicatedTable(source, selectionOf('ORD', { key }), { fromLogs: false, policies });
  expect(conditionsOf(table(['ID', 'AT']), [['1', 'x']])).toMatchObject([{ tag: 'keys', keys: [['1']] }]);
  expect(conditionsOf(table(['AT']), [['x']])).toEqual([{ tag: 'chosen', where: '1 = 1' }]);
  expect(
    conditionsOf(
      table(['ID']),
      Array.from({ length: 1001 }, (_, index) => [String(index)]),
    ),
  ).toHaveLength(2);
});

it.each([
  ["NAME = q'[it's]'", null],
  ["NAME = 'a;b' -- and (", null],
  ['NAME = 1; DROP TABLE X', 'it holds a semicolon'],
  ['A = 1) OR (B = 2', 'it closes a parenthesis that it did not open'],
  ['', 'it is empty'],
])('the condition %s', (where, fault) => {
  expect(whereFault(where)).toBe(fault);
});

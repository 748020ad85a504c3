import { expect, it } from 'vitest';
import { catalogOf, selectionOf } from '../../../../test/fixtures/oracle-scripted/catalog.ts';
import { ScriptedSession } from '../../../../test/fixtures/oracle-scripted/session.ts';
import { replicatedTable } from '../describe.ts';
import { loggedTable, type LoggedTable } from '../logged-table.ts';
import { readSourceTables } from '../source-table.ts';
import type { AskedChange } from './asked-values.ts';
import { MovedKeys } from './moved-keys.ts';

const policies = { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } as const;

async function tableOf(kind: 'heap' | 'index'): Promise<LoggedTable> {
  const columns = [
    { name: 'ID', precision: 9, scale: 0, isKey: true },
    { name: 'N', precision: 9, scale: 0, nullable: true },
  ];
  const session = new ScriptedSession(catalogOf('ORD', columns, { kind }));
  const [source] = await readSourceTables(session, [{ schema: 'SHOP', name: 'ORD' }]);
  if (source === undefined) throw new Error('no table');
  return loggedTable(replicatedTable(source, selectionOf('ORD'), { fromLogs: true, policies }));
}

/** A change of the row `rowId` from one key to another; null: it is not there. */
function change(logged: LoggedTable, rowId: string | null, from: number | null, to: number | null): AskedChange {
  const { schema } = logged.table;
  const before = from === null || from === to ? null : [String(from), undefined];
  const after = to === null ? null : [String(to), undefined];
  const op = from === null ? 'insert' : to === null ? 'delete' : 'update';
  return { logged, scn: '50', change: { schema, op, before, after, misfit: null }, ask: [], rowId };
}

it('tells a row that leaves its key to another one as a new one where it goes to, with values of its own alone', async () => {
  const table = await tableOf('heap');
  const keys = new MovedKeys();
  expect(keys.place(change(table, 'A', 1, 2))).toMatchObject({ tag: 'told', row: { change: { op: 'update' } } });
  // Of the row that came first nothing may be told by the key that it lost.
  expect(keys.place(change(table, 'B', 2, 2)).tag).toBe('passed');
  expect(keys.place(change(table, 'A', 2, 2)).tag).toBe('told');
  expect(keys.place(change(table, 'B', 2, 3))).toMatchObject({
    tag: 'left',
    change: { op: 'delete', before: ['2', undefined] },
    row: { change: { op: 'insert', before: null, after: ['3', undefined] }, ask: [1] },
  });
  // One row has the key now: whatever leaves it is that one.
  expect(keys.place(change(table, 'A', 2, null)).tag).toBe('told');
  expect(keys.place(change(table, 'C', 3, null))).toMatchObject({ tag: 'left', row: null });
});

it('takes a row that is new at a key for the one that has it', async () => {
  const table = await tableOf('heap');
  const keys = new MovedKeys();
  keys.place(change(table, 'A', 1, 2));
  keys.place(change(table, 'B', null, 2));
  expect(keys.place(change(table, 'A', 2, 5))).toMatchObject({ tag: 'left', row: { change: { op: 'insert' } } });
});

it('keeps a row that is written in another place before it is taken away from where it was', async () => {
  const table = await tableOf('heap');
  const keys = new MovedKeys();
  keys.place(change(table, 'B', null, 1));
  expect(keys.place(change(table, 'A', 1, null))).toMatchObject({ tag: 'left', row: null });
  keys.place(change(table, 'C', null, 1));
  expect(keys.place(change(table, 'C', 1, null)).tag).toBe('told');
  keys.place(change(table, 'D', null, 2));
  expect(keys.place(change(table, 'A', 3, null)).tag).toBe('told');
  expect(keys.place(change(table, 'E', 2, null)).tag).toBe('told');
});

it('forgets all with a transaction, and keeps tables apart', async () => {
  const table = await tableOf('heap');
  const keys = new MovedKeys();
  keys.place(change(table, 'A', 1, 2));
  expect(keys.place(change({ ...table, id: 'SHOP.OTHER' }, 'B', 2, null)).tag).toBe('told');
  keys.clear();
  expect(keys.place(change(table, 'B', 2, null)).tag).toBe('told');
});

it.each([
  ['heap', null, 'B'],
  ['heap', 'A', 'AAAAAAAAAAAAAAAAAA'],
  ['index', 'A', 'B'],
] as const)('says so where ROWIDs do not tell which row leaves: %s, %s, %s', async (kind, came, left) => {
  const table = await tableOf(kind);
  const keys = new MovedKeys();
  keys.place(change(table, came, 1, 2));
  expect(keys.place(change(table, left, 2, 3)).tag).toBe('untold');
});

it('keeps no more than it has room for', async () => {
  const table = await tableOf('heap');
  const keys = new MovedKeys();
  for (let id = 0; id < 100_000; id++) keys.place(change(table, `R${id}`, id, id + 1_000_000));
  expect(keys.place(change(table, 'A', 200_000, 2_000_000)).tag).toBe('untold');
});

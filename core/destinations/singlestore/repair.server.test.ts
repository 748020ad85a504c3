import { expect, inject, test } from 'vitest';
import {
  bytesOf,
  INTEGER,
  keyedPart,
  step,
  targetFor,
  testDestination,
  text,
  TEXT,
  type TableShape,
  type TestDestination,
} from '../../../test/fixtures/destination-tables.ts';
import { encodeLine } from '../../extracts/row-encoding.ts';
import type { RepairStep } from '../destination.ts';
import type { TargetTable } from '../target-table.ts';

const never = new AbortController().signal;
const SHAPE: TableShape = {
  columns: {
    id: INTEGER,
    code: text(10),
    at: { tag: 'datetime', fraction: 3 },
    raw: { tag: 'binary', maxBytes: null },
    n: TEXT,
  },
  key: ['id', 'code'],
};
const AT = '2026-11-21T10:00:00.000000Z';

function repairOf(
  target: TargetTable,
  keys: readonly (readonly string[])[],
  rows: readonly (readonly (string | null)[])[],
  rest: Partial<RepairStep> = {},
): RepairStep {
  return {
    pipeline: 'billing',
    epoch: 1,
    target,
    applied: 1,
    keys,
    at: AT,
    rows: rows.length,
    open: () => bytesOf(rows.map(encodeLine)),
    misfits: [],
    ...rest,
  };
}

const row = (id: string, code: string, n: string | null): Record<string, string | null> => ({
  id,
  code,
  at: '2026-01-01 00:00:00.120',
  raw: '00FF',
  n,
});

async function begun(t: TestDestination, transfer: 'mirror' | 'history'): Promise<TargetTable> {
  const target = targetFor(t.settings, { ...SHAPE, transfer });
  await t.destination.takeLedger('billing', 1, never);
  await t.destination.createTable(target, never);
  const rows = [row('1', 'a', 'one'), row('2', 'a', 'two'), row('3', 'A', 'three'), row('3', 'a', 'other')];
  await t.destination.merge(
    step(1, [
      keyedPart(
        target,
        rows.map((values) => ({ op: 'U', values }) as const),
      ),
    ]),
    never,
  );
  return target;
}

test('rows of keys are read, whatever their types, and no others', async () => {
  await using t = await testDestination(inject('mariadb'), 'repair_rows');
  const target = await begun(t, 'mirror');
  const rows = await Array.fromAsync(
    t.destination.fetchRows(
      target,
      [
        ['3', 'a'],
        ['2', 'A'],
        ['1', 'a'],
      ],
      never,
    ),
  );
  expect(rows.sort()).toEqual([
    ['1', 'a', '2026-01-01 00:00:00.120', '00ff', 'one'],
    ['3', 'a', '2026-01-01 00:00:00.120', '00ff', 'other'],
  ]);
});

test('a mirror: fetched rows are written, the others of the keys go, and nothing else changes', async () => {
  await using t = await testDestination(inject('mariadb'), 'repair_mirror');
  const target = await begun(t, 'mirror');
  const fetched = [
    ['1', 'a', '2026-01-01 00:00:00.12', '00ff', 'ONE'],
    ['4', 'b', null, null, null],
  ];
  const repair = repairOf(
    target,
    [
      ['1', 'a'],
      ['2', 'a'],
      ['4', 'b'],
      ['5', 'x'],
    ],
    fetched,
  );
  expect(await t.destination.repair(repair, never)).toEqual({ inserts: 1, updates: 1, deletes: 1 });
  expect(await t.sql('SELECT id, code, n FROM t ORDER BY id, code')).toEqual([
    { id: 1, code: 'a', n: 'ONE' },
    { id: 3, code: 'A', n: 'three' },
    { id: 3, code: 'a', n: 'other' },
    { id: 4, code: 'b', n: null },
  ]);
  expect(await t.destination.repair(repair, never)).toEqual({ inserts: 0, updates: 0, deletes: 0 });
  expect(await t.sql('SELECT COUNT(*) AS n FROM t__staging')).toEqual([{ n: 0 }]);
  expect((await t.destination.ledger('billing', never)).applied).toBe(1);
});

test('a history: an open version is corrected with its start kept, a missing one begins, one that is gone ends', async () => {
  await using t = await testDestination(inject('mariadb'), 'repair_history');
  const target = await begun(t, 'history');
  await t.sql(`UPDATE t SET n = 'wrong' WHERE id = 1`);
  await t.sql(`DELETE FROM t WHERE id = 2`);
  const fetched = [
    ['1', 'a', '2026-01-01 00:00:00.12', '00ff', 'one'],
    ['2', 'a', '2026-01-01 00:00:00.12', '00ff', 'two'],
  ];
  const repair = repairOf(
    target,
    [
      ['1', 'a'],
      ['2', 'a'],
      ['3', 'a'],
      ['9', 'x'],
    ],
    fetched,
  );
  expect(await t.destination.repair(repair, never)).toEqual({ inserts: 1, updates: 1, deletes: 1 });
  const versions = 'SELECT id, code, n, valid_from, valid_to FROM t ORDER BY id, code, valid_from';
  const [before, repaired, open] = [
    '2026-11-21 09:00:00.000000',
    '2026-11-21 10:00:00.000000',
    '9999-12-31 00:00:00.000000',
  ];
  const expected = [
    { id: 1, code: 'a', n: 'one', valid_from: before, valid_to: open },
    { id: 2, code: 'a', n: 'two', valid_from: repaired, valid_to: open },
    { id: 3, code: 'A', n: 'three', valid_from: before, valid_to: open },
    { id: 3, code: 'a', n: 'other', valid_from: before, valid_to: repaired },
  ];
  expect(await t.sql(versions)).toEqual(expected);
  expect(await t.destination.repair(repair, never)).toEqual({ inserts: 0, updates: 0, deletes: 0 });
  expect(await t.sql(versions)).toEqual(expected);
  // The next extract ends the version that the repair began, and the row that was ended comes again.
  const later = '2026-11-21 11:00:00.000000';
  const changes = [row('2', 'a', 'TWO'), row('3', 'a', 'again')].map(
    (values, index) => ({ op: 'U', values, at: later, seq: 20_000_000_000 + index }) as const,
  );
  await t.destination.merge(step(2, [keyedPart(target, changes)]), never);
  expect((await t.sql(versions)).map(({ id, code, n, valid_to }) => [id, code, n, valid_to])).toEqual([
    [1, 'a', 'one', open],
    [2, 'a', 'two', later],
    [2, 'a', 'TWO', open],
    [3, 'A', 'three', open],
    [3, 'a', 'other', repaired],
    [3, 'a', 'again', open],
  ]);
  expect(await t.destination.overlappingVersions(target, { tag: 'whole' }, never)).toBe(0);
});

test('a version that a repair begins does not begin before the last one has ended', async () => {
  await using t = await testDestination(inject('mariadb'), 'repair_clocks');
  const target = await begun(t, 'history');
  await t.sql(`UPDATE t SET valid_to = '2026-11-21 12:00:00' WHERE id = 2`);
  const fetched = [['2', 'a', null, null, 'back']];
  await t.destination.repair(repairOf(target, [['2', 'a']], fetched), never);
  expect((await t.sql('SELECT valid_from FROM t WHERE id = 2 ORDER BY valid_from')).at(-1)).toEqual({
    valid_from: '2026-11-21 12:00:00.000000',
  });
  expect(await t.destination.overlappingVersions(target, { tag: 'whole' }, never)).toBe(0);
  await t.sql(`UPDATE t SET valid_to = '2026-11-21 13:00:01' WHERE id = 2 AND n = 'two'`);
  expect(await t.destination.overlappingVersions(target, { tag: 'whole' }, never)).toBe(1);
  const elsewhere = { tag: 'key', column: 'id', compareAs: 'number', after: '2', upTo: null } as const;
  expect(await t.destination.overlappingVersions(target, elsewhere, never)).toBe(0);
});

test('a table that is all key, and misfits, which are set aside in the same transaction', async () => {
  await using t = await testDestination(inject('mariadb'), 'repair_all_key');
  const target = targetFor(t.settings, { columns: { id: INTEGER }, key: ['id'] });
  await t.destination.takeLedger('billing', 1, never);
  await t.destination.createTable(target, never);
  await t.destination.merge(
    step(1, [
      keyedPart(target, [
        { op: 'U', values: { id: '1' } },
        { op: 'U', values: { id: '7' } },
      ]),
    ]),
    never,
  );
  const misfits = [{ column: 'id', reason: 'too large', row: { id: '7' }, position: 'P' }];
  const counts = await t.destination.repair(
    repairOf(target, [['1'], ['2'], ['7']], [['1'], ['2']], { misfits }),
    never,
  );
  expect(counts.deletes).toBe(1);
  expect(await t.sql('SELECT id FROM t ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await t.sql('SELECT tbl, col, position FROM penstock_quarantine')).toEqual([
    { tbl: 'public.t', col: 'id', position: 'P' },
  ]);
});

test('fenced: an old epoch, and a table that stands elsewhere, change nothing', async () => {
  await using t = await testDestination(inject('mariadb'), 'repair_fenced');
  const target = await begun(t, 'mirror');
  const repair = repairOf(target, [['1', 'a']], []);
  await expect(t.destination.repair({ ...repair, applied: 2 }, never)).rejects.toMatchObject({ code: 'PS4011' });
  await t.again().takeLedger('billing', 2, never);
  await expect(t.destination.repair(repair, never)).rejects.toMatchObject({ code: 'PS4006' });
  expect(await t.sql('SELECT COUNT(*) AS n FROM t')).toEqual([{ n: 4 }]);
});

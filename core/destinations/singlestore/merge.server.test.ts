import { describe, expect, inject, test } from 'vitest';
import {
  INTEGER,
  keyedPart,
  step,
  targetFor,
  testDestination,
  text,
  TEXT,
  type TestDestination,
} from '../../../test/fixtures/destination-tables.ts';
import type { TargetTable } from '../target-table.ts';

const never = new AbortController().signal;
const SHAPE = { columns: { id: INTEGER, name: text(40), note: TEXT }, key: ['id'] };

async function prepared(database: string): Promise<TestDestination & { target: TargetTable }> {
  const test = await testDestination(inject('mariadb'), database);
  const target = targetFor(test.settings, SHAPE);
  await test.destination.takeLedger('billing', 1, never);
  await test.destination.createTable(target, never);
  return { ...test, target };
}

describe('mirror by key', () => {
  test('inserts, updates and deletes, and counts them', async () => {
    await using t = await prepared('merge_counts');
    const first = await t.destination.merge(
      step(1, [
        keyedPart(t.target, [
          { op: 'U', values: { id: '1', name: 'ann', note: 'x' } },
          { op: 'U', values: { id: '2', name: 'bob', note: null } },
          { op: 'U', values: { id: '3', name: 'cy', note: 'z' } },
        ]),
      ]),
      never,
    );
    expect(first.tables.get('public.t')).toEqual({ inserts: 3, updates: 0, deletes: 0 });
    const second = await t.destination.merge(
      step(2, [
        keyedPart(t.target, [
          { op: 'U', values: { id: '1', name: 'ann', note: 'x' } },
          { op: 'U', values: { id: '2', name: 'bea', note: 'new' } },
          { op: 'U', values: { id: '4', name: 'dan', note: '' } },
          { op: 'D', values: { id: '3' } },
          { op: 'D', values: { id: '9' } },
        ]),
      ]),
      never,
    );
    expect(second.tables.get('public.t')).toEqual({ inserts: 1, updates: 2, deletes: 1 });
    expect(await t.sql('SELECT * FROM t ORDER BY id')).toEqual([
      { id: 1, name: 'ann', note: 'x' },
      { id: 2, name: 'bea', note: 'new' },
      { id: 4, name: 'dan', note: '' },
    ]);
    expect(await t.sql('SELECT COUNT(*) AS n FROM t__staging')).toEqual([{ n: 0 }]);
    expect((await t.destination.ledger('billing', never)).applied).toBe(2);
  });
});

import { expect, it } from 'vitest';
import { newTableRecord, type TableRecord } from '../../../core/catalog/records.ts';
import { allTables, matching, pageOfTables, schemasOf, type TableFilter } from './table-list.ts';

const listed = Array.from({ length: 10_000 }, (_, index) => ({
  table: { schema: `s${index % 10}`, name: `Table_${String(index).padStart(5, '0')}` },
  key: index % 3 === 0 ? null : ['id'],
  estimatedRows: index,
}));
const chosen = new Map([
  ['s1.Table_00001', { name: 's1.Table_00001', mask: ['a'] }],
  ['gone.away', { name: 'gone.away' }],
]);
const records = new Map([
  ['s1.Table_00001', { ...newTableRecord('s1.Table_00001'), state: { tag: 'following' as const }, copiedRows: 7 }],
]);
const proof = {
  ...{ table: 's1.Table_00001', generation: 0, fingerprint: '', verdict: 'different' as const, position: '0/7' },
  ...{ at: '2026-11-21T09:00:00.000000Z', rows: 5, destinationRows: 5, chunks: 1, checksum: '', differing: 2 },
  ...{ unsettled: 0, repaired: 1, columns: ['total'], differsSince: '2026-11-21T09:00:00.000000Z' },
};
const proofs = new Map([[proof.table, proof]]);
const rows = allTables({ listed, chosen, records, proofs });

it('has all tables of the source, and those that are chosen and gone', () => {
  expect(rows).toHaveLength(10_001);
  expect(rows[0]).toMatchObject({ id: 'gone.away', atSource: false, selected: true, state: { tag: 'new' } });
  expect(matching(rows, { search: 'table_00001' })).toMatchObject([
    {
      id: 's1.Table_00001',
      selected: true,
      copiedRows: 7,
      options: { mask: ['a'], where: null },
      state: { tag: 'following' },
    },
  ]);
});

it('does not say that tables are gone where the source cannot be asked', () => {
  expect(allTables({ listed: null, chosen, records, proofs }).map(({ id, atSource }) => [id, atSource])).toEqual([
    ['gone.away', true],
    ['s1.Table_00001', true],
  ]);
});

it('pages through all of them, each once, also where one goes away meanwhile', () => {
  const seen: string[] = [];
  let after: string | undefined;
  for (let left = rows; ; left = left.filter(({ id }) => id !== after)) {
    const { items, next } = pageOfTables(left, after, 1000);
    seen.push(...items.map(({ id }) => id));
    if (next === null) break;
    after = next;
  }
  expect(seen).toHaveLength(10_001);
  expect(new Set(seen).size).toBe(10_001);
});

it('filters by schema, selection and state, and counts by schema', () => {
  expect(matching(rows, { schema: 's3' })).toHaveLength(1000);
  expect(matching(rows, { selected: 'true' })).toHaveLength(2);
  expect(matching(rows, { state: 'following' })).toHaveLength(1);
  const { schemas, total, selected } = schemasOf(rows);
  expect({ total, selected }).toEqual({ total: 10_001, selected: 2 });
  expect(schemas).toContainEqual({ schema: 's1', tables: 1000, selected: 1 });
});

it('tells of chosen tables what their last verification proved, and finds them by it', () => {
  const fingerprint = 'f1';
  const schema = { fingerprint } as NonNullable<TableRecord['schema']>;
  const copied = new Map([['s1.Table_00001', { ...newTableRecord('s1.Table_00001'), schema }]]);
  const found = (fresh: string) =>
    allTables({ listed, chosen, records: copied, proofs: new Map([[proof.table, { ...proof, fingerprint: fresh }]]) });
  const ids = (all: typeof rows, verified: TableFilter['verified']) => matching(all, { verified }).map(({ id }) => id);
  expect(found(fingerprint).find(({ id }) => id === 's1.Table_00001')?.verification).toMatchObject({
    ...{ verdict: 'different', columns: ['total'], repaired: 1, stale: null },
  });
  expect(ids(found(fingerprint), 'different')).toEqual(['s1.Table_00001']);
  expect(ids(found(fingerprint), 'never')).toEqual(['gone.away']);
  expect(ids(found('f0'), 'different')).toEqual([]);
  expect(ids(found('f0'), 'stale')).toEqual(['s1.Table_00001']);
});

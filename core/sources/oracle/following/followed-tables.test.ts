import { expect, it } from 'vitest';
import { tableId } from '../../../changes/table-name.ts';
import type { SourceTable } from '../source-table.ts';
import { FollowedTable } from './followed-table.ts';
import { FollowedTables } from './followed-tables.ts';
import { keptBytes, MOST_KEPT } from './most-kept.ts';
import { keptTables, printKept, readKept, structureOf } from './table-structure.ts';

const reading = { fromLogs: true, policies: { rawAsHex: false, nanoseconds: 'text', zonedTimes: 'text' } } as const;

function sourceTable(number: number, columns: readonly string[]): SourceTable {
  return {
    ...{ table: { schema: 'S', name: `T${number}` }, objectId: `${number}`, kind: 'heap', alteredAt: '' },
    ...{ isTemporary: false, isNested: false, isExternal: false, hasRowScns: false, makesParts: false },
    columns: columns.map((name, index) => ({
      ...{
        name,
        place: index + 1,
        type: { tag: 'varchar', isNational: false, characters: 9 },
        declared: 'VARCHAR2(9)',
      },
      ...{ bytes: 9, nullable: index > 0, isEncrypted: false, isVirtual: false, default: null },
      placeInPrimaryKey: index === 0 ? 1 : null,
    })),
  };
}

function followed(number: number): FollowedTable {
  const source = sourceTable(number, ['ID']);
  const selection = { table: source.table, key: null, mask: [], typeChange: {}, where: null, timestampColumn: null };
  return new FollowedTable(selection, reading, { source, scn: '10' }, structureOf(source));
}

function tablesUpTo(count: number): FollowedTables {
  return new FollowedTables(
    Array.from({ length: count }, (_, index) => followed(index + 1)),
    null,
  );
}

const keptOf = (tables: FollowedTables): string[] => [...readKept(keptTables.parse(JSON.parse(tables.kept))).keys()];

it('a position remembers all tables where they are few', () => {
  expect(keptOf(tablesUpTo(3))).toEqual(['S.T1', 'S.T2', 'S.T3']);
});

it('a position remembers the tables that rows were told of last where they are many, and does not grow with them', () => {
  const tables = tablesUpTo(MOST_KEPT + 20);
  expect(keptOf(tables)).toHaveLength(MOST_KEPT);
  tables.told(`S.T${MOST_KEPT + 7}`);
  expect(keptOf(tables)).toHaveLength(MOST_KEPT);
  expect(keptOf(tables)).toContain(`S.T${MOST_KEPT + 7}`);
});

it('a column that no row was told with yet is remembered whatever else is', () => {
  const tables = tablesUpTo(MOST_KEPT + 20);
  const source = sourceTable(1, ['ID', 'C']);
  tables.alter('S.T1', { source, scn: '20' }, [{ name: 'C', default: { tag: 'constant', text: 'x' } }]);
  for (let number = 2; number <= MOST_KEPT + 20; number++) tables.told(`S.T${number}`);
  expect(keptOf(tables)).toContain('S.T1');
  tables.told('S.T1');
  for (let number = 2; number <= MOST_KEPT + 20; number++) tables.told(`S.T${number}`);
  expect(keptOf(tables)).not.toContain('S.T1');
});

it('a position tells any table again, and one of plain names in a few bytes', () => {
  const [plain, odd] = [
    { schema: 'S', name: 'ORDERS' },
    { schema: 'a:b c.', name: 'größe: 100% "x" 🎉' },
  ];
  const kept = { object: '4294967295', last: 1000, hash: 'abcd_-12', added: {} };
  const added = { ...kept, hash: '', added: { 'A:B C': 'its: "5%"', D: null } };
  const printed = printKept([
    [plain, kept],
    [odd, added],
    [{ ...plain, name: 'x y' }, kept],
  ]);
  const read = readKept(keptTables.parse(JSON.parse(JSON.stringify(printed))));
  expect([...read]).toEqual([
    [tableId(plain), kept],
    [tableId({ ...plain, name: 'x y' }), kept],
    [tableId(odd), added],
  ]);
  expect(printKept([[plain, kept]])).toEqual({ S: 'ORDERS:4294967295:1000:abcd_-12' });
});

it('an estimate of cost knows how long the positions of many tables are', () => {
  const printed = (count: number) => JSON.stringify(JSON.parse(tablesUpTo(count).kept)).length;
  for (const count of [20, MOST_KEPT, MOST_KEPT + 50]) {
    const told = keptBytes(count) - keptBytes(0);
    // Names of two or three characters and numbers as short, where others have some twelve and five.
    expect(told - printed(count)).toBeGreaterThan(0);
    expect(told - printed(count)).toBeLessThan(Math.min(count, MOST_KEPT) * 15);
  }
});

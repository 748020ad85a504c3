import { expect, it } from 'vitest';
import type { SourceTable } from '../source-table.ts';
import { FollowedTable } from './followed-table.ts';
import { FollowedTables } from './followed-tables.ts';
import { MOST_KEPT, structureOf } from './table-structure.ts';

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

const keptOf = (tables: FollowedTables): string[] => Object.keys(JSON.parse(tables.kept) as object);

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

import { describe, expect, test } from 'vitest';
import { tableSchema, type RowIdentity, type TableSchema } from '../changes/table-schema.ts';
import { hasCode } from '../errors/penstock-error.ts';
import { refuseCollisions, targetOf, workingTables, type NamingSettings } from './target-naming.ts';
import type { TargetTable } from './target-table.ts';

const DESTINATION = {
  database: 'shop',
  addDatabasePrefix: false,
  schemaForAllTables: null,
  ignoreDatabaseNameInSchema: false,
  schemaForStagingTables: null,
};
const HISTORY = { startColumn: 'valid_from', endColumn: 'valid_to', openEndDate: '9999-12-31', keepByDefault: false };

function naming(
  destination: Partial<NamingSettings['destination']> = {},
  database: string | null = 'erp',
): NamingSettings {
  return {
    destination: { ...DESTINATION, ...destination },
    history: HISTORY,
    source: { specific: database === null ? {} : { database } },
  };
}

function schema(
  text: string,
  columns: readonly string[] = ['id'],
  identity: RowIdentity = { tag: 'key', columns: ['id'] },
): TableSchema {
  const [schemaName, name] = text.split('.');
  return tableSchema({
    table: { schema: schemaName ?? '', name: name ?? '' },
    columns: columns.map((column) => ({
      name: column,
      type: { tag: 'double' },
      nullable: true,
      sourceType: '',
      backfill: null,
    })),
    identity,
  });
}

const place = ({ database, name, stagingDatabase }: TargetTable): string => `${database}.${name} ${stagingDatabase}`;
const at = (settings: NamingSettings, table = 'sales.orders'): string =>
  place(targetOf(settings, { transfer: 'mirror' }, schema(table)));

describe('where a table lands', () => {
  test('by the settings', () => {
    expect(at(naming())).toBe('shop.orders shop');
    expect(at(naming({ addDatabasePrefix: true }))).toBe('shop.erp_sales_orders shop');
    expect(at(naming({ addDatabasePrefix: true, ignoreDatabaseNameInSchema: true }))).toBe('shop.sales_orders shop');
    expect(at(naming({ ignoreDatabaseNameInSchema: true }))).toBe('shop.orders shop');
    expect(at(naming({ addDatabasePrefix: true }, null))).toBe('shop.sales_orders shop');
    expect(at(naming({ addDatabasePrefix: true }, 'sales'))).toBe('shop.sales_orders shop');
    expect(at(naming({ schemaForAllTables: 'all' }))).toBe('all.orders all');
    expect(at(naming({ schemaForAllTables: 'all', schemaForStagingTables: 'stage', addDatabasePrefix: true }))).toBe(
      'all.erp_sales_orders stage',
    );
  });

  test('names stay within 63 characters, and different ones stay different', () => {
    const long = 'x'.repeat(62);
    const names = [`${long}1`, `${long}2`, '😀'.repeat(31)].flatMap((name) => [
      name,
      ...Object.values<string>({ ...workingTables(name) }),
    ]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => name.length <= 63 && name.isWellFormed())).toBe(true);
    const prefixed = targetOf(naming({ addDatabasePrefix: true }), { transfer: 'mirror' }, schema(`sales.${long}`));
    expect(prefixed.name).toHaveLength(63);
  });
});

describe('what collides', () => {
  const targets = (settings: NamingSettings, ...tables: string[]): TargetTable[] =>
    tables.map((table) => targetOf(settings, { transfer: 'mirror' }, schema(table)));

  test('two tables of one name, named both', () => {
    expect(() => refuseCollisions(targets(naming(), 'a.orders', 'b.orders'))).toThrow(
      /PS1003.*a\.orders and b\.orders.*shop\.orders/,
    );
    expect(() => refuseCollisions(targets(naming({ addDatabasePrefix: true }), 'a.orders', 'b.orders'))).not.toThrow();
    expect(() => refuseCollisions(targets(naming({ addDatabasePrefix: true }, null), 'a_b.c', 'a.b_c'))).toThrow(
      /PS1003/,
    );
  });

  test('working tables and our own', () => {
    for (const name of ['orders__staging', 'orders__copy', 'orders__raw', 'orders__old']) {
      expect(() => refuseCollisions(targets(naming(), 'a.orders', `a.${name}`))).toThrow(/PS1003/);
    }
    expect(() =>
      refuseCollisions(targets(naming({ schemaForStagingTables: 's' }), 'a.orders', 'a.orders__staging')),
    ).not.toThrow();
    expect(() => refuseCollisions(targets(naming(), 'a.penstock_ledger'))).toThrow(/PS1003/);
  });
});

describe('columns', () => {
  const refusal = (columns: readonly string[], transfer: 'mirror' | 'history' = 'mirror'): unknown => {
    try {
      targetOf(naming(), { transfer }, schema('a.t', ['id', ...columns]));
      return null;
    } catch (error) {
      return hasCode(error, 'PS1001') ? error.table : error;
    }
  };

  test('that cannot stand at the destination are refused with their table', () => {
    for (const column of ['__op', '__SEQ', '__origin12', '__row', 'ID', 'x'.repeat(64), 'space '])
      expect(refusal([column])).toBe('a.t');
    expect(refusal(['Valid_From'], 'history')).toBe('a.t');
    for (const column of ['valid_from', '_op', '__operation', 'x'.repeat(63)]) expect(refusal([column])).toBeNull();
  });

  test('a history needs a key, and its dates come from the settings', () => {
    expect(() => targetOf(naming(), { transfer: 'history' }, schema('a.t', ['id'], { tag: 'row' }))).toThrow(
      /PS1001.*no key/,
    );
    const target = targetOf(naming(), { transfer: 'history' }, schema('a.t', ['id', 'v']));
    expect(target.keeping).toEqual({
      tag: 'history',
      startColumn: 'valid_from',
      endColumn: 'valid_to',
      openEnd: '9999-12-31 00:00:00.000000',
    });
    expect(target.columns.map(({ name, inKey, nullable }) => [name, inKey, nullable])).toEqual([
      ['id', true, false],
      ['v', false, true],
    ]);
  });
});

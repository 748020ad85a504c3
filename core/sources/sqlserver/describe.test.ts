import { describe, expect, it } from 'vitest';
import { selectionOf } from '../../../test/fixtures/sqlserver-scripted/catalog.ts';
import { replicatedTable, sourceIdOf, type Reading } from './describe.ts';
import { conditionsOf } from './fetch-rows.ts';
import type { SourceColumn, SourceTable } from './source-table.ts';
import type { SourceType } from './values/source-type.ts';

const policies = { zeroLengthStrings: 'keep', seventhDigit: 'text', zonedTimes: 'utc' } as const;
const INT: SourceType = { tag: 'integer', bits: 32 };

function column(name: string, columnId: number, more: Partial<SourceColumn> = {}): SourceColumn {
  return {
    name,
    columnId,
    type: INT,
    declared: 'int',
    nullable: true,
    isComputed: false,
    default: null,
    collation: null,
    placeInPrimaryKey: null,
    ...more,
  };
}

function table(columns: readonly SourceColumn[]): SourceTable {
  return { table: { schema: 'dbo', name: 't' }, objectId: '77', isInMemory: false, temporal: 'no', columns };
}

const id = column('id', 1, { nullable: false, placeInPrimaryKey: 1 });
const reading = (changes: Reading['changes'], more: Partial<Reading['policies']> = {}): Reading => ({
  changes,
  policies: { ...policies, ...more },
});

describe('columns', () => {
  it('computed ones are read from the table, and not from a change table', () => {
    const source = table([id, column('sum', 2, { isComputed: true })]);
    const names = (changes: Reading['changes']) =>
      replicatedTable(source, selectionOf('t'), reading(changes)).schema.columns.map(({ name }) => name);
    expect(names('tracking')).toEqual(['id', 'sum']);
    expect(names(null)).toEqual(['id', 'sum']);
    expect(names('capture')).toEqual(['id']);
  });

  it('empty texts become NULL by choice, so that the column may be NULL, but never in a key', () => {
    const text: SourceType = { tag: 'varchar', isUnicode: true, characters: 5 };
    const source = table([
      column('k', 1, { type: text, nullable: false, placeInPrimaryKey: 1 }),
      column('v', 2, { type: text, nullable: false }),
    ]);
    const nullable = (zeroLengthStrings: 'keep' | 'null') =>
      replicatedTable(source, selectionOf('t'), reading('tracking', { zeroLengthStrings })).schema.columns.map(
        (one) => one.nullable,
      );
    expect(nullable('keep')).toEqual([false, false]);
    expect(nullable('null')).toEqual([false, true]);
  });

  it('have numbers that another table, another column, or another padding does not have', () => {
    const char = (characters: number): SourceColumn =>
      column('c', 2, { type: { tag: 'char', isUnicode: false, characters } });
    const ids = [
      sourceIdOf({ objectId: '77' }, column('a', 2)),
      sourceIdOf({ objectId: '78' }, column('a', 2)),
      sourceIdOf({ objectId: '77' }, column('a', 3)),
      sourceIdOf({ objectId: '77' }, char(10)),
      sourceIdOf({ objectId: '77' }, char(20)),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(sourceIdOf({ objectId: '77' }, column('renamed', 2))).toBe(ids[0]);
    // Digits alone are a number of the column, which it keeps under another name.
    for (const one of ids) expect(one).toMatch(/^[1-9]\d*$/);
  });

  it('what old rows have is known where it was read, else it is not', () => {
    const source = table([id, column('a', 2), column('b', 3), column('c', 4)]);
    const backfills = new Map([
      ['a', null],
      ['b', '5'],
    ]);
    const { columns } = replicatedTable(source, selectionOf('t'), reading('tracking'), backfills).schema;
    expect(columns.slice(1).map(({ backfill, backfillUnknown }) => [backfill, backfillUnknown])).toEqual([
      [null, undefined],
      ['5', undefined],
      [null, true],
    ]);
  });
});

describe('keys that are fetched', () => {
  const source = table([id, column('part', 2, { nullable: false, placeInPrimaryKey: 2 })]);
  const keys = Array.from({ length: 1500 }, (_, index) => [String(index), 'x']);

  it('come in statements of no more parameters than the server takes', () => {
    const conditions = conditionsOf(replicatedTable(source, selectionOf('t'), reading(null)), keys);
    const counts = conditions.map((one) => (one.tag === 'keys' ? one.keys.length * one.columns.length : -1));
    expect(counts).toEqual([2000, 1000]);
  });

  it('are found by the columns whose text is their value', () => {
    const selection = { ...selectionOf('t'), typeChange: { part: '@S' } };
    const [condition] = conditionsOf(replicatedTable(source, selection, reading(null)), [['1', 'x']]);
    expect(condition).toMatchObject({ tag: 'keys', columns: [{ name: 'id' }], keys: [['1']] });
  });
});

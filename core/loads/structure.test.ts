import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../changes/column-type.ts';
import { tableSchema, type RowIdentity } from '../changes/table-schema.ts';
import { planStructure } from './structure.ts';

const text = (maxCharacters: number | null): ColumnType => ({ tag: 'text', maxCharacters });
const integer = (bits: 32 | 64): ColumnType => ({ tag: 'integer', bits, unsigned: false });
const schemaOf = (columns: Record<string, ColumnType>, identity: RowIdentity = { tag: 'key', columns: ['id'] }) =>
  tableSchema({
    table: { schema: 's', name: 't' },
    columns: Object.entries(columns).map(([name, type]) => ({
      name,
      type,
      nullable: true,
      sourceType: '',
      backfill: null,
    })),
    identity,
  });
const before = schemaOf({ id: integer(32), name: text(20) });

describe('structure plan', () => {
  it('applies an added column and a wider type by itself', () => {
    expect(planStructure(before, schemaOf({ id: integer(64), name: text(30), note: text(null) }))).toEqual({
      tag: 'safe',
      changes: [
        { tag: 'widen', column: 'id' },
        { tag: 'widen', column: 'name' },
        { tag: 'add', column: 'note' },
      ],
    });
  });

  it('stops at everything that could lose something, and names it all', () => {
    const plan = planStructure(before, schemaOf({ id: text(5), title: text(20) }));
    expect(plan).toEqual({
      tag: 'unsafe',
      reason: 'column id changed from integer(32) to text(5); column name was dropped or renamed',
    });
    expect(planStructure(before, schemaOf({ id: integer(32), name: text(19) })).tag).toBe('unsafe');
    expect(planStructure(before, schemaOf({ id: integer(32), name: text(20) }, { tag: 'row' })).tag).toBe('unsafe');
  });

  it('stops at an added column of whose values in older rows the log tells nothing', () => {
    const after = schemaOf({ id: integer(32), name: text(20), token: text(36) });
    const columns = after.columns.map((column) =>
      column.name === 'token' ? { ...column, backfillUnknown: true as const } : column,
    );
    expect(planStructure(before, tableSchema({ ...after, columns }))).toEqual({
      tag: 'unsafe',
      reason: 'column token was added, and the log does not hold the values that older rows have in it',
    });
  });

  it('tells a column from another one that took its name', () => {
    const numbered = (number: string) =>
      tableSchema({
        ...before,
        columns: before.columns.map((column) => ({ ...column, sourceId: `${column.name}${number}` })),
      });
    expect(planStructure(numbered('1'), numbered('2'))).toEqual({
      tag: 'unsafe',
      reason:
        'column id was dropped and another one took its name; column name was dropped and another one took its name',
    });
    expect(planStructure(numbered('1'), before)).toEqual({ tag: 'safe', changes: [] });
  });

  it('sees no change where there is none', () => {
    expect(planStructure(before, schemaOf({ id: integer(32), name: text(20) }))).toEqual({ tag: 'same' });
  });
});

import { describe, expect, it } from 'vitest';
import type { ColumnType } from '../../changes/column-type.ts';
import { tableSchema, type RowIdentity, type TableSchema } from '../../changes/table-schema.ts';
import { passingFault } from './passing-fault.ts';

const text = (maxCharacters: number | null): ColumnType => ({ tag: 'text', maxCharacters });
const integer = (bits: 32 | 64): ColumnType => ({ tag: 'integer', bits, unsigned: false });

/** `name#id` → type; without an id the source has none. */
function schemaOf(
  columns: Record<string, ColumnType>,
  identity: RowIdentity = { tag: 'key', columns: ['id'] },
): TableSchema {
  return tableSchema({
    table: { schema: 's', name: 't' },
    columns: Object.entries(columns).map(([name, type]) => {
      const [label = '', sourceId] = name.split('#');
      const ids = sourceId === undefined ? {} : { sourceId };
      return { name: label, ...ids, type, nullable: true, sourceType: '', backfill: null };
    }),
    identity,
  });
}

const has = schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64) });

describe('structures on the way', () => {
  const now = schemaOf({ 'id#1': integer(32), 'title#2': text(20), 'n#3': integer(64) });

  it('may be passed over where no value changed', () => {
    expect(passingFault(has, [], now)).toBeNull();
    expect(passingFault(has, [has, schemaOf({ id: integer(32), name: text(20), n: integer(64) })], now)).toBeNull();
  });

  it('are in the way where the source may have changed rows without logging them', () => {
    const narrower = schemaOf({ 'id#1': integer(32), 'name#2': text(5), 'n#3': integer(64) });
    const other = schemaOf({ 'id#1': integer(32), 'name#2': integer(32), 'n#3': integer(64) });
    expect(passingFault(has, [narrower], has)).toMatch(/name changed from text\(20\) to text\(5\)/);
    expect(passingFault(has, [other], has)).toMatch(/name changed from text\(20\) to integer/);
  });
});

describe('another key', () => {
  const now = schemaOf({ 'id#1': integer(32), 'name#2': text(20), 'n#3': integer(64) }, { tag: 'key', columns: ['n'] });

  it('is no obstacle where the first rows that wait have it', () => {
    expect(passingFault(has, [], now)).toBeNull();
    expect(passingFault(has, [schemaOf({ 'id#1': integer(32), 'n#3': integer(64) }, now.identity)], now)).toBeNull();
  });

  it('is one where rows under the old key come before', () => {
    expect(passingFault(has, [has], now)).toMatch(/rows under the key \(id\) wait/);
  });
});

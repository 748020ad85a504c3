import { describe, expect, it } from 'vitest';
import { tableSchema, type TableSchema } from '../changes/table-schema.ts';
import { hasCode } from '../errors/penstock-error.ts';
import { partColumns } from './part-columns.ts';

/** `name#id`; without an id the source has none, or did not know it any more. */
function schemaOf(...names: readonly string[]): TableSchema {
  return tableSchema({
    table: { schema: 's', name: 't' },
    columns: names.map((text) => {
      const [name = '', sourceId] = text.split('#');
      const type = { tag: 'double' } as const;
      return {
        name,
        ...(sourceId === undefined ? {} : { sourceId }),
        type,
        nullable: true,
        sourceType: '',
        backfill: null,
      };
    }),
    identity: { tag: 'key', columns: ['id'] },
  });
}

const NONE = { renames: [], keptColumns: [] };

describe('the columns of an older part', () => {
  it('are found by their ids, whatever their names are by now', () => {
    const table = schemaOf('id#1', 'title#2', 'name#4');
    expect(partColumns(schemaOf('name#2', 'id#1'), table, NONE)).toEqual(['title', 'id']);
    expect(partColumns(table, table, NONE)).toEqual(['id', 'title', 'name']);
  });

  it('are found by what they were called, step by step, where there are no ids', () => {
    const renames = [
      { from: 'name', to: 'title' },
      { from: 'title', to: 'label' },
    ];
    expect(partColumns(schemaOf('id', 'name'), schemaOf('id', 'label'), { ...NONE, renames })).toEqual(['id', 'label']);
    expect(partColumns(schemaOf('id', 'title'), schemaOf('id#1', 'label#2'), { ...NONE, renames })).toEqual([
      'id',
      'label',
    ]);
  });

  it('are found by name where ids are no numbers', () => {
    const table = schemaOf('id#integer', 'a#text', 'b#text', 'n#integer');
    expect(partColumns(schemaOf('id#integer', 'b#text', 'a#text'), table, NONE)).toEqual(['id', 'b', 'a']);
  });

  it('are passed over only where the source is known to have dropped them', () => {
    const table = schemaOf('id#1');
    expect(partColumns(schemaOf('id#1', 'Old#2'), table, { ...NONE, keptColumns: ['old'] })).toEqual(['id', null]);
    for (const part of [schemaOf('id#1', 'old#2'), schemaOf('id#1', 'old'), schemaOf('id#9')]) {
      let error: unknown = null;
      try {
        partColumns(part, table, NONE);
      } catch (thrown) {
        error = thrown;
      }
      expect(hasCode(error, 'PS4005') && error.table).toBe('s.t');
    }
  });

  it('are not guessed where one of that name was dropped, another one has it now, and the part does not tell which it was', () => {
    const table = schemaOf('id#1', 'name#7');
    const fates = { ...NONE, keptColumns: ['name'] };
    expect(partColumns(schemaOf('id#1', 'name#7', 'name#2'), table, fates)).toEqual(['id', 'name', null]);
    expect(() => partColumns(schemaOf('id#1', 'name'), table, fates)).toThrow('column name');
  });
});

import { describe, expect, it } from 'vitest';
import { RedoParser } from '../redo/redo-parser.ts';
import type { RedoImage, RedoStatement } from '../redo/redo-statement.ts';
import type { SourceColumn } from '../source-table.ts';
import type { SourceType } from '../values/source-type.ts';
import { namedStatement } from './raw-statement.ts';

const NUMBER: SourceType = { tag: 'number', precision: 38, scale: null };

function column(name: string, place: number | null, type: SourceType = NUMBER): SourceColumn {
  return {
    ...{ name, place, type, declared: '', bytes: 22, nullable: true, isEncrypted: false, isVirtual: place === null },
    ...{ default: null, placeInPrimaryKey: null },
  };
}

/** Place 3 is that of a column which the server made for itself. */
const COLUMNS = [column('A', 1), column('SUM', null), column('B', 2), column('C', 4), column('L', 5, { tag: 'blob' })];

function named(sql: string): RedoStatement | null {
  const statement = new RedoParser('strict').parse(sql);
  if (statement.op === 'fault') throw new Error(statement.reason);
  return namedStatement(COLUMNS, statement);
}

function told({ names, values }: RedoImage): unknown {
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

const raw = (hex: string) => ({ tag: 'raw', hex });
const TABLE = '"UNKNOWN"."OBJ# 7"';

describe('a statement that tells columns by their places', () => {
  it('has their names, without what the server keeps for itself', () => {
    const insert = named(
      `insert into ${TABLE}("COL 1","COL 2","COL 3","COL 4") values (HEXTORAW('c102'),NULL,HEXTORAW('01'),HEXTORAW('c103'))`,
    );
    expect(insert?.op === 'insert' && told(insert.set)).toEqual({ A: raw('c102'), B: { tag: 'null' }, C: raw('c103') });
    const update = named(
      `update ${TABLE} set "COL 4" = HEXTORAW('c1') where "COL 1" = HEXTORAW('c2') and "COL 2" IS NULL`,
    );
    expect(update?.op === 'update' && [told(update.set), told(update.where)]).toEqual([
      { C: raw('c1') },
      { A: raw('c2'), B: { tag: 'null' } },
    ]);
    const gone = named(`delete from ${TABLE} where "COL 2" = HEXTORAW('c2') and ROWID = 'AAA'`);
    expect(gone?.op === 'delete' && [told(gone.where), gone.rowId]).toEqual([{ B: raw('c2') }, 'AAA']);
  });

  it('of a new row has NULL behind the last place that is stored, but for what is not stored in rows', () => {
    const insert = named(`insert into ${TABLE}("COL 1") values (HEXTORAW('c102'))`);
    expect(insert?.op === 'insert' && told(insert.set)).toEqual({
      ...{ A: raw('c102'), B: { tag: 'null' }, C: { tag: 'null' } },
    });
  });

  it('is none where a column has a name', () => {
    expect(named(`insert into ${TABLE}("COL 1","B") values (NULL,NULL)`)).toBeNull();
    expect(named(`delete from ${TABLE} where "COL 0" = NULL`)).toBeNull();
  });
});

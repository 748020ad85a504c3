import { describe, expect, it } from 'vitest';
import { addedColumns } from './added-columns.ts';

function told(sql: string): unknown {
  return addedColumns(sql)?.map(({ name, default: own }) => [name, own.tag === 'constant' ? own.text : own.tag]);
}

describe('the columns that a statement adds', () => {
  it.each<[string, readonly (readonly [string, string])[]]>([
    ['ALTER TABLE t ADD (c VARCHAR2(30))', [['C', 'null']]],
    ['alter table "S"."t" add c number(6,2);', [['C', 'null']]],
    [
      `ALTER TABLE t ADD (c VARCHAR2(30) DEFAULT 'it''s, {new)' NOT NULL, "d x" DATE DEFAULT DATE '2024-02-29')`,
      [
        ['C', `'it''s, {new)'`],
        ['d x', `DATE '2024-02-29'`],
      ],
    ],
    [
      'ALTER TABLE t ADD c NUMBER DEFAULT -1.50 NOT NULL MODIFY (d NUMBER(9)) ADD e DATE',
      [
        ['C', '-1.50'],
        ['E', 'null'],
      ],
    ],
    [
      'ALTER TABLE t ADD (c NUMBER DEFAULT ON NULL 5, d NUMBER DEFAULT NULL)',
      [
        ['C', '5'],
        ['D', 'null'],
      ],
    ],
    ['ALTER TABLE t ADD (c NUMBER DEFAULT ON NULL FOR INSERT AND UPDATE 5)', [['C', 'other']]],
    ['ALTER TABLE t ADD c NUMBER DEFAULT s.nextval', [['C', 'other']]],
    ['ALTER TABLE t ADD c NUMBER DEFAULT 1 + 2', [['C', 'other']]],
    [`ALTER TABLE t ADD c DATE DEFAULT TO_DATE('1', 'J')`, [['C', 'other']]],
    ['ALTER TABLE t ADD c NUMBER GENERATED ALWAYS AS IDENTITY', [['C', 'other']]],
    ['ALTER TABLE t ADD (v NUMBER AS (a + b) VIRTUAL)', [['V', 'other']]],
    ['ALTER TABLE t ADD c NUMBER CONSTRAINT positive CHECK (c > 0)', [['C', 'null']]],
    ['ALTER TABLE t /* ADD (x NUMBER) */ ADD -- y\n c NUMBER', [['C', 'null']]],
    ['ALTER TABLE t ADD "ADD" NUMBER', [['ADD', 'null']]],
    ['ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a)', []],
    ['ALTER TABLE t ADD (CONSTRAINT k UNIQUE (a), c NUMBER)', [['C', 'null']]],
    ['ALTER TABLE t ADD PARTITION p VALUES LESS THAN (5)', []],
    ['ALTER TABLE t ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS', []],
    ['ALTER TABLE t MODIFY (c VARCHAR2(40))', []],
    ['ALTER TABLE t MOVE', []],
    [`COMMENT ON TABLE t IS 'ALTER TABLE t ADD c NUMBER'`, []],
    ['CREATE INDEX i ON t (a)', []],
  ])('%s', (sql, columns) => {
    expect(told(sql)).toEqual(columns);
  });

  it.each(['CREATE TABLE t (a NUMBER)', 'CREATE GLOBAL TEMPORARY TABLE t (a NUMBER)', 'ALTER TABLE t ADD ()'])(
    '%s: nobody knows',
    (sql) => {
      expect(addedColumns(sql)).toBeNull();
    },
  );
});

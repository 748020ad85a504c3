import type { Drift, DriftName, DriftOutcome } from '../source-under-test.ts';

const ROW = { id: '6', name: 'name 6', title: 'title 6', n: '6' };
const SHORT = { id: '6', n: '6' };
const CREATE =
  'CREATE TABLE drift (id INTEGER NOT NULL, name VARCHAR2(20), title VARCHAR2(20), n INTEGER, price NUMBER(6,2), PRIMARY KEY (id))';

export const ORACLE_DRIFTS: Readonly<Record<DriftName, Drift>> = {
  addNullable: { ddl: ['ALTER TABLE drift ADD (c VARCHAR2(30))'], insert: { ...ROW, c: 'c 6' } },
  addWithDefault: {
    ddl: [`ALTER TABLE drift ADD (c VARCHAR2(30) DEFAULT 'it''s {new}' NOT NULL, d DATE DEFAULT DATE '2024-02-29')`],
    insert: ROW,
    shown: { c: `it's {new}`, d: '2024-02-29 00:00:00' },
  },
  widen: {
    ddl: ['ALTER TABLE drift MODIFY (name VARCHAR2(40), price NUMBER(12,2))'],
    insert: { id: '6', name: 'x'.repeat(40), n: '7', price: '1234567890.12' },
  },
  narrow: { ddl: ['ALTER TABLE drift MODIFY (name VARCHAR2(10))'], insert: ROW },
  dropColumn: { ddl: ['ALTER TABLE drift DROP COLUMN name'], insert: SHORT },
  renameColumn: { ddl: ['ALTER TABLE drift RENAME COLUMN name TO label'], insert: { ...SHORT, label: 'label 6' } },
  dropAndAddColumn: {
    ddl: ['ALTER TABLE drift DROP (name)', 'ALTER TABLE drift ADD (name VARCHAR2(20))'],
    insert: ROW,
  },
  swapColumnNames: {
    ddl: [
      'ALTER TABLE drift RENAME COLUMN name TO third',
      'ALTER TABLE drift RENAME COLUMN title TO name',
      'ALTER TABLE drift RENAME COLUMN third TO title',
    ],
    insert: ROW,
  },
  changeKey: {
    ddl: ['ALTER TABLE drift DROP PRIMARY KEY', 'ALTER TABLE drift ADD PRIMARY KEY (id, n)'],
    insert: ROW,
  },
  renameTable: { ddl: ['ALTER TABLE drift RENAME TO drift_elsewhere'], into: 'drift_elsewhere', insert: ROW },
  dropAndCreateTable: { ddl: ['DROP TABLE drift', CREATE], insert: ROW },
};

/** What Oracle has beyond that. */
export const ORACLE_OWN_DRIFTS: Readonly<Record<string, Drift & { readonly outcome: DriftOutcome }>> = {
  'an index, a comment, another default': {
    ddl: [
      'CREATE INDEX by_name ON drift (name)',
      `COMMENT ON TABLE drift IS 'x'`,
      `ALTER TABLE drift MODIFY (title DEFAULT 'later')`,
    ],
    insert: ROW,
    outcome: 'applied',
  },
  'the last added column, dropped again': {
    ddl: [
      'ALTER TABLE drift ADD (c VARCHAR2(10))',
      `INSERT INTO drift (id, c) VALUES (7, 'c 7')`,
      'ALTER TABLE drift DROP (c)',
    ],
    insert: ROW,
    outcome: 'stopped',
  },
  'a column that is not used any more': {
    ddl: ['ALTER TABLE drift SET UNUSED COLUMN name'],
    insert: SHORT,
    outcome: 'stopped',
  },
  'another type': {
    ddl: ['ALTER TABLE drift DROP (n)', 'ALTER TABLE drift ADD (n VARCHAR2(20))'],
    insert: ROW,
    outcome: 'stopped',
  },
  'a table moved to other blocks': {
    ddl: ['ALTER TABLE drift MOVE'],
    insert: ROW,
    outcome: 'applied',
  },
};

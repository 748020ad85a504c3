import type { Drift, DriftName, DriftOutcome } from '../source-under-test.ts';

const ROW = { id: '6', name: 'name 6', title: 'title 6', n: '6' };
const SHORT = { id: '6', n: '6' };
const CREATE =
  'CREATE TABLE drift (id INTEGER NOT NULL, name VARCHAR(20), title VARCHAR(20), n INTEGER, price DECIMAL(6,2), PRIMARY KEY (id))';
const renamed = (column: string, to: string) => `EXEC sp_rename 'dbo.drift.${column}', '${to}', 'COLUMN'`;
const TRACK = 'ALTER TABLE [dbo].[drift] ENABLE CHANGE_TRACKING';
const UNTRACK = 'ALTER TABLE [dbo].[drift] DISABLE CHANGE_TRACKING';

/** Extract type changeTracking: in T-SQL, as an administrator writes it. */
export const TRACKING_DRIFTS: Readonly<Record<DriftName, Drift>> = {
  addNullable: { ddl: ['ALTER TABLE drift ADD c VARCHAR(30)'], insert: { ...ROW, c: 'c 6' } },
  addWithDefault: {
    ddl: [
      `ALTER TABLE drift ADD c VARCHAR(30) NOT NULL DEFAULT 'it''s {new}'`,
      `ALTER TABLE drift ADD d DATE NOT NULL DEFAULT '2024-02-29'`,
    ],
    insert: ROW,
    shown: { c: `it's {new}`, d: '2024-02-29' },
  },
  widen: {
    ddl: [
      'ALTER TABLE drift ALTER COLUMN name VARCHAR(40)',
      'ALTER TABLE drift ALTER COLUMN n BIGINT',
      'ALTER TABLE drift ALTER COLUMN price DECIMAL(12,2)',
    ],
    insert: { id: '6', name: 'x'.repeat(40), n: '9223372036854775807', price: '1234567890.12' },
  },
  narrow: { ddl: ['ALTER TABLE drift ALTER COLUMN name VARCHAR(10)'], insert: ROW },
  dropColumn: { ddl: ['ALTER TABLE drift DROP COLUMN name'], insert: SHORT },
  renameColumn: { ddl: [renamed('name', 'label')], insert: { ...SHORT, label: 'label 6' } },
  dropAndAddColumn: {
    ddl: ['ALTER TABLE drift DROP COLUMN name', 'ALTER TABLE drift ADD name VARCHAR(20)'],
    insert: ROW,
  },
  swapColumnNames: {
    ddl: [renamed('name', 'third'), renamed('title', 'name'), renamed('third', 'title')],
    insert: ROW,
  },
  // A tracked table keeps its key.
  changeKey: {
    ddl: [
      UNTRACK,
      'ALTER TABLE drift DROP CONSTRAINT drift_pkey',
      'ALTER TABLE drift ALTER COLUMN n INTEGER NOT NULL',
      'ALTER TABLE drift ADD PRIMARY KEY (id, n)',
      TRACK,
    ],
    insert: ROW,
  },
  renameTable: { ddl: [`EXEC sp_rename 'dbo.drift', 'drift_elsewhere'`], into: 'drift_elsewhere', insert: ROW },
  dropAndCreateTable: { ddl: ['DROP TABLE drift', CREATE], insert: ROW },
};

/** What SQL Server has beyond that. */
export const TRACKING_OWN_DRIFTS: Readonly<Record<string, Drift & { readonly outcome: DriftOutcome }>> = {
  'an index, another default': {
    ddl: ['CREATE INDEX by_name ON drift (name)', `ALTER TABLE drift ALTER COLUMN title SET DEFAULT 'later'`],
    insert: ROW,
    outcome: 'applied',
  },
  'another type': { ddl: ['ALTER TABLE drift ALTER COLUMN n VARCHAR(20)'], insert: ROW, outcome: 'stopped' },
  'a default for rows that are there, of which the catalog does not tell whether they have it': {
    ddl: [`ALTER TABLE drift ADD c VARCHAR(30) NULL DEFAULT 'x' WITH VALUES`],
    insert: { ...ROW, c: 'c 6' },
    outcome: 'stopped',
  },
  'a column that is computed': {
    ddl: ['ALTER TABLE drift ADD c INTEGER GENERATED ALWAYS AS (n * 2) STORED'],
    insert: ROW,
    shown: { c: '12' },
    outcome: 'stopped',
  },
  'the last added column, dropped again': {
    ddl: ['ALTER TABLE drift ADD c VARCHAR(30)', 'ALTER TABLE drift DROP COLUMN c'],
    insert: ROW,
    outcome: 'applied',
  },
  'a masked column that was gone for a while': {
    choices: { mask: ['title'] },
    ddl: [
      'ALTER TABLE drift DROP COLUMN title',
      'INSERT INTO drift (id) VALUES (7)',
      'ALTER TABLE drift ADD title VARCHAR(20)',
    ],
    insert: SHORT,
    outcome: 'stopped',
  },
  'tracking that was off for a while': {
    ddl: [UNTRACK, 'UPDATE drift SET n = 2 WHERE id = 1', TRACK],
    insert: ROW,
    outcome: 'stopped',
  },
  'a truncated table': { ddl: ['TRUNCATE TABLE drift'], insert: ROW, outcome: 'stopped' },
  'tracking of the database that was off for a while': {
    ddl: [
      UNTRACK,
      'ALTER DATABASE CURRENT SET CHANGE_TRACKING = OFF',
      'ALTER DATABASE CURRENT SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 2 DAYS, AUTO_CLEANUP = ON)',
      TRACK,
    ],
    insert: ROW,
    outcome: 'stopped',
  },
};

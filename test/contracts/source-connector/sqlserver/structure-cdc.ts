import type { Drift, DriftName, DriftOutcome } from '../source-under-test.ts';

const ROW = { id: '6', name: 'name 6', title: 'title 6', n: '6' };
const SHORT = { id: '6', n: '6' };
const CREATE =
  'CREATE TABLE drift (id INTEGER NOT NULL, name VARCHAR(20), title VARCHAR(20), n INTEGER, price DECIMAL(6,2), PRIMARY KEY (id))';

/** A second capture instance, which holds the columns that the table has now: so an administrator makes added columns known. */
const CAPTURE_AGAIN =
  "EXEC sys.sp_cdc_enable_table @source_schema = N'dbo', @source_name = N'drift', @role_name = NULL, @capture_instance = N'drift_2', @supports_net_changes = 0";
const END_FIRST =
  "EXEC sys.sp_cdc_disable_table @source_schema = N'dbo', @source_name = N'drift', @capture_instance = N'dbo_drift'";

const RENAMED = 'error 4928: a column of a captured table cannot be renamed';
const KEPT = 'the primary key that a table had when its capture began stays as long as it is captured';

export const CDC_DRIFTS: Readonly<Record<DriftName, Drift>> = {
  addNullable: {
    ddl: ['ALTER TABLE drift ADD c VARCHAR(30) NULL', CAPTURE_AGAIN],
    insert: { ...ROW, c: 'c 6' },
  },
  addWithDefault: {
    ddl: [`ALTER TABLE drift ADD c VARCHAR(30) NOT NULL DEFAULT 'it''s {new}'`, CAPTURE_AGAIN],
    insert: ROW,
    shown: { c: `it's {new}` },
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
  renameColumn: { ddl: ["EXEC sp_rename 'dbo.drift.name', 'label', 'COLUMN'"], refused: RENAMED, insert: ROW },
  dropAndAddColumn: {
    ddl: ['ALTER TABLE drift DROP COLUMN name', 'ALTER TABLE drift ADD name VARCHAR(20) NULL'],
    insert: ROW,
  },
  swapColumnNames: { ddl: ["EXEC sp_rename 'dbo.drift.name', 'third', 'COLUMN'"], refused: RENAMED, insert: ROW },
  changeKey: { ddl: ['ALTER TABLE drift DROP CONSTRAINT drift_pkey'], refused: KEPT, insert: ROW },
  renameTable: { ddl: ["EXEC sp_rename 'dbo.drift', 'drift_elsewhere'"], into: 'drift_elsewhere', insert: ROW },
  dropAndCreateTable: { ddl: ['DROP TABLE drift', CREATE], insert: ROW },
};

/** What change data capture has beyond that. */
export const CDC_OWN_DRIFTS: Readonly<Record<string, Drift & { readonly outcome: DriftOutcome }>> = {
  'an index, a default': {
    ddl: ['CREATE INDEX by_name ON drift (name)', "ALTER TABLE drift ADD CONSTRAINT named CHECK (name <> 'nobody')"],
    insert: ROW,
    outcome: 'applied',
  },
  'a column that no capture instance holds, which is as if it were not there': {
    ddl: ['ALTER TABLE drift ADD c VARCHAR(30) NULL'],
    insert: { ...ROW, c: 'c 6' },
    outcome: 'applied',
  },
  'a second capture instance of the same columns': { ddl: [CAPTURE_AGAIN], insert: ROW, outcome: 'applied' },
  'a column that was written to before a capture instance held it': {
    ddl: ['ALTER TABLE drift ADD c VARCHAR(30) NULL', `INSERT INTO drift (id, c) VALUES (7, 'c 7')`, CAPTURE_AGAIN],
    insert: { ...ROW, c: 'c 6' },
    outcome: 'stopped',
  },
  'a default that rows may have and may not': {
    ddl: ["ALTER TABLE drift ADD c DATE NULL DEFAULT '2024-02-29'", CAPTURE_AGAIN],
    insert: ROW,
    shown: { c: '2024-02-29' },
    outcome: 'stopped',
  },
  'a computed column, of which nothing is captured': {
    ddl: ['ALTER TABLE drift ADD c AS (n * 2)', CAPTURE_AGAIN],
    insert: ROW,
    outcome: 'applied',
  },
  'a first capture instance that ended before all of it was read': {
    ddl: ['ALTER TABLE drift ADD c VARCHAR(30) NULL', CAPTURE_AGAIN, END_FIRST],
    insert: { ...ROW, c: 'c 6' },
    outcome: 'stopped',
  },
  'a capture that began anew': {
    ddl: [END_FIRST, CAPTURE_AGAIN],
    insert: ROW,
    outcome: 'stopped',
  },
  'another type': { ddl: ['ALTER TABLE drift ALTER COLUMN n VARCHAR(20)'], insert: ROW, outcome: 'stopped' },
  'a masked column that was gone for a while': {
    choices: { mask: ['title'] },
    ddl: [
      'ALTER TABLE drift DROP COLUMN title',
      'INSERT INTO drift (id) VALUES (7)',
      'ALTER TABLE drift ADD title VARCHAR(20) NULL',
    ],
    insert: SHORT,
    outcome: 'stopped',
  },
};

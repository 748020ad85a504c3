import { expect, it } from 'vitest';
import { enabling, madeTable, toTSql } from './to-t-sql.ts';

it.each([
  ['BEGIN', 'BEGIN TRANSACTION'],
  ['COMMIT', 'COMMIT TRANSACTION'],
  ['ROLLBACK', 'ROLLBACK TRANSACTION'],
  ['SAVEPOINT a', 'SAVE TRANSACTION a'],
  ['ROLLBACK TO SAVEPOINT a', 'ROLLBACK TRANSACTION a'],
  ['ALTER TABLE t ADD COLUMN n INTEGER', 'ALTER TABLE t ADD n INTEGER'],
  [`ALTER TABLE t ALTER COLUMN n SET DEFAULT 'x'`, `ALTER TABLE t ADD DEFAULT 'x' FOR n`],
  [
    'CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id))',
    'CREATE TABLE t (id INTEGER NOT NULL, CONSTRAINT t_pkey PRIMARY KEY (id))',
  ],
  ['ALTER TABLE t ADD c INTEGER GENERATED ALWAYS AS (n * 2) STORED', 'ALTER TABLE t ADD c AS (n * 2) PERSISTED'],
  // T-SQL, and what both understand.
  ['ALTER TABLE [dbo].[t] ENABLE CHANGE_TRACKING', 'ALTER TABLE [dbo].[t] ENABLE CHANGE_TRACKING'],
  [`INSERT INTO t (id, t) VALUES (1, 'BEGIN')`, `INSERT INTO t (id, t) VALUES (1, 'BEGIN')`],
])('%s', (standard, written) => {
  expect(toTSql(standard)).toBe(written);
});

it('has a table tracked or captured that is made', () => {
  expect(madeTable('CREATE TABLE t (id INTEGER)')).toBe('t');
  expect(madeTable('DROP TABLE t')).toBeNull();
  expect(enabling('t', 'cdc')).toEqual([expect.stringContaining('sp_cdc_enable_table')]);
  expect(enabling('t', 'changeTracking')).toEqual([expect.stringContaining('ENABLE CHANGE_TRACKING')]);
  expect(enabling('t', 'nothing')).toEqual([]);
  // Its rows are asked for as they were at a version.
  expect(enabling('busy', 'changeTracking').at(-1)).toContain('CREATE TRIGGER dbo.see_busy ON dbo.busy');
});

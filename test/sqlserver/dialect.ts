import type { Dialect } from '../contracts/source-connector/source-under-test.ts';

/** What the suites write in T-SQL; the rest is made of standard SQL (to-t-sql.ts). */
export const T_SQL: Omit<Dialect, 'followColumns'> = {
  longText: 'NVARCHAR(MAX)',
  literal: (text) => `N'${text.replaceAll("'", "''")}'`,
  series: (from, to) =>
    `(SELECT TOP (${to - from + 1}) CAST(${from} - 1 + ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) AS int) AS i FROM sys.all_columns AS a CROSS JOIN sys.all_columns AS b) AS numbers`,
  wholeOldRows: () => [],
  analyze: (table) => `UPDATE STATISTICS ${table}`,
  // A SNAPSHOT transaction waits for nothing but a change of structure.
  lock: (table) => ['BEGIN', `ALTER TABLE ${table} SET (LOCK_ESCALATION = TABLE)`],
  unlock: ['ROLLBACK'],
};

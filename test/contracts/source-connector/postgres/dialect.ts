import type { Dialect } from '../source-under-test.ts';

export const POSTGRES_DIALECT: Dialect = {
  longText: 'text',
  literal: (text) => `'${text.replaceAll("'", "''")}'`,
  series: (from, to) => `generate_series(${from}, ${to}) i`,
  wholeOldRows: (table) => [`ALTER TABLE ${table} REPLICA IDENTITY FULL`],
  analyze: (table) => `ANALYZE ${table}`,
  lock: (table) => ['BEGIN', `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`],
  unlock: ['COMMIT'],
};

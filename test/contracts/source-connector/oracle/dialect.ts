import type { Dialect } from '../source-under-test.ts';

/** SQL of Oracle where it differs from the standard. */
export const ORACLE_DIALECT: Dialect = {
  longText: 'CLOB',
  literal: (text) => `'${text.replaceAll("'", "''")}'`,
  series: (from, to) => `(SELECT LEVEL + ${from - 1} AS i FROM DUAL CONNECT BY LEVEL <= ${to - from + 1}) numbers`,
  noKeys: {
    'VARCHAR(20)': { values: [''], reason: "to Oracle '' is NULL" },
    TIME: { reason: 'Oracle has no type for a time of day' },
    'DOUBLE PRECISION': { values: ['-1e300'], reason: 'which is FLOAT(126), a NUMBER with an exponent of two digits' },
  },
  wholeOldRows: (table) => [`ALTER TABLE ${table} ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS`],
  analyze: (table) => `ANALYZE TABLE ${table} COMPUTE STATISTICS`,
  lock: (table) => ['BEGIN', `LOCK TABLE ${table} IN EXCLUSIVE MODE`],
  unlock: ['ROLLBACK'],
};

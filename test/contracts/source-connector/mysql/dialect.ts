import { mariaDbNumbers, mysqlNumbers } from '../../../fixtures/mysql-numbers.ts';
import type { Dialect } from '../source-under-test.ts';
import type { MysqlRelease } from './release.ts';

export function mysqlDialect({ product }: MysqlRelease): Dialect {
  const numbers = product === 'MariaDB' ? mariaDbNumbers : mysqlNumbers;
  return {
    longText: 'longtext',
    literal: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
    series: (from, to) => numbers('i', from, to),
    wholeOldRows: () => [],
    analyze: (table) => `ANALYZE TABLE ${table}`,
    lock: (table) => [`LOCK TABLES ${table} WRITE`],
    unlock: ['UNLOCK TABLES'],
  };
}

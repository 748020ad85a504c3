import type { Dialect } from '../source-under-test.ts';
import type { MysqlRelease } from './release.ts';

export function mysqlDialect({ product }: MysqlRelease): Dialect {
  return {
    longText: 'longtext',
    literal: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
    series: product === 'MariaDB' ? sequence : numbers,
    wholeOldRows: () => [],
    analyze: (table) => `ANALYZE TABLE ${table}`,
    lock: (table) => [`LOCK TABLES ${table} WRITE`],
    unlock: ['UNLOCK TABLES'],
  };
}

/** By MariaDB's sequence engine. */
function sequence(from: number, to: number): string {
  return `(SELECT CAST(seq AS SIGNED) + (${from}) AS i FROM seq_0_to_${to - from}) numbers`;
}

/** By a join of as many digits as it takes: MySQL 5.7 has no recursive queries. */
function numbers(from: number, to: number): string {
  const digits = Array.from(String(to - from), (_, place) => place);
  const tables = digits.map((place) => `(${DIGIT}) digit${place}`).join(', ');
  const sum = digits.map((place) => `digit${place}.d * ${10 ** place}`).join(' + ');
  return `(SELECT CAST(${sum} AS SIGNED) + (${from}) AS i FROM ${tables} HAVING i <= ${to} ORDER BY i) numbers`;
}

const DIGIT = `SELECT 0 AS d ${Array.from({ length: 9 }, (_, digit) => `UNION ALL SELECT ${digit + 1}`).join(' ')}`;

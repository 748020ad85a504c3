import { join } from 'node:path';
import { inject } from 'vitest';
import { MYSQL_LOSSES, mysqlFaults } from './source-connector/mysql/faults.ts';
import { ownMysql, sharedMysql } from './source-connector/mysql/servers.ts';
import { MYSQL_DRIFTS, MYSQL_OWN_DRIFTS } from './source-connector/mysql/structure.ts';
import { MYSQL_TYPES, MYSQL_TYPE_SETUP } from './source-connector/mysql/types.ts';
import { sourceConnectorContract } from './source-connector.ts';

sourceConnectorContract('MySQL (on MariaDB)', {
  openShared: () => Promise.resolve(sharedMysql(inject('mysqlSource'))),
  openOwn: ownMysql,
  dialect: {
    longText: 'longtext',
    literal: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
    series: (from, to) => `(SELECT CAST(seq AS SIGNED) + (${from}) AS i FROM seq_0_to_${to - from}) numbers`,
    wholeOldRows: () => [],
    analyze: (table) => `ANALYZE TABLE ${table}`,
    lock: (table) => [`LOCK TABLES ${table} WRITE`],
    unlock: ['UNLOCK TABLES'],
  },
  types: MYSQL_TYPES,
  typeSetup: MYSQL_TYPE_SETUP,
  typeList: join(import.meta.dirname, 'source-connector/mysql/types.expected.txt'),
  drifts: MYSQL_DRIFTS,
  ownDrifts: MYSQL_OWN_DRIFTS,
  losses: MYSQL_LOSSES,
  faults: mysqlFaults(() => sharedMysql(inject('mariadb')).database('contract_check')),
  cannot: {},
});

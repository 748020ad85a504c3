import { join } from 'node:path';
import { inject } from 'vitest';
import { startMariaDb } from '../fixtures/mariadb-server.ts';
import { mysqlDialect } from './source-connector/mysql/dialect.ts';
import { mysqlFaults, mysqlLosses } from './source-connector/mysql/faults.ts';
import { MARIADB } from './source-connector/mysql/release.ts';
import { ownMysql, sharedMysql } from './source-connector/mysql/servers.ts';
import { mysqlDrifts, mysqlOwnDrifts } from './source-connector/mysql/structure.ts';
import { mysqlTypes, MYSQL_TYPE_SETUP } from './source-connector/mysql/types.ts';
import { sourceConnectorContract } from './source-connector.ts';

sourceConnectorContract('MySQL (on MariaDB)', {
  openShared: () => Promise.resolve(sharedMysql(inject('mysqlSource'), MARIADB)),
  openOwn: () => ownMysql(MARIADB, startMariaDb),
  dialect: mysqlDialect(MARIADB),
  types: mysqlTypes(MARIADB),
  typeSetup: MYSQL_TYPE_SETUP,
  typeList: join(import.meta.dirname, 'source-connector/mysql/types.expected.txt'),
  drifts: mysqlDrifts(MARIADB),
  ownDrifts: mysqlOwnDrifts(MARIADB),
  losses: mysqlLosses(MARIADB),
  faults: mysqlFaults(MARIADB, () => sharedMysql(inject('mariadb'), MARIADB).database('contract_check')),
  cannot: {},
});

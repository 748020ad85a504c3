import { join } from 'node:path';
import { inject } from 'vitest';
import { mysqlDialect } from '../contracts/source-connector/mysql/dialect.ts';
import { mysqlFaults, mysqlLosses } from '../contracts/source-connector/mysql/faults.ts';
import { isOldMysql } from '../contracts/source-connector/mysql/release.ts';
import { ownMysql, sharedMysql } from '../contracts/source-connector/mysql/servers.ts';
import { mysqlCannot, mysqlDrifts, mysqlOwnDrifts } from '../contracts/source-connector/mysql/structure.ts';
import { mysqlTypes, MYSQL_TYPE_SETUP } from '../contracts/source-connector/mysql/types.ts';
import { sourceConnectorContract } from '../contracts/source-connector.ts';
import { startMysql } from '../fixtures/mysql-server.ts';
import { givenProgram, givenRelease } from './given-server.ts';

const program = givenProgram();
const release = givenRelease();

sourceConnectorContract(`MySQL ${release.version.join('.')}`, {
  openShared: () => Promise.resolve(sharedMysql(inject('mysqlWithLog'), release)),
  openOwn: () => ownMysql(release, (options) => startMysql(program, options)),
  dialect: mysqlDialect(release),
  types: mysqlTypes(release),
  typeSetup: MYSQL_TYPE_SETUP,
  typeList: join(import.meta.dirname, 'types.expected.txt'),
  drifts: mysqlDrifts(release),
  ownDrifts: mysqlOwnDrifts(release),
  losses: mysqlLosses(release),
  faults: mysqlFaults(release, () => sharedMysql(inject('mysqlWithoutLog'), release).database('contract_check')),
  cannot: mysqlCannot(release),
  ...(isOldMysql(release)
    ? { truncatesSnapshots: 'its TRUNCATE leaves older views nothing to see, and no error' }
    : {}),
});

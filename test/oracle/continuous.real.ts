import { join } from 'node:path';
import { ORACLE_CANNOT } from '../contracts/source-connector/oracle/cannot.ts';
import { ORACLE_DIALECT } from '../contracts/source-connector/oracle/dialect.ts';
import { LOGGED_TABLE_FAULTS } from '../contracts/source-connector/oracle/faults.ts';
import { breakableOracle, realOracle } from '../contracts/source-connector/oracle/servers-real.ts';
import { ORACLE_DRIFTS, ORACLE_OWN_DRIFTS } from '../contracts/source-connector/oracle/structure.ts';
import { oracleTypes } from '../contracts/source-connector/oracle/types.ts';
import { sourceConnectorContract } from '../contracts/source-connector.ts';
import { givenOwnTarget, givenTarget } from './given-target.ts';
import { realLosses } from './losses.ts';

const own = givenOwnTarget();

sourceConnectorContract('Oracle, continuousLogMiner', {
  openShared: () => Promise.resolve(realOracle(givenTarget(), 'continuousLogMiner')),
  openOwn: () => breakableOracle(own ?? givenTarget(), 'continuousLogMiner'),
  dialect: ORACLE_DIALECT,
  types: oracleTypes('real', 'the logs do not hold old values of large columns'),
  typeSetup: [],
  typeList: join(import.meta.dirname, 'types.expected.txt'),
  drifts: ORACLE_DRIFTS,
  ownDrifts: ORACLE_OWN_DRIFTS,
  losses: own === null ? [] : realLosses(own),
  faults: LOGGED_TABLE_FAULTS,
  cannot: ORACLE_CANNOT,
  movesByItself: 'the SCN moves on with all that the server does',
  cutsByPlace: 'ROWIDs',
  keepsSnapshots: 'AS OF SCN is read on any connection',
});

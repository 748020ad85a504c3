import { join } from 'node:path';
import { ORACLE_CANNOT } from '../contracts/source-connector/oracle/cannot.ts';
import { ORACLE_DIALECT } from '../contracts/source-connector/oracle/dialect.ts';
import { breakableOracle, realOracle } from '../contracts/source-connector/oracle/servers-real.ts';
import { ORACLE_DRIFTS, ORACLE_OWN_DRIFTS } from '../contracts/source-connector/oracle/structure.ts';
import { oracleTypes } from '../contracts/source-connector/oracle/types.ts';
import type { CheckFault } from '../contracts/source-connector/source-under-test.ts';
import { sourceConnectorContract } from '../contracts/source-connector.ts';
import { givenOwnTarget, givenTarget } from './given-target.ts';
import { realLosses } from './losses.ts';

const own = givenOwnTarget();

/** What can be wrong with tables; the database itself is others', too. */
const FAULTS: readonly CheckFault[] = [
  {
    name: 'a table of whose rows the logs hold a part',
    make: ['ALTER TABLE sound DROP SUPPLEMENTAL LOG DATA (ALL) COLUMNS'],
    code: 'oracle.table_logging',
    severity: 'error',
    remedy: 'sql',
  },
  {
    name: 'a table without a key',
    make: ['CREATE TABLE fault_no_key (a INTEGER)'],
    table: 'fault_no_key',
    code: 'oracle.no_key',
    severity: 'warning',
    remedy: /ADD PRIMARY KEY/,
  },
];

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
  faults: FAULTS,
  cannot: ORACLE_CANNOT,
  movesByItself: 'the SCN moves on with all that the server does',
  cutsByPlace: 'ROWIDs',
  keepsSnapshots: 'AS OF SCN is read on any connection',
});

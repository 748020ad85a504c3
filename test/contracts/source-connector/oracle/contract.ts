import { join } from 'node:path';
import { inject } from 'vitest';
import { oracleConnector } from '../../../../core/sources/oracle/definition.ts';
import { ORACLE_VARIANTS } from '../../../../core/sources/oracle/server/variants.ts';
import { sourceConnectorContract, type ContractScope } from '../../source-connector.ts';
import { ORACLE_CANNOT } from './cannot.ts';
import { ORACLE_DIALECT } from './dialect.ts';
import { oracleFaults } from './faults.ts';
import { ORACLE_LOSSES } from './losses.ts';
import { fakeOracle, ownFakeOracle, type OracleUnderTest } from './servers.ts';
import { ORACLE_DRIFTS, ORACLE_OWN_DRIFTS } from './structure.ts';
import { oracleTypes } from './types.ts';

interface ContractOptions {
  /** What else there is to say of it. */
  readonly about?: string;
  /** Default: whole. */
  readonly scope?: ContractScope;
  /** Whether the memory of a large transaction is measured with this one; default: it is with others. */
  readonly measuresMemory?: boolean;
}

/** Each way to read logs that keeps rows in another place, and two threads that are merged, is measured once. */
const MEMORY_PROVED_BY =
  'one transaction buffer serves all: 19c, 18c (CONTINUOUS_MINE), Fast Log Miner and RAC prove that it is bounded';

/** The contract for a kind of source of Oracle with an extract type, on the fake. `CONTRACT=whole` runs all of it for every one of them. */
export function oracleContract(
  tested: OracleUnderTest,
  { about = '', scope = 'whole', measuresMemory = false }: ContractOptions = {},
): void {
  const isWhole = process.env['CONTRACT'] === 'whole';
  const label = ORACLE_VARIANTS.find(({ type }) => type === tested.type)?.label ?? tested.type;
  sourceConnectorContract(
    `${label}, ${tested.extractType}${about} (on the fake)`,
    {
      openShared: () => Promise.resolve(fakeOracle(inject('postgres'), tested, oracleConnector)),
      openOwn: () => ownFakeOracle(tested, oracleConnector),
      dialect: ORACLE_DIALECT,
      types: oracleTypes('fake', 'the logs do not hold old values of large columns'),
      typeSetup: [],
      typeList: join(import.meta.dirname, 'types.expected.txt'),
      drifts: ORACLE_DRIFTS,
      ownDrifts: ORACLE_OWN_DRIFTS,
      losses: ORACLE_LOSSES,
      faults: oracleFaults(tested, (other, name) =>
        fakeOracle(inject('postgres'), other, oracleConnector).database(name),
      ),
      cannot: ORACLE_CANNOT,
      movesByItself: 'the SCN moves on with all that the server does',
      cutsByPlace: 'ranges of ROWIDs are read block by block',
      sharesProcess: 'the redo of the fake is kept, and told, in the process of the tests',
      ...(measuresMemory || isWhole ? {} : { memoryProvedBy: MEMORY_PROVED_BY }),
      keepsSnapshots: 'a flashback query reads by an SCN, on any connection',
    },
    isWhole ? 'whole' : scope,
  );
}

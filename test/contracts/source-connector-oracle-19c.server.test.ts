import { oracleContract } from './source-connector/oracle/contract.ts';

// 19c and newer: archived and current online logs, in turns.
oracleContract({ type: 'oracle19c', extractType: 'continuousLogMiner' }, { measuresMemory: true });

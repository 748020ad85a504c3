import { oracleContract } from './source-connector/oracle/contract.ts';

// 18c and older: the server follows the logs itself (CONTINUOUS_MINE).
// What does not depend on how the log is read runs for other kinds of Oracle; `CONTRACT=whole` runs it here too.
oracleContract(
  { type: 'oracle', extractType: 'continuousLogMiner', release: '18.14.0.0.0' },
  { about: ' (18c)', scope: 'log', measuresMemory: true },
);

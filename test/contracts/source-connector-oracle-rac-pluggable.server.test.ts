import { oracleContract } from './source-connector/oracle/contract.ts';

// Two instances, two pluggable databases; archived logs.
// What does not depend on how the log is read runs for other kinds of Oracle; `CONTRACT=whole` runs it here too.
oracleContract({ type: 'oracleRacPluggable', extractType: 'logMiner' }, { scope: 'log' });

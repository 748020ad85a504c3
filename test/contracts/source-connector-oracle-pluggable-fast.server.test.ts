import { oracleContract } from './source-connector/oracle/contract.ts';

// Two pluggable databases; archived logs, in several mining sessions.
// What does not depend on how the log is read runs for other kinds of Oracle; `CONTRACT=whole` runs it here too.
oracleContract({ type: 'oraclePluggable', extractType: 'fastLogMiner' }, { scope: 'log' });

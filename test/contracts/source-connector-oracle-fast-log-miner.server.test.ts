import { oracleContract } from './source-connector/oracle/contract.ts';

// Archived logs, in several mining sessions side by side.
// What does not depend on how the log is read runs for other kinds of Oracle; `CONTRACT=whole` runs it here too.
oracleContract({ type: 'oracle', extractType: 'fastLogMiner' }, { scope: 'log', measuresMemory: true });

import { oracleContract } from './source-connector/oracle/contract.ts';

// Two instances write, each into its own thread of redo; archived logs.
// What does not depend on how the log is read runs for other kinds of Oracle; `CONTRACT=whole` runs it here too.
oracleContract({ type: 'oracleRac', extractType: 'logMiner' }, { scope: 'log', measuresMemory: true });

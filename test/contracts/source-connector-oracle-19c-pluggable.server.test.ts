import { oracleContract } from './source-connector/oracle/contract.ts';

// The tables are in one of two pluggable databases; in the other one tables and transactions have the same numbers.
oracleContract({ type: 'oracle19cPluggable', extractType: 'continuousLogMiner' });

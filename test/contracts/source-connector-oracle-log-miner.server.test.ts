import { oracleContract } from './source-connector/oracle/contract.ts';

// Archived logs alone, some after the other.
oracleContract({ type: 'oracle', extractType: 'logMiner' });

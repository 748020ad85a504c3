import { oracleContract } from './source-connector/oracle/contract.ts';

// Archived logs, mined by another database with the dictionary that the source wrote into them.
oracleContract({ type: 'oracle', extractType: 'remoteLogMiner' });

import { oracleContract } from './source-connector/oracle/contract.ts';

// As on Amazon RDS, where nobody is let into the root: the pluggable database mines for itself.
// What does not depend on how the log is read runs for other kinds of Oracle; `CONTRACT=whole` runs it here too.
oracleContract(
  { type: 'oracle19c', extractType: 'continuousLogMiner', hasContainers: true },
  { about: ' inside a pluggable database', scope: 'log' },
);

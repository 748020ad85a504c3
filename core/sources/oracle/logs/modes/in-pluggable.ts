import { windowMode } from './online-logs.ts';

/** Continuous Log Miner inside a pluggable database (19c with release update 10, Amazon RDS): no logs can be added there, the server finds them. */
export const inPluggable = windowMode('inPluggable', true, () => ({ logs: [], isContinuous: false }));

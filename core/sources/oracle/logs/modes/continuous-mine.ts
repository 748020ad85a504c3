import { windowMode } from './online-logs.ts';

/**
 * Continuous Log Miner up to 18c: the server finds the logs itself (CONTINUOUS_MINE). Every round has an end, so that threads that write nothing
 * do not hold up the others, and nothing that surfaces late is missed.
 */
export const continuousMine = windowMode('continuousMine', true, () => ({ logs: [], isContinuous: true }));

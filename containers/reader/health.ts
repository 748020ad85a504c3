import { statSync } from 'node:fs';
import { BEAT_MILLISECONDS, HEARTBEAT_FILE } from './heartbeat.ts';

/** So many beats may be missed: a large garbage collection, a busy processor. */
const MISSED = 12;

/** The container's health check: ends with 0 while main's event loop turns, else with 1. How reading goes is in the status events. */
const touched = statSync(HEARTBEAT_FILE, { throwIfNoEntry: false })?.mtimeMs ?? 0;
process.exitCode = Date.now() - touched <= MISSED * BEAT_MILLISECONDS ? 0 : 1;

import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../../core/host/host.ts';

/** Structured lines of one function; level and service come from Powertools' own environment variables. */
export function functionLogger(name: string): Logger {
  return new Logger({ persistentKeys: { function: name, pipeline: process.env['PENSTOCK_PIPELINE'] ?? 'unknown' } });
}

/** What the core writes its lines to. Their fields stand apart, because some have the names of the logger's own. */
export function hostLog(logger: Logger): Log {
  return {
    info: (message, details = {}) => {
      logger.info(message, { details });
    },
    warn: (message, details = {}) => {
      logger.warn(message, { details });
    },
    error: (message, details = {}) => {
      logger.error(message, { details });
    },
  };
}

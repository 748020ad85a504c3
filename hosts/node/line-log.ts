import { pino } from 'pino';
import type { Log, LogFields } from '../../core/host/host.ts';

/** Log lines on stderr: readable ones on a terminal, JSON otherwise. Stdout belongs to results. */
export function lineLog(isTerminal: boolean): Log {
  if (isTerminal) return terminalLog();
  const logger = pino(
    { timestamp: pino.stdTimeFunctions.isoTime, base: null },
    pino.destination({ dest: 2, sync: true }),
  );
  return {
    info: (message, fields = {}) => {
      logger.info(fields, message);
    },
    warn: (message, fields = {}) => {
      logger.warn(fields, message);
    },
    error: (message, fields = {}) => {
      logger.error(fields, message);
    },
  };
}

function terminalLog(): Log {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const details = Object.entries(fields).map(([name, value]) => ` ${name}=${value ?? 'none'}`);
      process.stderr.write(`${new Date().toLocaleTimeString()} ${level}${message}${details.join('')}\n`);
    };
  return { info: write(''), warn: write('warning: '), error: write('error: ') };
}

import type { Log, LogFields } from '../../core/host/host.ts';
import type { Timestamp } from '../../core/changes/timestamp.ts';
import { timeText } from '../output/quantities.ts';
import type { ProgressDisplay } from './progress-display.ts';

/** Log lines between the bars of a terminal, which they would tear apart otherwise. `timestamp`: the time of a line. */
export function displayLog(display: Pick<ProgressDisplay, 'line'>, timestamp: () => Timestamp): Log {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const details = Object.entries(fields).map(([name, value]) => ` ${name}=${value ?? 'none'}`);
      display.line(`${timeText(timestamp())}  ${level}${message}${details.join('')}`);
    };
  return { info: write(''), warn: write('warning: '), error: write('error: ') };
}

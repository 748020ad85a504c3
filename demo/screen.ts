import { durationText, timeText } from '../cli/output/quantities.ts';
import { barProgress } from '../cli/progress/bar-progress.ts';
import { lineProgress } from '../cli/progress/line-progress.ts';
import type { ProgressDisplay } from '../cli/progress/progress-display.ts';
import { timestampFromMicroseconds } from '../core/changes/timestamp.ts';
import type { Log, LogFields } from '../core/host/host.ts';

/** Where the demo prints. */
export interface Screen {
  line(text: string): void;
  /** Bars on a terminal, plain lines elsewhere; in use until it is disposed of. */
  progress(): ProgressDisplay;
  /** Warnings and errors of the pipeline as lines; what is in order is told by the demo itself. */
  readonly log: Log;
}

/** A screen on a stream of this process. */
export function streamScreen(stream: NodeJS.WriteStream): Screen {
  return makeScreen((text) => stream.write(`${text}\n`), stream.isTTY ? stream : null);
}

/** A screen that only collects lines. */
export function lineScreen(line: (text: string) => void): Screen {
  return makeScreen(line, null);
}

function makeScreen(write: (text: string) => void, terminal: NodeJS.WriteStream | null): Screen {
  const now = () => performance.now();
  let shown: ProgressDisplay | null = null;
  const line = (text: string) => {
    if (shown === null) write(text);
    else shown.line(text);
  };
  return {
    line,
    progress() {
      const display = terminal === null ? lineProgress(write, now) : barProgress(terminal, now);
      shown = display;
      return {
        report: (update) => display.report(update),
        line: (text) => display.line(text),
        [Symbol.dispose]() {
          shown = null;
          display[Symbol.dispose]();
        },
      };
    },
    log: {
      info: () => undefined,
      warn: (message, fields) => line(`warning: ${message}${fieldsText(fields)}`),
      error: (message, fields) => line(`error: ${message}${fieldsText(fields)}`),
    },
  };
}

function fieldsText(fields: LogFields = {}): string {
  const texts = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
  return texts.length === 0 ? '' : ` (${texts.join(', ')})`;
}

/** `12.3 s` since a time of `performance.now()`. */
export function secondsSince(began: number): string {
  return durationText(performance.now() - began);
}

/** The time of day with its zone. */
export function timeNow(): string {
  return timeText(timestampFromMicroseconds(BigInt(Date.now()) * 1000n));
}

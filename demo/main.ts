import { constants } from 'node:os';
import { PenstockError } from '../core/errors/penstock-error.ts';
import { runDemo } from './demo.ts';
import { StoppedByUser } from './keep-running.ts';
import { parseDemoCall, USAGE } from './options.ts';
import { streamScreen, type Screen } from './screen.ts';

const SIGNAL_EXIT = 128;

/** 0: source and destination are equal. 1: they are not, or something failed. 2: the call is wrong. 128 + n: stopped by signal n. */
async function main(words: readonly string[], screen: Screen): Promise<number> {
  const call = parseDemoCall(words);
  if (call.tag === 'help') {
    screen.line(USAGE);
    return 0;
  }
  if (call.tag === 'refused') {
    screen.line(`${call.message}\n\n${USAGE}`);
    return 2;
  }
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop(name, controller, screen));
  try {
    return (await runDemo(call.options, screen, controller.signal)) ? 0 : 1;
  } catch (error) {
    if (error instanceof StoppedByUser) return SIGNAL_EXIT + constants.signals[error.signalName];
    for (const line of errorLines(error)) screen.line(line);
    return 1;
  }
}

function stop(name: NodeJS.Signals, controller: AbortController, screen: Screen): void {
  if (controller.signal.aborted) {
    screen.line(`Stopping at once: ${name} came twice.`);
    process.exit(SIGNAL_EXIT + constants.signals[name]);
  }
  screen.line(`Stopping: ${name}. Once more stops at once.`);
  controller.abort(new StoppedByUser(name));
}

function errorLines(error: unknown): string[] {
  if (error instanceof PenstockError) return [error.message, `  ${error.remedy}`];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}

process.exitCode = await main(process.argv.slice(2), streamScreen(process.stdout));

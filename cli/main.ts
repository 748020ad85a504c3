import { resolve } from 'node:path';
import type { Log } from '../core/host/host.ts';
import type { OperationContext } from '../core/operations/operation-context.ts';
import { lineLog } from '../hosts/node/line-log.ts';
import { SystemClock } from '../hosts/node/system-clock.ts';
import { assemble } from './assemble.ts';
import { chosenTables } from './chosen-tables.ts';
import { interruption, type SignalSource } from './interruption.ts';
import { errorLines, errorObject, exitCodeOf, firstError, jsonText } from './output/error-text.ts';
import { parseArguments, type Request } from './program.ts';
import { displayLog } from './progress/display-log.ts';
import { barProgress } from './progress/bar-progress.ts';
import { lineProgress } from './progress/line-progress.ts';
import type { ProgressDisplay } from './progress/progress-display.ts';
import { readConfiguration } from './read-configuration.ts';
import type { ExitCode, Outcome } from './verb.ts';
import { VERBS } from './verbs.ts';

const CLOCK = new SystemClock();
const NOTHING: Outcome = { exitCode: 0, json: {}, lines: [] };

/** What the command has of the process that it runs in. */
export interface Surroundings {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly process: SignalSource;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Instead of lines on the process's own stderr. */
  readonly log?: Log;
  /** Milliseconds that never run backwards. */
  readonly now: () => number;
}

/** The whole command: never throws; what went wrong is on stderr, and with `--json` on stdout. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stdout, stderr, version } = surroundings;
  const say = (line: string): void => {
    stderr.write(`${line}\n`);
  };
  let asked: Request | null = null;
  try {
    const output = { out: (text: string) => stdout.write(text), err: (text: string) => stderr.write(text) };
    const parsed = parseArguments(VERBS, version, args, output);
    if (parsed.tag === 'shown') return 0;
    asked = parsed.request;
    const outcome = await perform(asked, surroundings, say);
    const json = jsonText({ ok: outcome.exitCode === 0, verb: asked.verb.name, ...outcome.json });
    stdout.write(asked.json ? `${json}\n` : outcome.lines.map((line) => `${line}\n`).join(''));
    return outcome.exitCode;
  } catch (thrown) {
    const error = firstError(thrown);
    errorLines(error).forEach(say);
    // A command line that cannot be parsed may still have asked for JSON.
    if (asked?.json ?? args.includes('--json')) {
      stdout.write(`${jsonText({ ok: false, verb: asked?.verb.name ?? null, error: errorObject(error) })}\n`);
    }
    return exitCodeOf(error);
  }
}

async function perform(request: Request, surroundings: Surroundings, say: (line: string) => void): Promise<Outcome> {
  const { verb, values } = request;
  const { environment, version } = surroundings;
  const settings = verb.performAlone === undefined ? await readConfiguration(request.config) : null;
  const tables = settings === null ? null : chosenTables(request.tables, settings);
  using display = progressDisplay(surroundings, say);
  using interrupted = interruption(surroundings.process, (line) => {
    display.line(line);
  });
  const { signal } = interrupted;
  // Without a terminal the host's own lines are as good, and machines can read them.
  const isTerminal = surroundings.stderr.isTTY === true;
  const log = surroundings.log ?? (isTerminal ? displayLog(display, () => CLOCK.timestamp()) : lineLog(false));
  if (settings === null || verb.performAlone !== undefined) {
    const line = (text: string): void => {
      display.line(text);
    };
    return (await verb.performAlone?.({ environment, version, log, signal, say: line }, values)) ?? NOTHING;
  }
  await using assembly = await assemble(settings, { environment, log });
  const context: OperationContext = {
    settings,
    host: assembly.host,
    source: assembly.source,
    destination: assembly.destination,
    signal,
    progress: (update) => {
      display.report(update);
    },
  };
  if (verb.runsUntilStopped) display.line('at work; Ctrl-C or SIGTERM stops cleanly');
  const machine = {
    file: resolve(request.config),
    environment,
    version,
    log,
    host: assembly.host,
    reports: assembly.reports,
  };
  return await verb.perform(context, { tables, values, machine });
}

function progressDisplay({ stderr, now }: Surroundings, say: (line: string) => void): ProgressDisplay {
  return stderr.isTTY === true ? barProgress(stderr, now) : lineProgress(say, now);
}

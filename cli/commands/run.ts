import type { OperationContext, Progress } from '../../core/operations/operation-context.ts';
import { run as followLog } from '../../core/operations/replication/run.ts';
import { count, counted } from '../output/quantities.ts';
import type { Machine, OptionValues, Verb } from '../verb.ts';
import { failureLine } from './console.ts';
import { portOf } from './console-port.ts';

export const run: Verb = {
  name: 'run',
  summary: 'extract and load changes, without a pause or by the schedule, until Ctrl-C or SIGTERM; serves the console',
  takesTables: false,
  runsUntilStopped: true,
  flags: [
    {
      flags: '--port <n>',
      description: 'the port of the console, on 127.0.0.1 alone (default: 8081, or the next free one)',
    },
    { flags: '--no-console', description: 'without the console' },
  ],
  async perform(context, { values, machine }) {
    const seen = { extracts: 0, loads: 0, changes: 0 };
    const progress = (update: Progress): void => {
      if (update.tag === 'extract') seen.extracts++;
      if (update.tag === 'load') {
        seen.loads++;
        seen.changes += update.rows;
      }
      context.progress(update);
    };
    const counting = { ...context, progress };
    if (machine === undefined || values['console'] === false) await followLog(counting);
    else await followWithConsole(counting, machine, values);
    const line = `stopped cleanly: ${counted(seen.extracts, 'extract')}, ${count(seen.loads)} loaded, ${counted(seen.changes, 'change')}`;
    return { exitCode: 0, json: seen, lines: [line] };
  },
};

/** The console shows this pipeline alone; its operations stop what runs for their time. */
async function followWithConsole(context: OperationContext, machine: Machine, values: OptionValues): Promise<void> {
  const { settings, signal, progress } = context;
  const { file, version, log, host: base } = machine;
  const port = portOf(values['port']);
  // Loaded here, so that every other verb starts without a server.
  const { LocalInstance } = await import('../../web/local/local-instance.ts');
  const { singleConsole } = await import('../../web/local/single-console.ts');
  const { serveConsole } = await import('../../web/local/serve-console.ts');
  const { pipeline: name, state } = settings;
  // The console's instance tells people itself, by the settings as they are changed.
  await machine.reports[Symbol.asyncDispose]();
  const options = { name, file, state, version, base, onError: 'end', onProgress: progress } as const;
  await using instance = new LocalInstance(options);
  await using served = await serveConsole(singleConsole(instance, version), { port, onFailure: failureLine(log) });
  log.info('console', { url: served.url });
  await instance.supervisor.runUntil(signal);
}

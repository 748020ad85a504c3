import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Verb } from '../verb.ts';
import { portOf } from './console-port.ts';

export const console: Verb = {
  name: 'console',
  summary: 'serve the console of all pipelines of a folder to this machine, and run those that are open',
  takesTables: false,
  runsUntilStopped: true,
  flags: [
    { flags: '--home <folder>', description: 'the folder of instances, made if need be (default: ~/.penstock)' },
    {
      flags: '--port <n>',
      description: 'the port, on 127.0.0.1 alone; one that is taken is followed by the next (default: 8081)',
    },
  ],
  perform: () => Promise.reject(new Error('the console needs no configuration')),
  async performAlone({ signal, say, version, environment, log }, values) {
    const home = resolve(typeof values['home'] === 'string' ? values['home'] : join(homedir(), '.penstock'));
    const port = portOf(values['port']);
    // Loaded here, so that every other verb starts without a server.
    const { HomeConsole } = await import('../../web/local/home-console.ts');
    const { serveConsole } = await import('../../web/local/serve-console.ts');
    await using host = await HomeConsole.open({ home, version, environment, log });
    await using served = await serveConsole(host, { port, onFailure: failureLine(log) });
    say(`console of ${home}: ${served.url} (Ctrl-C or SIGTERM stops cleanly)`);
    await untilAborted(signal);
    return { exitCode: 0, json: { home, port: served.port }, lines: ['stopped cleanly'] };
  },
};

export function failureLine(log: {
  error: (message: string, fields: { reason: string }) => void;
}): (error: unknown) => void {
  return (error) => {
    log.error('the console failed to answer', {
      reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve: end } = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => {
    end(undefined);
  });
  if (signal.aborted) end(undefined);
  return promise;
}

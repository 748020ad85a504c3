import { testSource } from '../test/fixtures/test-source.ts';
import { DATABASE } from './configuration.ts';
import type { Screen } from './screen.ts';
import type { DemoServers } from './servers.ts';

interface Kept {
  readonly servers: DemoServers;
  /** The path of `penstock.yaml`. */
  readonly configuration: string;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** Says how to connect and how to stop, then waits until somebody stops it. The pipeline goes on meanwhile. */
export async function keepRunning({ servers, configuration, screen, signal }: Kept): Promise<void> {
  const { kind, source, destination } = servers;
  const lines = [
    '',
    'The servers and the pipeline keep running: what changes at the source arrives at the destination.',
    `  source       ${kind.shellCommand(source, DATABASE)}`,
    `  destination  ${testSource('mysql').shellCommand(destination, DATABASE)}`,
    `  pipeline     npm run -s penstock -- status --config ${configuration}`,
    `  stop         Ctrl-C here, or kill -INT ${process.pid}`,
  ];
  for (const line of lines) screen.line(line);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (!(signal.reason instanceof StoppedByUser)) signal.throwIfAborted();
}

/** The reason of an abort that somebody asked for. */
export class StoppedByUser extends Error {
  override readonly name = 'StoppedByUser';
  readonly signalName: NodeJS.Signals;

  constructor(signalName: NodeJS.Signals) {
    super(`stopped by ${signalName}`);
    this.signalName = signalName;
  }
}

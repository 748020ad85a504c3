import type { ExitCode } from './verb.ts';

/** Why an operation ended early: the user, or the system, asked for it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** What a process is asked to end by. */
export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: ExitCode): void;
}

/** Its signal aborts at the first SIGINT or SIGTERM; a second one ends the process at once. Listens until it is disposed of. */
export function interruption(process: SignalSource, say: (line: string) => void): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) {
      say('ended at once; what was not finished is done again next time');
      process.exit(1);
      return;
    }
    say('stopping cleanly; once more ends at once');
    controller.abort(new Interrupted('stopped by a signal'));
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}

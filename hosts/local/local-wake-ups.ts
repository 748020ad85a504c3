import type { WakeUps } from '../../core/host/host.ts';

/** Wake-ups within one process. One that nobody waits for is kept for the next who does. */
export class LocalWakeUps implements WakeUps {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #pending = new Set<string>();

  signal(pipeline: string): void {
    const waiting = this.#waiting.get(pipeline);
    if (waiting === undefined || waiting.size === 0) this.#pending.add(pipeline);
    else for (const wake of waiting) wake();
  }

  async wait(pipeline: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#pending.delete(pipeline)) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const wake = () => {
      resolve(undefined);
    };
    const abort = () => {
      reject(signal.reason as Error);
    };
    const waiting = this.#waiting.get(pipeline) ?? new Set();
    this.#waiting.set(pipeline, waiting.add(wake));
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      waiting.delete(wake);
    }
  }
}

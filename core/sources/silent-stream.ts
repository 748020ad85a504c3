import type { SourceEvent } from '../changes/change.ts';
import type { ChangeStream } from './source-connector.ts';

/** Extract type Full Extracts has no changes: the stream waits until it is ended. */
export class SilentStream implements ChangeStream {
  readonly #signal: AbortSignal;
  readonly #disposed = new AbortController();

  constructor(signal: AbortSignal) {
    this.#signal = AbortSignal.any([signal, this.#disposed.signal]);
  }

  acknowledge(): void {
    // The source keeps nothing.
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly SourceEvent[]> {
    return {
      next: () =>
        new Promise((_, reject) => {
          const end = () => {
            reject(this.#signal.reason instanceof Error ? this.#signal.reason : new Error('the stream was ended'));
          };
          if (this.#signal.aborted) end();
          else this.#signal.addEventListener('abort', end, { once: true });
        }),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    return Promise.resolve();
  }
}
